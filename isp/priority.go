package isp

import (
	"context"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub/ratelimit"
)

// newCache is cache.New for what is read from WispHub: a load goes as a person's read while somebody waits for it, and as
// background work otherwise.
func newCache[K comparable, V any](options cache.Options, load func(ctx context.Context, key K) (V, error)) *cache.Cache[K, V] {
	return cache.New(options, func(ctx context.Context, key K) (V, error) {
		return load(ratelimit.WithPriority(ctx, func() ratelimit.Priority { return priorityOf(ctx) }), key)
	})
}

// asBackground returns a context whose calls go as background work, whoever waits.
func asBackground(ctx context.Context) context.Context {
	return ratelimit.WithPriority(ctx, func() ratelimit.Priority { return ratelimit.PriorityBackground })
}

func priorityOf(load context.Context) ratelimit.Priority {
	if cache.HasWaiters(load) {
		return ratelimit.PriorityRead
	}
	return ratelimit.PriorityBackground
}
