package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wisphub-graphql/cache/shared"
)

// errElsewhere is the error of a load that another replica has just failed at.
var errElsewhere = errors.New("another replica has just failed to load it")

// maxSkew is how far the clock of another replica may be ahead of ours. A value
// dated further ahead would count as new on every fetch.
const maxSkew = time.Second

// minAsOf returns the earliest AsOf of a published value that may replace the
// value in memory. It must be newer. If ours came from disk, an equal one is
// accepted, because ours is marked as stale at any age. The caller must hold mu.
func (c *Cache[K, V]) minAsOf(key K) time.Time {
	rec, known := c.records.Peek(key)
	switch {
	case !known || rec.failed():
		return time.Time{}
	case rec.restored():
		return rec.asOf
	}
	return rec.asOf.Add(1)
}

// obtain returns a value that another replica has published, or calls the
// loader. It sets lease to the lease under which the loader ran.
//
// Waiting for another replica does not count towards the load's timeout. A
// replica that holds the lease for longer than a load may take is not waited
// for. While the store is lost there is no waiting, but see takeLease.
func (c *Cache[K, V]) obtain(
	ctx context.Context, key K, l *load[V], lease **shared.Lease,
) *record[V] {
	if c.store == nil {
		return c.loadLocal(ctx, key)
	}
	deadline := time.NewTimer(c.opts.LoadTimeout + c.store.LeaseTTL())
	defer deadline.Stop()
	watch := holderWatch{}
	for ctx.Err() == nil {
		if rec := c.fetchFor(ctx, key, l); rec != nil {
			return rec
		}
		held, err := c.takeLease(ctx, key, &watch)
		switch {
		case err == nil:
			*lease = held
			return c.loadUnderLease(ctx, key, l, lease)
		case errors.Is(err, shared.ErrLeaseFailed):
			return &record[V]{err: fmt.Errorf("cache %q: %w", c.opts.Name, errElsewhere)}
		case !errors.Is(err, shared.ErrLeaseHeld):
			return c.loadLocal(ctx, key)
		}
		select {
		case <-l.recheck:
		case <-time.After(c.store.LeaseTTL() / 10): // messages may be missed
		case <-deadline.C:
			return c.loadLocal(ctx, key)
		case <-ctx.Done():
		}
	}
	return &record[V]{err: ctx.Err()}
}

// loadUnderLease loads for all replicas. It first looks again for a value that
// another replica published before this one got the lease.
func (c *Cache[K, V]) loadUnderLease(
	ctx context.Context, key K, l *load[V], lease **shared.Lease,
) *record[V] {
	if rec := c.fetchFor(ctx, key, l); rec != nil {
		_ = (*lease).Release(ctx)
		*lease = nil
		return rec
	}
	defer c.keepLease(ctx, key, lease)()
	return c.loadLocal(ctx, key)
}

// shareOutcome ends the lease of an attempt, if any, and publishes the outcome.
// It drops errors of the store, which logs its loss itself.
func (c *Cache[K, V]) shareOutcome(key K, lease *shared.Lease, rec *record[V], overtaken bool) {
	ctx := context.Background() // the attempt's has ended; the store has its own timeouts
	switch {
	case lease == nil:
	case overtaken: // not Fail: other replicas need not pause
		_ = lease.Release(ctx)
	case rec.failed():
		_ = lease.Fail(ctx, c.failurePause(key))
	case rec.err != nil: // not found: the published value is outdated
		_ = lease.ReleaseAndDelete(ctx)
	default:
		c.publish(ctx, key, lease, rec)
	}
}

// failurePause returns how long no replica repeats a failed load: as long as a
// single replica would wait. Without a value to serve that is FailureTTL,
// because callers are waiting.
func (c *Cache[K, V]) failurePause(key K) time.Duration {
	if _, served := c.Peek(key); served {
		return retryPause(c.opts.TTL, 0)
	}
	return max(c.opts.FailureTTL, minRetryPause)
}

// publish ends the lease and publishes a value to the other replicas.
func (c *Cache[K, V]) publish(ctx context.Context, key K, lease *shared.Lease, rec *record[V]) {
	value, err := c.sealed(key, rec)
	if err == nil {
		err = lease.ReleaseAndSet(ctx, value, time.Until(rec.deadAt))
	} else {
		_ = lease.Release(ctx)
	}
	switch {
	case errors.Is(err, shared.ErrStoreLost):
		c.publishLater(key)
	case err != nil:
		c.opts.OnRefreshError(key, fmt.Errorf("cache %q: publish: %w", c.opts.Name, err))
	}
}

// sealed returns a value as it is published.
func (c *Cache[K, V]) sealed(key K, rec *record[V]) ([]byte, error) {
	entry, err := c.encode(key, rec)
	if err != nil {
		return nil, err
	}
	entry.value = seal(c.opts.Name, entry.value)
	return entry.appendTo(nil)
}

// fetchFor returns a published value that is good enough to end l, or nil. It
// must be as new as l demands and, if memory has a value to serve, fresh.
func (c *Cache[K, V]) fetchFor(ctx context.Context, key K, l *load[V]) *record[V] {
	c.mu.Lock()
	since := l.minAsOf
	if c.revokeFailedAt.After(since) {
		since = c.revokeFailedAt
	}
	c.mu.Unlock()
	rec := c.fetch(ctx, key, since)
	if rec == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	old, known := c.records.Peek(key)
	if served := known && old.servable(now); served && !now.Before(c.withExpiry(rec).staleAt) {
		return nil
	}
	return rec
}

// fetch returns the published value of key if it is servable and not older than
// since, and nil otherwise.
func (c *Cache[K, V]) fetch(ctx context.Context, key K, since time.Time) *record[V] {
	data, err := c.store.Get(ctx, c.sharedName(key))
	if err != nil {
		return nil
	}
	entry, _, err := cutEntry(data)
	if err != nil || entry.AsOf.Before(since) || time.Until(entry.AsOf) > maxSkew {
		return nil
	}
	if entry.value, err = unseal(c.opts.Name, entry.value); err != nil {
		return nil // of another version; this replica loads and publishes its own
	}
	entryKey, rec, err := c.decode(entry)
	if err != nil || entryKey != key || !rec.servable(time.Now()) {
		return nil
	}
	return rec
}

func (c *Cache[K, V]) sharedName(key K) string {
	text, err := json.Marshal(key)
	if err != nil {
		panic(fmt.Sprintf("cache %q: a key has no JSON form: %v", c.opts.Name, err)) // see Persist
	}
	return c.opts.Name + "/" + string(text)
}
