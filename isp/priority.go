package isp

import (
	"context"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub"
)

// newCache is cache.New for what is read from WispHub: a load goes as a person's read while somebody waits for it, and as
// background work otherwise.
func newCache[K comparable, V any](options cache.Options, load func(ctx context.Context, key K) (V, error)) *cache.Cache[K, V] {
	return cache.New(options, func(ctx context.Context, key K) (V, error) {
		return load(wisphub.WithRank(ctx, func() wisphub.Rank { return rankOf(ctx) }), key)
	})
}

// background returns a context whose calls go as background work, whoever waits.
func background(ctx context.Context) context.Context {
	return wisphub.WithRank(ctx, func() wisphub.Rank { return wisphub.RankBackground })
}

func rankOf(load context.Context) wisphub.Rank {
	if cache.HasWaiters(load) {
		return wisphub.RankRead
	}
	return wisphub.RankBackground
}
