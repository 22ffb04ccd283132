package ratelimit

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The waiting calls of a user at its share do not hold up those of others.
func Test15_8_QueueGoesOnForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		l.Asked("reader")
		drain(t, l, "greedy", PriorityLookup)
		ctx, cancel := context.WithCancel(asUser(t.Context(), l, "greedy", PriorityLookup))
		var waiting sync.WaitGroup
		for range 20 {
			waiting.Go(func() { _, _ = l.Take(ctx) })
		}
		synctest.Wait()
		if refusal := tryAs(t, l, "reader", PriorityLookup); refusal != nil {
			t.Errorf("the other user's call has to wait %v", refusal.RetryAfter)
		}
		cancel()
		waiting.Wait()
	})
}

// Users take turns where connections are short: one user's many calls do not go before another's.
func Test15_8_UsersTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		var mu sync.Mutex
		var order []string
		var calls sync.WaitGroup
		call := func(user string) {
			ctx := asUser(t.Context(), l, user, PriorityLookup)
			calls.Go(func() {
				permit, err := l.Take(ctx)
				if err != nil {
					t.Errorf("Take() = %v, want a permit", err)
					return
				}
				mu.Lock()
				order = append(order, user)
				mu.Unlock()
				time.Sleep(time.Second)
				permit.Release()
			})
			synctest.Wait()
		}
		for range 16 {
			call("greedy")
		}
		for range 3 {
			call("reader")
		}
		calls.Wait()
		if at := slices.Index(order, "reader"); at != 4 {
			t.Errorf("the other user's first call was number %d, want it right after the four under way: %v", at+1, order)
		}
		slices.Reverse(order)
		if at := len(order) - slices.Index(order, "reader"); at > 8 {
			t.Errorf("the other user's last call was number %d, want at most 8", at)
		}
	})
}

// A call for several users counts for the one that has spent the least. If a user with room joins a
// call that waits, it goes.
func Test15_8_CallOfSeveralUsers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		l.Asked("reader")
		drain(t, l, "greedy", PriorityLookup)
		time.Sleep(30 * time.Second)
		var joined atomic.Bool
		users := func() []string {
			if joined.Load() {
				return []string{"greedy", "reader"}
			}
			return []string{"greedy"}
		}
		ctx := WithUsers(withPriority(t.Context(), PriorityLookup), users)
		granted, began := make(chan *Permit), time.Now()
		go func() {
			permit, err := l.Take(ctx)
			if err != nil {
				t.Errorf("Take() = %v, want a permit", err)
			}
			granted <- permit
		}()
		time.Sleep(5 * time.Second)
		joined.Store(true)
		permit := <-granted
		if took := time.Since(began); took > 6*time.Second || permit.user != tagOf("reader") {
			t.Errorf("the call went after %v for %q, want within a second after the other joined, and for that one", took, permit.user)
		}
		permit.Release()
	})
}

// Calls that found nothing are limited a minute and an hour. Writes, shared readings and other users
// go on.
func Test15_8_NotFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		l.Asked("reader")
		miss := func() *Error {
			ctx, bill := WithBill(asUser(t.Context(), l, "bot", PriorityLookup))
			ctx, cancel := context.WithTimeout(ctx, minCallTime)
			defer cancel()
			permit, err := l.Take(ctx)
			bill.NotFound()
			if err != nil {
				return err.(*Error)
			}
			permit.Release()
			return nil
		}
		misses := 0
		for began := time.Now(); time.Since(began) < time.Hour; time.Sleep(time.Second) {
			refusal := miss()
			if refusal == nil {
				if misses++; misses == notFoundHour {
					break
				}
				continue
			}
			if !refusal.NotFound || refusal.ShareSpent || refusal.RetryAfter <= 0 || refusal.RetryAfter > time.Hour {
				t.Fatalf("refusal = %+v, want NotFound and a time within the hour", refusal)
			}
			if misses == notFoundMinute && refusal.RetryAfter != 50*time.Second {
				t.Fatalf("RetryAfter after %d calls = %v, want what is left of the minute", misses, refusal.RetryAfter)
			}
			time.Sleep(refusal.RetryAfter - time.Second)
		}
		if misses != notFoundHour {
			t.Errorf("calls that found nothing within the hour = %d, want %d", misses, notFoundHour)
		}
		if got := l.Users(); len(got) == 0 || got[0].Name != "bot" || got[0].NotFoundLastHour != notFoundHour {
			t.Errorf("Users() = %+v, want bot with %d not found", got, notFoundHour)
		}
		if refusal := miss(); refusal == nil || !refusal.NotFound {
			t.Errorf("refusal after %d calls = %+v, want NotFound", misses, refusal)
		}
		for _, other := range []struct {
			user     string
			priority Priority
		}{{"reader", PriorityLookup}, {"bot", PriorityWrite}, {"bot", PriorityShared}} {
			if refusal := tryAs(t, l, other.user, other.priority); refusal != nil {
				t.Errorf("a call of %s with priority %d has to wait %v", other.user, other.priority, refusal.RetryAfter)
			}
		}
	})
}

// A bill without a call for a user counts nothing.
func Test15_8_BillWithoutCall(t *testing.T) {
	t.Parallel()
	l := open(t, 100, 1000, nil)
	_, bill := WithBill(WithUser(t.Context(), "bot"))
	bill.NotFound()
	if got := l.Users(); len(got) != 0 {
		t.Errorf("Users() = %+v, want none", got)
	}
}

// The users are bounded: the one that asked longest ago is forgotten.
func Test15_8_AskersAreBounded(t *testing.T) {
	t.Parallel()
	a := newAskers()
	for i := range maxAskers + 100 {
		a.add(string(rune('a'+i%26)) + time.Duration(i).String())
	}
	if got := a.known.Len(); got != maxAskers {
		t.Errorf("remembered users = %d, want %d", got, maxAskers)
	}
}
