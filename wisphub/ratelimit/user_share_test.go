package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// asUser returns a context whose calls have a priority and a user. The user asks now.
func asUser(ctx context.Context, l *Limiter, user string, priority Priority) context.Context {
	l.Asked(user)
	return WithUser(withPriority(ctx, priority), user)
}

// tryAs makes a call for a user that does not wait, and returns the refusal.
func tryAs(t *testing.T, l *Limiter, user string, priority Priority) *Error {
	t.Helper()
	ctx, cancel := context.WithTimeout(asUser(t.Context(), l, user, priority), minCallTime)
	defer cancel()
	permit, err := l.Take(ctx)
	if err == nil {
		permit.Release()
		return nil
	}
	refusal := (*Error)(nil)
	if !errors.As(err, &refusal) {
		t.Fatalf("Take() = %v, want a permit or an *Error", err)
	}
	return refusal
}

// drain makes calls for a user until one is refused, and returns how many went.
func drain(t *testing.T, l *Limiter, user string, priority Priority) (calls int) {
	t.Helper()
	for tryAs(t, l, user, priority) == nil {
		calls++
	}
	return calls
}

// One user sends ten operations of 20 look-ups at once, and one more in each half minute. For the
// whole hour, another user's look-up and a write go at once.
func Test15_8_GreedyUserLeavesRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		spent := 0
		lookups := func() {
			for range 20 {
				if tryAs(t, l, "greedy", PriorityLookup) == nil {
					spent++
				}
			}
		}
		for range 10 {
			lookups()
		}
		for minute := range 60 {
			for range 2 {
				lookups()
				if refusal := tryAs(t, l, "support", PriorityWrite); refusal != nil {
					t.Errorf("in minute %d the ping has to wait %v", minute, refusal.RetryAfter)
				}
				if refusal := tryAs(t, l, "reader", PriorityLookup); refusal != nil {
					t.Errorf("in minute %d the other look-up has to wait %v", minute, refusal.RetryAfter)
				}
				time.Sleep(30 * time.Second)
			}
		}
		if spent < 200 || spent > 340 {
			t.Errorf("the greedy user's calls = %d, want about a third of 900, and the 40 of when it was alone", spent)
		}
	})
}

// A user alone gets two thirds of what reads have, and of what look-ups have. What is left is there
// for the next user at once. From then on each is held to a third.
func Test15_8_UserAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		priority         Priority
		alone, next, now int
	}{
		{PriorityLookup, 40, 14, 0},
		{PriorityRead, 60, 20, 0},
		{PriorityBackground, 60, 20, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := open(t, 100, 1000, nil)
			if got := drain(t, l, "one", test.priority); got != test.alone {
				t.Errorf("calls of priority %d of one user = %d, want %d", test.priority, got, test.alone)
			}
			if got := drain(t, l, "two", test.priority); got != test.next {
				t.Errorf("calls of priority %d of the next user = %d, want %d", test.priority, got, test.next)
			}
			if got := drain(t, l, "one", test.priority); got != test.now {
				t.Errorf("calls of priority %d of the first user beside it = %d, want %d", test.priority, got, test.now)
			}
			time.Sleep(MinuteWindow)
			l.Asked("two")
			if got := drain(t, l, "one", PriorityRead); got != 30 {
				t.Errorf("reads of one user while others ask = %d, want 30", got)
			}
			if got := takenAtOnce(t, l, PriorityWrite); got != 70 {
				t.Errorf("writes = %d, want the 70 that are left: no user is held back", got)
			}
		})
	}
}

// Each of n users who ask again and again gets more than an n+1th of what look-ups have.
func Test15_8_GreedyUsersShare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ users, minute, hour int }{
		{2, 20, 200}, {3, 15, 150}, {5, 10, 100},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := open(t, 100, 1000, nil)
			spent := make([]int, test.users)
			for step := range 720 {
				for i := range 3 * test.users {
					if user := i % test.users; tryAs(t, l, fmt.Sprint("user", user), PriorityLookup) == nil {
						spent[user]++
					}
				}
				time.Sleep(5 * time.Second)
				if step != 11 {
					continue
				}
				for i, calls := range spent {
					if calls < test.minute {
						t.Errorf("user %d of %d got %d calls of the first minute, want %d", i, test.users, calls, test.minute)
					}
				}
			}
			for i, calls := range spent {
				if calls < test.hour || calls > 300 {
					t.Errorf("user %d of %d got %d calls of the hour, want %d to 300", i, test.users, calls, test.hour)
				}
			}
		})
	}
}

// A refused user is told when its share has room, and that it is only its share. Then a call goes.
func Test15_8_RetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		l.Asked("other")
		if got := drain(t, l, "greedy", PriorityRead); got != 30 {
			t.Errorf("calls = %d, want 30", got)
		}
		refusal := tryAs(t, l, "greedy", PriorityRead)
		if refusal == nil || !refusal.ShareSpent || refusal.NotFound || refusal.Paused || refusal.RetryAfter != MinuteWindow {
			t.Fatalf("refusal = %+v, want ShareSpent and %v", refusal, MinuteWindow)
		}
		time.Sleep(20 * time.Second)
		if refusal = tryAs(t, l, "greedy", PriorityRead); refusal.RetryAfter != MinuteWindow-20*time.Second {
			t.Errorf("RetryAfter after 20 s = %v, want %v", refusal.RetryAfter, MinuteWindow-20*time.Second)
		}
		l.Asked("other")
		time.Sleep(refusal.RetryAfter)
		if refusal = tryAs(t, l, "greedy", PriorityRead); refusal != nil {
			t.Errorf("after RetryAfter the call has to wait %v", refusal.RetryAfter)
		}
	})
}
