package shared_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

func wantCalls(t *testing.T, got map[string]time.Duration, want ...string) {
	t.Helper()
	if ids := slices.Sorted(maps.Keys(got)); !slices.Equal(ids, want) {
		t.Errorf("calls = %q, want %q", ids, want)
	}
}

func TestLedger_RefusesUntilCallExpires(t *testing.T) {
	t.Parallel()
	const minute, hour = 400 * time.Millisecond, time.Second
	_, l := openLedger(t, cachetest.StartServer(t), minute, hour)
	start := time.Now()
	wantEntered(t, l, "1", 2, 3)
	wantEntered(t, l, "2", 2, 3)
	time.Sleep(wantRefused(t, l, 2, 3, 0, minute))
	if age := time.Since(start); age < minute {
		t.Errorf("the first call expired from the minute after %v, want %v", age, minute)
	}
	wantEntered(t, l, "3", 2, 3) // exactly after the wait
	wantRefused(t, l, 1, 99, minute/4, minute)
	time.Sleep(wantRefused(t, l, 99, 3, hour/10, hour-minute))
	if age := time.Since(start); age < hour {
		t.Errorf("the first call expired from the hour after %v, want %v", age, hour)
	}
	wantEntered(t, l, "4", 99, 3)
}

func TestLedger_WaitsForEnoughCallsToExpire(t *testing.T) {
	t.Parallel()
	_, l := openLedger(t, cachetest.StartServer(t), time.Minute, time.Hour)
	merge(t, l, map[string]time.Duration{"1": 50 * time.Second, "2": 40 * time.Second, "3": 30 * time.Second})
	for limit, want := range []time.Duration{time.Minute, 30 * time.Second, 20 * time.Second, 10 * time.Second} {
		wantRefused(t, l, limit, 1000, want-time.Second, want)
	}
	wantRefused(t, l, 1000, 1, time.Hour-31*time.Second, time.Hour-30*time.Second)
	wantEntered(t, l, "4", 4, 4)
}

func TestLedger_Leave(t *testing.T) {
	t.Parallel()
	_, l := openLedger(t, cachetest.StartServer(t), time.Minute, time.Hour)
	wantEntered(t, l, "1", 1, 10)
	wantRefused(t, l, 1, 10, 0, time.Minute)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Leave(ended, "1"); err != nil {
		t.Errorf("Leave = %v", err)
	}
	wantEntered(t, l, "2", 1, 10)
}

func TestLedger_Pause(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	_, a := openLedger(t, server, time.Minute, time.Hour)
	_, b := openLedger(t, server, time.Minute, time.Hour)
	for _, d := range []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, 50 * time.Millisecond} {
		if err := a.Pause(t.Context(), d); err != nil {
			t.Errorf("Pause = %v", err)
		}
	}
	time.Sleep(wantRefused(t, b, 10, 10, 300*time.Millisecond, 510*time.Millisecond))
	wantEntered(t, b, "1", 10, 10)
}

func TestLedger_Resume(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	_, a := openLedger(t, server, time.Minute, time.Hour)
	_, b := openLedger(t, server, time.Minute, time.Hour)
	if err := a.Pause(t.Context(), time.Hour); err != nil {
		t.Errorf("Pause = %v", err)
	}
	wantRefused(t, b, 10, 10, time.Minute, 2*time.Hour)
	if err := b.Resume(t.Context()); err != nil {
		t.Errorf("Resume = %v", err)
	}
	wantEntered(t, a, "1", 10, 10)
}

func TestLedger_Subscribe(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s, a := openLedger(t, server, time.Minute, time.Hour)
	_, b := openLedger(t, server, time.Minute, time.Hour)
	var own, other recorder
	entered := func(add func(id string)) func(id string) {
		return func(id string) {
			if id != "" { // not a call: b has joined
				add(id)
			}
		}
	}
	a.Subscribe(entered(own.add))
	stop := b.Subscribe(entered(other.add))
	wantEntered(t, a, "1", 2, 2)
	wantEntered(t, a, "2", 2, 2)
	wantRefused(t, a, 2, 2, 0, time.Hour)
	another := newReplica(s.Ledger("another ledger", time.Minute, time.Hour))
	merge(t, another, nil)
	wantEntered(t, another, "x", 2, 2)
	wantMessages(t, &other, "1", "2")
	stop()
	confirm(t, a)
	wantEntered(t, b, "3", 3, 3)
	wantMessages(t, &own, "3")
	wantMessages(t, &other, "1", "2")
}

func TestLedger_Merge(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	sa, a := openLedger(t, server, time.Minute, time.Hour)
	sb, b := openLedger(t, server, time.Minute, time.Hour)
	wantCalls(t, merge(t, a, nil))
	wantEntered(t, a, "a", 9, 9)
	calls := map[string]time.Duration{"a": time.Minute, "b": 30 * time.Second, "old": time.Hour, "future": -time.Second}
	got := merge(t, b, calls)
	wantCalls(t, got, "a", "b", "future")
	if got["a"] > time.Second || got["future"] > time.Second || got["b"] < 30*time.Second || got["b"] > 31*time.Second {
		t.Errorf("ages are %v, want the known call to keep its age, and 30 s for b", got)
	}
	wantCalls(t, merge(t, b, calls), "a", "b", "future")
	wantRefused(t, a, 3, 9, 0, 30*time.Second)
	wantRefused(t, a, 1, 9, 0, time.Minute) // a call of the future counts as made now

	server.Kill()
	cachetest.Until(t, "both have lost the store", func() bool { return !sa.Up() && !sb.Up() })
	server.Restart()
	cachetest.Until(t, "both are back", func() bool { return sa.Up() && sb.Up() })
	wantCalls(t, merge(t, a, map[string]time.Duration{"a": 2 * time.Second, "alone": time.Second}), "a", "alone")
	got["late"] = 0
	wantCalls(t, merge(t, b, got), "a", "alone", "b", "future", "late")
	wantCalls(t, merge(t, a, nil), "a", "alone", "b", "future", "late")
	wantRefused(t, b, 5, 9, 0, time.Minute)
}

// A server may come back empty. Enter must wait until the server knows the earlier calls.
func TestLedger_EnterRequiresMerge(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	a := newReplica(s.Ledger(ledgerName, time.Minute, time.Hour))
	b := newReplica(s.Ledger(ledgerName, time.Minute, time.Hour))
	wantEnterLost(t, a)
	merge(t, a, nil)
	wantEntered(t, a, "1", 9, 9)
	wantEnterLost(t, b) // b has not merged, only a has

	for _, lose := range []func(){
		func() { server.Kill(); server.Restart() },
		func() { server.Do("CLIENT", "KILL", "TYPE", "pubsub") },
	} {
		connection := s.Connection()
		lose()
		cachetest.Until(t, "the store is back", func() bool { return s.Up() && s.Connection() != connection })
		wantEnterLost(t, a)
		merge(t, b, nil)
		wantEnterLost(t, a)
		merge(t, a, nil)
		wantEntered(t, a, fmt.Sprint("after ", s.Connection()), 9, 9)
	}
	server.Kill()
	cachetest.Until(t, "the store is lost", func() bool { return !s.Up() })
	wantEnterLost(t, a)
}

func wantEnterLost(t *testing.T, r *replica) {
	t.Helper()
	if wait, err := r.enter(t.Context(), "lost", 9, 9); !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Enter = %v, %v, want %v", wait, err, shared.ErrStoreLost)
	}
}

func TestLedger_MergeThousands(t *testing.T) {
	t.Parallel()
	_, l := openLedger(t, cachetest.StartServer(t), time.Minute, time.Hour)
	calls := make(map[string]time.Duration)
	for i := range 5000 {
		calls[fmt.Sprintf("replica-with-a-long-name-%d", i)] = time.Duration(i) * time.Millisecond
	}
	if got := merge(t, l, calls); len(got) != len(calls) {
		t.Errorf("Merge returned %d calls, want %d", len(got), len(calls))
	}
}

// span holds the earliest and the latest time at which a call was recorded.
type span struct{ from, to time.Time }

func TestLedger_NeverExceedsWindow(t *testing.T) {
	t.Parallel()
	const (
		minute, minuteLimit = 300 * time.Millisecond, 20
		hour, hourLimit     = 2 * time.Second, 70
		length              = 4 * time.Second
	)
	server := cachetest.StartServer(t)
	var mu sync.Mutex
	var entered []span
	var wg sync.WaitGroup
	start := time.Now()
	for replica := range 3 {
		_, l := openLedger(t, server, minute, hour)
		for worker := range 4 {
			wg.Go(func() {
				for i := 0; time.Since(start) < length; i++ {
					// Some pass lower limits, as callers of low priority do.
					lower := rand.IntN(2) * rand.IntN(5)
					from := time.Now()
					wait, err := l.enter(t.Context(), fmt.Sprint(replica, worker, i), minuteLimit-lower, hourLimit-lower)
					if err != nil {
						t.Errorf("Enter = %v", err)
						return
					}
					if wait == 0 {
						mu.Lock()
						entered = append(entered, span{from, time.Now()})
						mu.Unlock()
						continue
					}
					time.Sleep(rand.N(wait) + time.Millisecond) // usually too early
				}
			})
		}
	}
	wg.Wait()
	wantWithin(t, entered, minute, minuteLimit)
	wantWithin(t, entered, hour, hourLimit)
	if full := hourLimit * int(length/hour); len(entered) < full*3/4 {
		t.Errorf("%d calls recorded, want most of %d", len(entered), full)
	}
}

// wantWithin fails the test if more than limit calls certainly fall in one window.
func wantWithin(t *testing.T, calls []span, window time.Duration, limit int) {
	t.Helper()
	slices.SortFunc(calls, func(a, b span) int { return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to)) })
	for i := range calls {
		within := 0
		for _, call := range calls[i:] {
			if call.to.Sub(calls[i].from) < window {
				within++
			}
		}
		if within > limit {
			t.Fatalf("%d calls within %v, want at most %d", within, window, limit)
		}
	}
}
