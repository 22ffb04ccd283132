package ratelimit

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// hangingCalls hold their connections.
type hangingCalls []*Permit

// add takes as many connections as calls of a priority get, and returns how many that is.
func (h *hangingCalls) add(t *testing.T, l *Limiter, priority Priority) (taken int) {
	for {
		ctx, cancel := context.WithTimeout(withPriority(t.Context(), priority), time.Second)
		permit, err := l.Take(ctx)
		cancel()
		if err != nil {
			return taken
		}
		*h, taken = append(*h, permit), taken+1
	}
}

func (h *hangingCalls) release() {
	for _, permit := range *h {
		permit.Release()
	}
	*h = nil
}

// Hanging calls hold connections. Background calls hold at most half of them.
func TestTake_BackgroundLeavesConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		var held hangingCalls
		background, read := held.add(t, l, PriorityBackground), held.add(t, l, PriorityRead)
		if background != 4 || read != 4 {
			t.Errorf("%d background calls and %d reads hang, want 4 and 4", background, read)
		}
		held.release()
		if got := held.add(t, l, PriorityRead); got != 8 {
			t.Errorf("%d reads got a connection after all were released, want 8", got)
		}
	})
}

// Look-ups that hang leave connections to a shared reading, and a reading that hangs leaves some to
// look-ups. A write gets one while all reads hang.
func Test14_1_HangingCallsLeaveConnections(t *testing.T) {
	t.Parallel()
	type held struct {
		priority Priority
		want     int
	}
	for name, steps := range map[string][]held{
		"look-ups first":   {{PriorityLookup, 4}, {PriorityShared, 4}, {PriorityRead, 0}, {PriorityWrite, 1}},
		"reading first":    {{PriorityShared, 6}, {PriorityLookup, 2}, {PriorityBackground, 0}, {PriorityWrite, 1}},
		"background first": {{PriorityBackground, 4}, {PriorityLookup, 2}, {PriorityShared, 2}, {PriorityWrite, 1}},
		"reads first":      {{PriorityRead, 8}, {PriorityShared, 0}, {PriorityWrite, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := open(t, 100, 1000, nil)
				var calls hangingCalls
				for _, step := range steps {
					if got := calls.add(t, l, step.priority); got != step.want {
						t.Errorf("calls of priority %d that got a connection = %d, want %d", step.priority, got, step.want)
					}
				}
				calls.release()
			})
		})
	}
}
