package isp

import (
	"context"
	"errors"

	"wisphub-graphql/cache"
)

// Methods whose names end in Now return what the method without Now would return, if memory has it.
// They return false for anything else: for what WispHub would have to be asked, and for errors.
// They never wait. Like the other methods they start the refresh of stale data, so the context must
// have the user.

// knownNow returns the value of a key, if it is in memory.
func knownNow[K comparable, V any](ctx context.Context, c *cache.Cache[K, V], key K) (value V, known bool) {
	entry, err := c.GetNow(ctx, key)
	return entry.Value, err == nil
}

// foundNow is knownNow for a cache that remembers what does not exist. Such a record is known to be
// the zero value.
func foundNow[K comparable, V any](ctx context.Context, c *cache.Cache[K, V], key K) (value V, known bool) {
	entry, err := c.GetNow(ctx, key)
	return entry.Value, err == nil || errors.Is(err, errNotFound)
}
