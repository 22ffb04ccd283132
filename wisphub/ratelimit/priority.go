package ratelimit

import "context"

// Priority orders calls that wait for the budget: the highest goes first.
type Priority int

const (
	// PriorityBackground is for calls that no caller waits for. They leave the last fifth of the
	// budget and half of the connections to others. All reads leave the last tenth to writes.
	PriorityBackground Priority = iota - 2
	// PriorityLookup is for a read that answers one caller's question about one record. Look-ups
	// take at most six tenths of the budget together, and half of the connections.
	PriorityLookup
	// PriorityRead is for other reads that a caller waits for. It is the default.
	PriorityRead
	// PriorityShared is for the first reading of a list that many callers wait for. It may hold
	// calls back from less urgent ones: see [Limiter.Reserve].
	PriorityShared
	// PriorityWrite is for writes.
	PriorityWrite
)

type priorityKey struct{}

// WithPriority returns a context whose calls have the priority that the function returns. The
// limiter calls it when a call begins, and again while the call waits: a caller may join a
// background call. It must be fast and safe for concurrent use.
func WithPriority(ctx context.Context, priority func() Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, priority)
}

// PriorityFrom returns the function given to [WithPriority]. Without one, the function it returns
// always reports [PriorityRead].
func PriorityFrom(ctx context.Context) func() Priority {
	if priority, ok := ctx.Value(priorityKey{}).(func() Priority); ok {
		return priority
	}
	return func() Priority { return PriorityRead }
}
