package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"wisphub-graphql/cache/shared"
)

// errNoReturn is the error of a load that ended by runtime.Goexit, as t.Fatal
// does in a test.
var errNoReturn = errors.New("load ended its goroutine")

// flight is a load of one key, under way, and those who wait for it.
type flight[V any] struct {
	values  context.Context    // of the caller who needed the load first; never ends
	attempt int                // counts the loads begun; the outcome of any but the last is dropped
	cancel  context.CancelFunc // ends the last attempt
	waiters waiters
	since   time.Time     // a value that another replica has read will do if it is not older
	news    chan struct{} // has something when another replica may have read the value; has room for one
	done    chan struct{} // closed once outcome is set
	outcome *record[V]
}

// join returns the flight of key, begun if need be, with the caller as one of
// its waiters. A flight that is begun takes what another replica has read if it
// is not older than since. The caller must hold mu.
func (c *Cache[K, V]) join(ctx context.Context, key K, since time.Time) (*flight[V], error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.closed {
		return nil, ErrClosed
	}
	f, ok := c.flights[key]
	if !ok {
		f = c.prepare(ctx, key, since)
		defer c.launch(key, f) // once there is somebody who waits
	}
	f.waiters.add(ctx)
	if since.After(f.since) {
		f.since = since
	}
	return f, nil
}

// wait returns the outcome of f, or ctx's error as soon as ctx ends.
func (c *Cache[K, V]) wait(ctx context.Context, f *flight[V]) (Entry[V], error) {
	select {
	case <-f.done:
		return f.outcome.answer(time.Now())
	case <-ctx.Done():
		f.waiters.remove(ctx)
		return Entry[V]{}, ctx.Err()
	}
}

// refreshBehind begins a load of key that nobody waits for, unless one is under
// way. The caller must hold mu.
func (c *Cache[K, V]) refreshBehind(ctx context.Context, key K) {
	if _, ok := c.flights[key]; !ok && !c.closed {
		c.launch(key, c.prepare(ctx, key, c.oldestUseful(key)))
	}
}

// prepare puts a key without a flight on one. The caller must hold mu.
func (c *Cache[K, V]) prepare(ctx context.Context, key K, since time.Time) *flight[V] {
	f := &flight[V]{since: since, news: make(chan struct{}, 1), done: make(chan struct{})}
	f.values = context.WithValue(context.WithoutCancel(ctx), demandKey{}, &f.waiters)
	c.flights[key] = f
	return f
}

// launch starts the next attempt of f. The caller must hold mu.
func (c *Cache[K, V]) launch(key K, f *flight[V]) {
	ctx, cancel := context.WithCancel(f.values)
	f.attempt++
	f.cancel = cancel
	attempt := f.attempt
	c.loads.Go(func() { c.run(ctx, key, f, attempt) })
}

// run obtains the value of key and hands the outcome to f, and to the other
// replicas, however the load ends. News that came meanwhile is heeded last.
func (c *Cache[K, V]) run(ctx context.Context, key K, f *flight[V], attempt int) {
	rec, lease := &record[V]{err: errNoReturn}, (*shared.Lease)(nil)
	defer func() { // deferred, because a load may end its goroutine
		overtaken := c.finish(key, f, attempt, rec)
		c.handOver(key, lease, rec, overtaken)
		c.heed(key, f, overtaken)
	}()
	rec = c.obtain(ctx, key, f, &lease)
}

// loadHere calls load, unless it is too late, and returns what came of it.
func (c *Cache[K, V]) loadHere(ctx context.Context, key K) *record[V] {
	if err := ctx.Err(); err != nil {
		return &record[V]{err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, c.opts.LoadTimeout)
	defer cancel()
	began := time.Now()
	value, err := c.callLoad(ctx, key)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		err = fmt.Errorf("cache %q: load exceeded %v: %w", c.opts.Name, c.opts.LoadTimeout, err)
	}
	return c.newOutcome(value, err, began)
}

func (c *Cache[K, V]) callLoad(ctx context.Context, key K) (value V, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cache %q: load panicked: %T\n%s", c.opts.Name, p, debug.Stack())
		}
	}()
	return c.load(ctx, key)
}

// finish ends f with the outcome of one of its attempts, unless that attempt
// has been overtaken, which it reports.
func (c *Cache[K, V]) finish(key K, f *flight[V], attempt int, rec *record[V]) (overtaken bool) {
	c.mu.Lock()
	if c.flights[key] != f || f.attempt != attempt {
		c.mu.Unlock()
		return true
	}
	rec = c.newest(key, rec)
	c.keep(key, rec)
	c.settle(key, f, rec)
	unheard := rec.failed() && f.waiters.count() == 0
	c.mu.Unlock()
	if unheard {
		c.opts.OnRefreshError(key, rec.err)
	}
	return false
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
	if f.waiters.count() == 0 {
		delete(c.flights, key)
		return
	}
	c.launch(key, f)
}
