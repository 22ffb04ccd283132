package isp

import (
	"context"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub/ratelimit"
)

// newCache is [cache.New] for lists from WispHub, which all callers share. The calls of a load have
// read priority while a caller waits for it, and background priority otherwise. They count for no
// user.
func newCache[K comparable, V any](
	options cache.Options, load func(ctx context.Context, key K) (V, error),
) *cache.Cache[K, V] {
	return newCacheAt(ratelimit.PriorityRead, options, func(ctx context.Context, key K) (V, error) {
		return load(ratelimit.WithUser(ctx, ""), key)
	})
}

// newLookupCache is newCache for records that are read one by one. Its calls have the priority of a
// look-up while a caller waits, and count for a user: see [forUsers].
func newLookupCache[K comparable, V any](
	options cache.Options, load func(ctx context.Context, key K) (V, error),
) *cache.Cache[K, V] {
	return newCacheAt(ratelimit.PriorityLookup, options, forUsers(options, load))
}

func newCacheAt[K comparable, V any](
	awaited ratelimit.Priority, options cache.Options, load func(ctx context.Context, key K) (V, error),
) *cache.Cache[K, V] {
	return cache.New(options, func(ctx context.Context, key K) (V, error) {
		priority := func() ratelimit.Priority {
			if cache.HasWaiters(ctx) {
				return awaited
			}
			return ratelimit.PriorityBackground
		}
		return load(ratelimit.WithPriority(ctx, priority), key)
	})
}

// withBackgroundPriority returns a context whose calls have background priority even while a
// caller waits.
func withBackgroundPriority(ctx context.Context) context.Context {
	return ratelimit.WithPriority(ctx, func() ratelimit.Priority { return ratelimit.PriorityBackground })
}

// sharedPriority is the priority of the first reading of a list: that of a shared reading while a
// caller waits for the load, and background priority otherwise.
func sharedPriority(load context.Context) ratelimit.Priority {
	if cache.HasWaiters(load) {
		return ratelimit.PriorityShared
	}
	return ratelimit.PriorityBackground
}

// withSharedPriority returns a context whose calls have the [sharedPriority] of the load.
func withSharedPriority(load context.Context) context.Context {
	return ratelimit.WithPriority(load, func() ratelimit.Priority { return sharedPriority(load) })
}
