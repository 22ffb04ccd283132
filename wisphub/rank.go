package wisphub

import "context"

// Rank says who waits for a call. Of two calls that wait for the budget, the one of higher rank goes first.
type Rank int

const (
	// RankBackground is for what nobody waits for. It never takes the last fifth of the budget, nor more than half of the
	// connections.
	RankBackground Rank = iota - 1
	// RankRead is a person's read: what a context means that names no rank.
	RankRead
	// RankWrite is a person's write.
	RankWrite
)

type rankKey struct{}

// WithRank returns a context whose calls have the rank that rank returns. It is asked when a call begins and again while it
// waits for the budget, because somebody may come to wait for what began as background work; so it must be quick and safe
// for concurrent use.
func WithRank(ctx context.Context, rank func() Rank) context.Context {
	return context.WithValue(ctx, rankKey{}, rank)
}

func rankOf(ctx context.Context) func() Rank {
	if rank, named := ctx.Value(rankKey{}).(func() Rank); named {
		return rank
	}
	return func() Rank { return RankRead }
}
