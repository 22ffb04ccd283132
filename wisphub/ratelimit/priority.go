package ratelimit

import "context"

// Priority orders calls that wait for the budget: the highest goes first.
type Priority int

const (
	// PriorityBackground is for calls that no caller waits for. They leave the last fifth of the
	// budget and half of the connections to others.
	PriorityBackground Priority = iota - 1
	// PriorityRead is for reads that a caller waits for. It is the default.
	PriorityRead
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
