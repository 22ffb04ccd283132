package ratelimit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// takenAtOnce takes permits until one would have to wait, and returns how many it got.
func takenAtOnce(t *testing.T, l *Limiter, priority Priority) (taken int) {
	t.Helper()
	for {
		permit, wait := takeAtOnce(t, l, priority)
		if permit == nil {
			return taken
		}
		if permit.Release(); wait > 0 {
			t.Errorf("a permit came after %v", wait)
		}
		taken++
	}
}

// takeAtOnce returns a permit, or how long the limiter says that the call has to wait.
func takeAtOnce(t *testing.T, l *Limiter, priority Priority) (*Permit, time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(withPriority(t.Context(), priority), minCallTime)
	defer cancel()
	permit, err := l.Take(ctx)
	if e := (*Error)(nil); errors.As(err, &e) {
		return nil, e.RetryAfter
	}
	if err != nil {
		t.Fatalf("Take() = %v, want a permit or an *Error", err)
	}
	return permit, 0
}

// Each kind of call stops at its share, and leaves the rest to more urgent ones.
func Test14_3_Shares(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		for _, step := range []struct {
			priority Priority
			want     int
		}{
			{PriorityLookup, 60}, {PriorityBackground, 20}, {PriorityLookup, 0}, {PriorityRead, 10},
			{PriorityShared, 0}, {PriorityWrite, 10},
		} {
			if got := takenAtOnce(t, l, step.priority); got != step.want {
				t.Errorf("calls of priority %d = %d, want %d", step.priority, got, step.want)
			}
		}
		time.Sleep(MinuteWindow)
		if got := takenAtOnce(t, l, PriorityShared); got != 80 {
			t.Errorf("calls of shared readings = %d, want 80: the rest is for other reads", got)
		}
	})
}

// A limit of one call allows each kind of call. Of two, the second is for writes.
func Test14_3_SharesOfSmallLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for priority := PriorityBackground; priority <= PriorityWrite; priority++ {
			if got := takenAtOnce(t, open(t, 1, 10, nil), priority); got != 1 {
				t.Errorf("calls of priority %d with a limit of 1 = %d, want 1", priority, got)
			}
			want := 1
			if priority == PriorityWrite {
				want = 2
			}
			if got := takenAtOnce(t, open(t, 2, 10, nil), priority); got != want {
				t.Errorf("calls of priority %d with a limit of 2 = %d, want %d", priority, got, want)
			}
		}
	})
}

// The look-ups of another replica, and of the process before a restart, count in the share.
func Test14_3_LookupsOfOthersCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiters := replicas(t, newFakeStore(), 2, 100, 1000)
		spend(t, limiters[0], PriorityLookup, 50)
		if got := takenAtOnce(t, limiters[1], PriorityLookup); got != 10 {
			t.Errorf("look-ups of the other replica = %d, want the 10 that are left", got)
		}
		next := open(t, 100, 1000, nil)
		next.Restore(limiters[1].Spent())
		if got := takenAtOnce(t, next, PriorityLookup); got != 0 {
			t.Errorf("look-ups after a restart = %d, want none", got)
		}
		if got := takenAtOnce(t, next, PriorityRead); got != 30 {
			t.Errorf("reads after a restart = %d, want 30", got)
		}
	})
}

// A refused look-up is told when the look-ups have room again, not when the whole budget has.
func Test14_3_RetryAfterOfAShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		spend(t, l, PriorityLookup, 59)
		time.Sleep(20 * time.Second)
		spend(t, l, PriorityLookup, 1)
		_, wait := takeAtOnce(t, l, PriorityLookup)
		if want := MinuteWindow - 20*time.Second; wait != want {
			t.Errorf("RetryAfter = %v, want %v", wait, want)
		}
		time.Sleep(wait)
		if permit, wait := takeAtOnce(t, l, PriorityLookup); permit == nil {
			t.Errorf("after RetryAfter the look-up has to wait %v, want a permit", wait)
		}
	})
}
