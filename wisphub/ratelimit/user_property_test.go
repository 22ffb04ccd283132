package ratelimit

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// userCall is one call of a random load of several users.
type userCall struct {
	after    time.Duration // the previous call
	user     string
	priority Priority
	went     time.Time // zero when it was refused
	refusal  *Error
}

// Under any load of several users, no window holds more than the limits. No user's calls exceed two
// thirds of what reads have, or a third while others ask. A user without calls in the hour goes at
// once if reads, or look-ups, have a call left.
func Test15_8_Property(t *testing.T) {
	t.Parallel()
	const minute, hour = 20, 90
	spans := rapid.SampledFrom([]time.Duration{
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, time.Second, 5 * time.Second, 30 * time.Second, time.Minute, 20 * time.Minute,
	})
	load := rapid.Custom(func(t *rapid.T) userCall {
		return userCall{
			after: spans.Draw(t, "after"),
			user:  rapid.SampledFrom([]string{"a", "a", "a", "b", "b", "c", "d"}).Draw(t, "user"),
			priority: rapid.SampledFrom([]Priority{
				PriorityBackground, PriorityLookup, PriorityLookup, PriorityRead, PriorityRead, PriorityWrite,
			}).Draw(t, "priority"),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		plan := rapid.SliceOfN(load, 1, 200).Draw(rt, "load")
		var wrong error
		synctest.Test(t, func(t *testing.T) {
			l := open(t, minute, hour, nil)
			for i := range plan {
				time.Sleep(plan[i].after)
				began := time.Now()
				plan[i].refusal = tryAs(t, l, plan[i].user, plan[i].priority)
				if plan[i].refusal == nil {
					plan[i].went = began
				}
				wrong = errors.Join(wrong, checkUserCall(plan[:i+1], began, MinuteWindow, minute), checkUserCall(plan[:i+1], began, HourWindow, hour),
					checkNewcomer(plan[:i+1], began, minute, hour))
			}
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}

// countUserCalls counts the calls of a window that ends now: all, those of look-ups, and those of a
// user's reads.
func countUserCalls(calls []userCall, user string, window time.Duration, now time.Time) (all, lookups, own int, othersAsk bool) {
	for at, i := now, len(calls)-1; i >= 0; i-- {
		if now.Sub(at) >= window {
			break
		}
		call := calls[i]
		if at = at.Add(-call.after); call.user != user {
			othersAsk = true
		}
		if call.went.IsZero() {
			continue
		}
		all++
		if call.priority == PriorityLookup {
			lookups++
		}
		if call.user == user && call.priority < PriorityShared {
			own++
		}
	}
	return all, lookups, own, othersAsk
}

// checkUserCall checks the last call against the limit of a window.
func checkUserCall(calls []userCall, now time.Time, window time.Duration, limit int) error {
	last := calls[len(calls)-1]
	if last.refusal != nil {
		return nil
	}
	all, lookups, own, othersAsk := countUserCalls(calls, last.user, window, now)
	most := limit * 9 / 10 * 2 / 3
	if othersAsk {
		most = limit * 9 / 10 / 3
	}
	switch {
	case all > limit, last.priority < PriorityWrite && all > limit*9/10, lookups > limit*6/10:
		return fmt.Errorf("call %d, look-up %d of the window %v", all, lookups, window)
	case last.priority < PriorityShared && own > most:
		return fmt.Errorf("call %d of user %s in the window %v, want at most %d", own, last.user, window, most)
	}
	return nil
}

// checkNewcomer checks that the last call, of a user without calls in the hour, went if it could.
func checkNewcomer(calls []userCall, now time.Time, minute, hour int) error {
	last := calls[len(calls)-1]
	if last.refusal == nil || last.priority == PriorityBackground {
		return nil
	}
	for window, limit := range map[time.Duration]int{MinuteWindow: minute, HourWindow: hour} {
		all, lookups, own, _ := countUserCalls(calls, last.user, window, now)
		full := all >= limit*9/10 || last.priority == PriorityLookup && lookups >= limit*6/10
		if last.priority == PriorityWrite {
			full = all >= limit
		}
		if full || own > 0 && last.priority != PriorityWrite {
			return nil
		}
	}
	return fmt.Errorf("call of user %s with priority %d was refused: %v", last.user, last.priority, last.refusal)
}

// The calls of a user on another replica count, and so does that another user asks there, once it
// has made a call. A restored call keeps its user. The id of an earlier version has none.
func Test15_8_ReplicasAndRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiters := replicas(t, newFakeStore(), 2, 100, 1000)
		limiters[0].Asked("other")
		if got := drain(t, limiters[0], "greedy", PriorityRead); got != 30 {
			t.Errorf("calls on the first replica = %d, want 30", got)
		}
		time.Sleep(time.Second)
		if refusal := tryAs(t, limiters[0], "other", PriorityLookup); refusal != nil {
			t.Errorf("the other user has to wait %v", refusal.RetryAfter)
		}
		time.Sleep(time.Second)
		if got := drain(t, limiters[1], "greedy", PriorityRead); got != 0 {
			t.Errorf("calls on the second replica = %d, want none", got)
		}
		next := open(t, 100, 1000, nil)
		next.Restore(limiters[1].Spent())
		if got := drain(t, next, "greedy", PriorityRead); got != 0 {
			t.Errorf("calls after a restart = %d, want none", got)
		}
		if refusal := tryAs(t, next, "other", PriorityLookup); refusal != nil {
			t.Errorf("after a restart the other user has to wait %v", refusal.RetryAfter)
		}
		users := next.Users()
		if len(users) != 2 || users[0] != (UserUsage{Name: "greedy", LastMinute: 30, LastHour: 30}) {
			t.Errorf("Users() after a restart = %+v, want greedy with 30 calls first", users)
		}
		earlier := open(t, 100, 1000, nil)
		for i := range 30 {
			earlier.Restore([]Call{{ID: fmt.Sprint("lABCDEFGH-", i), At: time.Now()}})
		}
		if got := drain(t, earlier, "greedy", PriorityLookup); got != 20 {
			t.Errorf("look-ups after 30 of an earlier version = %d, want two thirds of the 30 that are left", got)
		}
	})
}
