package cache

import "context"

// LoadPublished takes the values of keys that other replicas have published into
// memory, unless memory has newer ones or a load is running. It returns how many
// it took. It never calls the loader, and ends early when ctx ends.
func (c *Cache[K, V]) LoadPublished(ctx context.Context, keys ...K) (taken int) {
	for _, key := range keys {
		if c.store != nil && ctx.Err() == nil && c.takePublished(ctx, key) {
			taken++
		}
	}
	return taken
}

// takePublished is LoadPublished for one key. It tries again if memory changes
// meanwhile: the key may have been revoked.
func (c *Cache[K, V]) takePublished(ctx context.Context, key K) bool {
	for range 3 {
		c.mu.Lock()
		since, changes := c.minAsOf(key), c.changes.Load()
		if c.revokeFailedAt.After(since) {
			since = c.revokeFailedAt
		}
		_, loading := c.loads[key]
		unwanted := loading || c.closed
		c.mu.Unlock()
		if unwanted {
			return false
		}
		rec := c.fetch(ctx, key, since)
		if rec == nil {
			return false
		}
		c.mu.Lock()
		unchanged := c.changes.Load() == changes && !c.closed
		if unchanged {
			c.put(key, c.withExpiry(rec))
		}
		c.mu.Unlock()
		if unchanged {
			return true
		}
	}
	return false
}
