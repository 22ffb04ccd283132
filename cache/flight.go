package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// errNoReturn is the error of a load that ended by runtime.Goexit, as t.Fatal
// does in a test.
var errNoReturn = errors.New("load ended its goroutine")

// flight is a load of one key, under way, and those who wait for it.
type flight[V any] struct {
	values  context.Context    // of the caller who needed the load first; never ends
	attempt int                // counts the loads begun; the outcome of any but the last is dropped
	cancel  context.CancelFunc // ends the last attempt
	waiters int
	done    chan struct{} // closed once outcome is set
	outcome *record[V]
}

// join returns the flight of key, begun if need be, with the caller as one of
// its waiters. The caller must hold mu.
func (c *Cache[K, V]) join(ctx context.Context, key K) (*flight[V], error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.closed {
		return nil, ErrClosed
	}
	f, ok := c.flights[key]
	if !ok {
		f = c.begin(ctx, key)
	}
	f.waiters++
	return f, nil
}

// wait returns the outcome of f, or ctx's error as soon as ctx ends.
func (c *Cache[K, V]) wait(ctx context.Context, f *flight[V]) (Entry[V], error) {
	select {
	case <-f.done:
		return f.outcome.answer(time.Now())
	case <-ctx.Done():
		c.mu.Lock()
		f.waiters--
		c.mu.Unlock()
		return Entry[V]{}, ctx.Err()
	}
}

// refreshBehind begins a load of key that nobody waits for, unless one is under
// way. The caller must hold mu.
func (c *Cache[K, V]) refreshBehind(ctx context.Context, key K) {
	if _, ok := c.flights[key]; !ok && !c.closed {
		c.begin(ctx, key)
	}
}

// begin puts a key without a flight on one. The caller must hold mu.
func (c *Cache[K, V]) begin(ctx context.Context, key K) *flight[V] {
	f := &flight[V]{values: context.WithoutCancel(ctx), done: make(chan struct{})}
	c.flights[key] = f
	c.launch(key, f)
	return f
}

// launch starts the next attempt of f. The caller must hold mu.
func (c *Cache[K, V]) launch(key K, f *flight[V]) {
	ctx, cancel := context.WithTimeout(f.values, c.opts.LoadTimeout)
	f.attempt++
	f.cancel = cancel
	attempt, began := f.attempt, time.Now()
	c.loads.Go(func() { c.run(ctx, key, f, attempt, began) })
}

// run loads key and hands the outcome to f, however the load ends.
func (c *Cache[K, V]) run(ctx context.Context, key K, f *flight[V], attempt int, began time.Time) {
	var value V
	err := errNoReturn
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cache %q: load panicked: %v\n%s", c.opts.Name, p, debug.Stack())
		}
		c.finish(key, f, attempt, c.newOutcome(value, err, began))
	}()
	value, err = c.load(ctx, key)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		err = fmt.Errorf("cache %q: load exceeded %v: %w", c.opts.Name, c.opts.LoadTimeout, err)
	}
}

// finish ends f with the outcome of one of its attempts, unless that attempt
// has been overtaken.
func (c *Cache[K, V]) finish(key K, f *flight[V], attempt int, rec *record[V]) {
	c.mu.Lock()
	overtaken := c.flights[key] != f || f.attempt != attempt
	if !overtaken {
		c.keep(key, rec)
		c.settle(key, f, rec)
	}
	unheard := !overtaken && rec.failed() && f.waiters == 0
	c.mu.Unlock()
	if unheard {
		c.opts.OnRefreshError(key, rec.err)
	}
}

// settle ends f and gives its waiters rec. The caller must hold mu.
func (c *Cache[K, V]) settle(key K, f *flight[V], rec *record[V]) {
	delete(c.flights, key)
	f.cancel()
	f.outcome = rec
	close(f.done)
}

// restart drops the load of f and begins another if somebody waits for it. The
// caller must hold mu.
func (c *Cache[K, V]) restart(key K, f *flight[V]) {
	f.cancel()
	if f.waiters == 0 {
		delete(c.flights, key)
		return
	}
	c.launch(key, f)
}
