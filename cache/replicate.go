package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wisphub-graphql/cache/shared"
)

// errElsewhere answers those for whom another replica has just failed to read the value.
var errElsewhere = errors.New("another replica has just failed to read it")

// maxSkew is how far ahead of ours the clock of another replica may be. What it has read would count as new for ever if it
// were a day.
const maxSkew = time.Second

// oldestUseful returns how old a value of another replica may be that takes the place of what memory holds: it has to be
// newer. What was restored has no say in how fresh it is, so that the very same will do. The caller must hold mu.
func (c *Cache[K, V]) oldestUseful(key K) time.Time {
	rec, known := c.records.GetIfPresent(key)
	switch {
	case !known || rec.failed():
		return time.Time{}
	case rec.restored():
		return rec.asOf
	}
	return rec.asOf.Add(1)
}

// obtain brings a value: what another replica has read, or what load reads. Held is set to the lease under which it was read.
//
// The time that another replica takes is not taken from the load's. One that has the lease for longer than a load may last
// is not waited for, and while the store is lost nobody is.
func (c *Cache[K, V]) obtain(ctx context.Context, key K, f *flight[V], held **shared.Lease) *record[V] {
	if c.store == nil {
		return c.loadHere(ctx, key)
	}
	patience := time.NewTimer(c.opts.LoadTimeout + c.store.LeaseTTL())
	defer patience.Stop()
	for ctx.Err() == nil {
		if rec := c.fetchFor(ctx, key, f); rec != nil {
			return rec
		}
		// Without ctx: a lease that is taken while ctx ends must not be left behind.
		lease, err := c.store.Lease(context.WithoutCancel(ctx), c.sharedName(key))
		switch {
		case err == nil:
			*held = lease
			return c.loadUnder(ctx, key, f, held)
		case errors.Is(err, shared.ErrLeaseFailed):
			return &record[V]{err: fmt.Errorf("cache %q: %w", c.opts.Name, errElsewhere)}
		case !errors.Is(err, shared.ErrLeaseHeld):
			return c.loadHere(ctx, key)
		}
		select {
		case <-f.news:
		case <-time.After(c.store.LeaseTTL() / 10): // news may get lost
		case <-patience.C:
			return c.loadHere(ctx, key)
		case <-ctx.Done():
		}
	}
	return &record[V]{err: ctx.Err()}
}

// loadUnder loads for all replicas. Between the last look and the lease another may have been faster.
func (c *Cache[K, V]) loadUnder(ctx context.Context, key K, f *flight[V], held **shared.Lease) *record[V] {
	if rec := c.fetchFor(ctx, key, f); rec != nil {
		_ = (*held).Release(ctx)
		*held = nil
		return rec
	}
	return c.loadHere(ctx, key)
}

// handOver ends the lease under which an attempt ran, if any, and shows the other replicas its outcome. That the store does
// not take it is no news: whoever lost the store has said so.
func (c *Cache[K, V]) handOver(key K, lease *shared.Lease, rec *record[V], overtaken bool) {
	ctx := context.Background() // the attempt's has ended; the store's own deadlines hold
	switch {
	case lease == nil:
	case overtaken: // and not failed: nobody has to wait because of it
		_ = lease.Release(ctx)
	case rec.failed():
		_ = lease.Fail(ctx, c.failurePause(key))
	case rec.err != nil:
		_ = lease.ReleaseAndDelete(ctx) // what others have read is no more
	default:
		c.publish(ctx, key, lease, rec)
	}
}

// failurePause is how long no replica tries again what has just failed: as long as one that is alone would not. Where there is
// nothing to serve, somebody waits.
func (c *Cache[K, V]) failurePause(key K) time.Duration {
	if _, served := c.Peek(key); served {
		return retryPause(c.opts.TTL, 0)
	}
	return max(c.opts.FailureTTL, minRetryPause)
}

// publish hands a value to the other replicas.
func (c *Cache[K, V]) publish(ctx context.Context, key K, lease *shared.Lease, rec *record[V]) {
	entry, err := c.pack(key, rec)
	if err == nil {
		entry.value = seal(c.opts.Name, entry.value)
		var value []byte
		if value, err = entry.append(nil); err == nil {
			err = lease.ReleaseAndSet(ctx, value, time.Until(rec.deadAt))
		}
	} else {
		_ = lease.Release(ctx)
	}
	if err != nil && !errors.Is(err, shared.ErrStoreLost) {
		c.opts.OnRefreshError(key, fmt.Errorf("cache %q: publish: %w", c.opts.Name, err))
	}
}

// fetchFor returns what another replica has published if it may end f: if it is not older than asked for and, unless memory
// has nothing to serve, within its time to live. Otherwise it returns nil.
func (c *Cache[K, V]) fetchFor(ctx context.Context, key K, f *flight[V]) *record[V] {
	c.mu.Lock()
	since := f.since
	if c.unrevoked.After(since) {
		since = c.unrevoked
	}
	c.mu.Unlock()
	rec := c.fetch(ctx, key, since)
	if rec == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	old, known := c.records.GetIfPresent(key)
	if served := known && old.good(now); served && !now.Before(c.aged(rec).staleAt) {
		return nil
	}
	return rec
}

// fetch returns what another replica has published if it may be served and is not older than since, nil otherwise.
func (c *Cache[K, V]) fetch(ctx context.Context, key K, since time.Time) *record[V] {
	data, err := c.store.Get(ctx, c.sharedName(key))
	if err != nil {
		return nil
	}
	entry, _, err := cutKept(data)
	if err != nil || entry.AsOf.Before(since) || time.Until(entry.AsOf) > maxSkew {
		return nil
	}
	if entry.value, err = unseal(c.opts.Name, entry.value); err != nil {
		return nil // of another version: it is read and published anew
	}
	whose, rec, err := c.unpack(entry)
	if err != nil || whose != key || !rec.good(time.Now()) {
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
