package ratelimit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// replicas returns limiters that share the log of a store, after all have joined it.
func replicas(t *testing.T, store *fakeStore, count, minute, hour int) []*Limiter {
	t.Helper()
	limiters := make([]*Limiter, count)
	for i := range limiters {
		limiters[i] = open(t, minute, hour, &fakeLog{fakeStore: store, replicas: count})
	}
	time.Sleep(2 * fakeSettle)
	return limiters
}

// Three replicas share one budget, and each reports the calls of all.
func TestReplicas_ShareTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiters := replicas(t, newFakeStore(), 3, 30, 1000)
		began := time.Now()
		for _, limiter := range limiters {
			spend(t, limiter, PriorityWrite, 10)
		}
		for i, limiter := range limiters {
			if got := limiter.Usage().LastMinute; got != 30 {
				t.Errorf("Usage() of replica %d = %d calls, want 30", i, got)
			}
			if got := limiter.HourShare(); got != 1000 {
				t.Errorf("HourShare() of replica %d = %d, want 1000", i, got)
			}
		}
		spend(t, limiters[0], PriorityWrite, 1)
		if got := time.Since(began); got < MinuteWindow || got > MinuteWindow+time.Second {
			t.Errorf("call 31 went after %v, want %v", got, MinuteWindow)
		}
	})
}

func TestReplicas_PauseTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiters := replicas(t, newFakeStore(), 2, 100, 1000)
		limiters[0].Pause(20 * time.Second)
		if got := waited(t, limiters[1], PriorityRead); got != 20*time.Second {
			t.Errorf("the other replica waited %v, want 20s", got)
		}
	})
}

// While the log is lost, each replica keeps to a third of what was left. Once it is back, they
// share the budget again.
func TestReplicas_LogLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		limiters := replicas(t, store, 3, 30, 1000)
		spend(t, limiters[0], PriorityRead, 6)
		time.Sleep(time.Second) // until all have confirmed these calls
		store.lose(true)
		for i, limiter := range limiters {
			for range 8 {
				if got := waited(t, limiter, PriorityWrite); got > time.Millisecond {
					t.Errorf("replica %d waited %v for its share of the 24 calls left, want no wait", i, got)
				}
			}
			if got := limiter.HourShare(); got != 333 {
				t.Errorf("HourShare() of replica %d = %d, want 333", i, got)
			}
		}
		for i, limiter := range limiters {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if _, err := limiter.Take(ctx); !isRefusal(err) {
				t.Errorf("replica %d: Take() over its share = %v, want an *Error", i, err)
			}
		}
		store.lose(false)
		time.Sleep(MinuteWindow)
		spend(t, limiters[2], PriorityWrite, 30)
		for i, limiter := range limiters {
			if got := limiter.Usage(); got.LastHour != 60 {
				t.Errorf("Usage() of replica %d = %d calls, want 60", i, got.LastHour)
			}
		}
	})
}

func TestReplicas_LogNeverReached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		store.lose(true)
		limiter := replicas(t, store, 3, 30, 1000)[0]
		spend(t, limiter, PriorityWrite, 10)
		if got := waited(t, limiter, PriorityWrite); got == 0 {
			t.Error("call 11 waited 0s, want a wait: the share is a third of 30")
		}
	})
}

// No window holds more calls of all replicas than allowed, whatever the load, and whenever the
// log is lost or comes back empty.
func TestReplicas_Property(t *testing.T) {
	t.Parallel()
	const minute, hour, count = 15, 90, 3
	spans := rapid.SampledFrom([]time.Duration{0, 1, time.Second, 4 * time.Second, 10 * time.Second, time.Minute, 10 * time.Minute})
	type step struct {
		after    time.Duration
		replica  int
		priority Priority
		lose     int // the store: 1 is lost, 2 comes back
	}
	steps := rapid.Custom(func(t *rapid.T) step {
		return step{
			after:    spans.Draw(t, "after") / 2,
			replica:  rapid.IntRange(0, count-1).Draw(t, "replica"),
			priority: rapid.SampledFrom([]Priority{PriorityBackground, PriorityLookup, PriorityRead, PriorityShared, PriorityWrite}).Draw(t, "priority"),
			lose:     rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 0, 1, 2}).Draw(t, "lose"),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		plan := rapid.SliceOfN(steps, 1, 80).Draw(rt, "plan")
		var wrong error
		synctest.Test(t, func(t *testing.T) {
			store := newFakeStore()
			limiters := replicas(t, store, count, minute, hour)
			var mu sync.Mutex
			var sent []playedCall
			var group sync.WaitGroup
			for _, step := range plan {
				time.Sleep(step.after)
				if step.lose > 0 {
					store.lose(step.lose == 1)
				}
				group.Go(func() {
					ctx, cancel := context.WithTimeout(withPriority(t.Context(), step.priority), time.Minute)
					defer cancel()
					permit, err := limiters[step.replica].Take(ctx)
					if err != nil {
						return
					}
					defer permit.Release()
					mu.Lock()
					defer mu.Unlock()
					sent = append(sent, playedCall{plannedCall: plannedCall{priority: PriorityWrite}, went: time.Now()})
				})
			}
			group.Wait()
			slices.SortFunc(sent, func(a, b playedCall) int { return cmp.Compare(a.went.UnixNano(), b.went.UnixNano()) })
			wrong = errors.Join(checkWindows(sent, MinuteWindow, minute), checkWindows(sent, HourWindow, hour))
		})
		if wrong != nil {
			rt.Fatal(fmt.Errorf("%d steps: %w", len(plan), wrong))
		}
	})
}

func isRefusal(err error) bool {
	e := (*Error)(nil)
	return errors.As(err, &e) && !e.Paused
}
