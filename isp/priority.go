package isp

import (
	"context"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub/ratelimit"
)

// newCache is [cache.New] for data from WispHub. The calls of a load have read priority while a
// caller waits for it, and background priority otherwise.
func newCache[K comparable, V any](
	options cache.Options, load func(ctx context.Context, key K) (V, error),
) *cache.Cache[K, V] {
	return cache.New(options, func(ctx context.Context, key K) (V, error) {
		priority := func() ratelimit.Priority { return loadPriority(ctx) }
		return load(ratelimit.WithPriority(ctx, priority), key)
	})
}

// withBackgroundPriority returns a context whose calls have background priority even while a
// caller waits.
func withBackgroundPriority(ctx context.Context) context.Context {
	return ratelimit.WithPriority(ctx, func() ratelimit.Priority { return ratelimit.PriorityBackground })
}

func loadPriority(load context.Context) ratelimit.Priority {
	if cache.HasWaiters(load) {
		return ratelimit.PriorityRead
	}
	return ratelimit.PriorityBackground
}
