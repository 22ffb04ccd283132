package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"wisphub-graphql/cache/shared"
	"wisphub-graphql/inflight"
)

// errNoReturn is the error of a loader that ended its goroutine with
// runtime.Goexit, as t.Fatal does in a test.
var errNoReturn = errors.New("the loader ended its goroutine")

// load is a running load of one key, with its waiters. Each restart is a new
// attempt.
type load[V any] struct {
	baseCtx context.Context    // has the first caller's values and never ends
	attempt int                // counts the attempts; only the last one's outcome counts
	cancel  context.CancelFunc // ends the last attempt
	waiters waiters
	minAsOf time.Time     // a value published by another replica must be at least this new
	recheck chan struct{} // capacity 1: another replica may have published the value
	done    chan struct{} // closed once outcome is set
	outcome *record[V]
}

// join adds the caller to the waiters of the load of key, and starts one if
// there is none. A value published by another replica ends the load if it is
// at least as new as minAsOf. The caller must hold mu.
func (c *Cache[K, V]) join(ctx context.Context, key K, minAsOf time.Time) (*load[V], error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.closed {
		return nil, ErrClosed
	}
	l, ok := c.loads[key]
	if !ok {
		l = c.newLoad(ctx, key, minAsOf)
		// Deferred, so that the attempt finds the waiter when it starts.
		defer c.startAttempt(key, l)
	}
	l.waiters.add(ctx)
	if minAsOf.After(l.minAsOf) {
		l.minAsOf = minAsOf
	}
	return l, nil
}

// wait returns the outcome of l, or ctx's error as soon as ctx ends.
func (c *Cache[K, V]) wait(ctx context.Context, l *load[V]) (Entry[V], error) {
	inflight.Yield(ctx)
	select {
	case <-l.done:
		return l.outcome.result(time.Now())
	case <-ctx.Done():
		l.waiters.remove(ctx)
		return Entry[V]{}, ctx.Err()
	}
}

// refreshBehind starts a load of key without waiters, unless one is running.
// The caller must hold mu.
func (c *Cache[K, V]) refreshBehind(ctx context.Context, key K) {
	if _, ok := c.loads[key]; !ok && !c.closed {
		c.startAttempt(key, c.newLoad(ctx, key, c.minAsOf(key)))
	}
}

// newLoad adds a load of key. The caller must hold mu and start an attempt.
func (c *Cache[K, V]) newLoad(ctx context.Context, key K, minAsOf time.Time) *load[V] {
	l := &load[V]{minAsOf: minAsOf, recheck: make(chan struct{}, 1), done: make(chan struct{})}
	l.baseCtx = context.WithValue(context.WithoutCancel(ctx), requesterKey{}, &l.waiters)
	c.loads[key] = l
	return l
}

// startAttempt starts the next attempt of l. The caller must hold mu.
func (c *Cache[K, V]) startAttempt(key K, l *load[V]) {
	ctx, cancel := context.WithCancel(l.baseCtx)
	l.attempt++
	l.cancel = cancel
	attempt := l.attempt
	c.goroutines.Go(func() { c.run(ctx, key, l, attempt) })
}

// run obtains the value of key, ends the attempt and shares the outcome with
// the other replicas.
func (c *Cache[K, V]) run(ctx context.Context, key K, l *load[V], attempt int) {
	rec, lease := &record[V]{err: errNoReturn}, (*shared.Lease)(nil)
	defer func() { // deferred, because a loader may end its goroutine
		overtaken := c.endAttempt(key, l, attempt, rec)
		c.shareOutcome(key, lease, rec, overtaken)
		c.catchUp(key, l, overtaken)
	}()
	rec = c.obtain(ctx, key, l, &lease)
}

// loadLocal calls the loader, unless ctx has ended, and returns the outcome.
func (c *Cache[K, V]) loadLocal(ctx context.Context, key K) *record[V] {
	if err := ctx.Err(); err != nil {
		return &record[V]{err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, c.opts.LoadTimeout)
	defer cancel()
	began := time.Now()
	value, err := c.callLoader(ctx, key)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		err = fmt.Errorf("cache %q: load exceeded %v: %w", c.opts.Name, c.opts.LoadTimeout, err)
	}
	return c.newOutcome(value, err, began)
}

func (c *Cache[K, V]) callLoader(ctx context.Context, key K) (value V, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cache %q: load panicked: %T\n%s", c.opts.Name, p, debug.Stack())
		}
	}()
	return c.loader(ctx, key)
}

// endAttempt finishes l with the outcome of an attempt. If that attempt has been
// overtaken, by a Set or a restart, it only reports so.
func (c *Cache[K, V]) endAttempt(key K, l *load[V], attempt int, rec *record[V]) (overtaken bool) {
	c.mu.Lock()
	if c.loads[key] != l || l.attempt != attempt {
		c.mu.Unlock()
		return true
	}
	rec = c.newest(key, rec)
	c.putOutcome(key, rec)
	c.finish(key, l, rec)
	noWaiters := l.waiters.count() == 0
	c.mu.Unlock()
	if noWaiters && rec.failed() {
		c.opts.OnRefreshError(key, rec.err)
	}
	return false
}

// finish ends l and gives its waiters rec. The caller must hold mu.
func (c *Cache[K, V]) finish(key K, l *load[V], rec *record[V]) {
	delete(c.loads, key)
	l.cancel()
	l.outcome = rec
	close(l.done)
}

// restart cancels the attempt of l, and starts another if there are waiters.
// The caller must hold mu.
func (c *Cache[K, V]) restart(key K, l *load[V]) {
	l.cancel()
	if l.waiters.count() == 0 {
		delete(c.loads, key)
		return
	}
	c.startAttempt(key, l)
}
