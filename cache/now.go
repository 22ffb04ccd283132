package cache

import (
	"context"
	"errors"
	"time"
)

// ErrNotInMemory is returned by [Cache.GetNow] where [Cache.Get] would wait for a load.
var ErrNotInMemory = errors.New("cache: not in memory")

// GetNow is Get for a caller that does not wait: it returns [ErrNotInMemory] where Get would. It
// starts the refresh of a stale value, and counts as a hit, as Get does. It never starts the first
// load of a value.
func (c *Cache[K, V]) GetNow(ctx context.Context, key K) (Entry[V], error) {
	now := time.Now()
	rec, ok := c.records.Get(key)
	if !ok || !now.Before(rec.deadAt) {
		return Entry[V]{}, ErrNotInMemory
	}
	if !now.Before(rec.refreshAt) {
		if rec, ok = c.heldOrNot(ctx, key); !ok {
			return Entry[V]{}, ErrNotInMemory
		}
	}
	c.hits.Add(1)
	return rec.result(now)
}

// heldOrNot is held for a caller that does not hold mu.
func (c *Cache[K, V]) heldOrNot(ctx context.Context, key K) (*record[V], bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held(ctx, key)
}

// held returns the record of key if memory may answer with it, and starts a refresh if that is due.
// The caller must hold mu.
func (c *Cache[K, V]) held(ctx context.Context, key K) (*record[V], bool) {
	now := time.Now()
	rec, ok := c.records.Get(key)
	if !ok || !now.Before(rec.deadAt) {
		return nil, false
	}
	if !now.Before(rec.refreshAt) {
		c.refreshBehind(ctx, key)
	}
	return rec, true
}

// Changes counts what has changed the answers of [Cache.Get]: values and not-found errors that came
// or went, evicted ones too. It counts each [Cache.Expire] as well, because the next Get must start
// a refresh. A change is counted after readers can see it. So if two calls return the same number,
// a reader between them saw no change, except for what time does: a value may have become stale, or
// may have reached its end. Failures are not counted.
func (c *Cache[K, V]) Changes() uint64 { return c.changes.Load() + c.expiries.Load() }
