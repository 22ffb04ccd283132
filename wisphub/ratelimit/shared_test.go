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

var errLost = errors.New("store lost")

// fakeStore holds one log. It can be lost and come back empty.
type fakeStore struct {
	mu       sync.Mutex
	lost     bool
	restarts int
	entered  map[string]time.Time
	paused   time.Time
	watchers map[*fakeLog]func(id string)
}

func newFakeStore() *fakeStore {
	return &fakeStore{entered: map[string]time.Time{}, watchers: map[*fakeLog]func(string){}}
}

func (s *fakeStore) lose(lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost, s.entered = lost, map[string]time.Time{}
	s.restarts++
}

// fakeLog is the log as one replica sees it.
type fakeLog struct {
	*fakeStore
	replicas int
	restart  int // that it knows of
}

var _ Log = (*fakeLog)(nil)

func (f *fakeLog) Enter(_ context.Context, id string, minute, hour int) (time.Duration, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost || f.restart != f.restarts {
		return 0, errLost
	}
	if wait := time.Until(f.paused); wait > 0 {
		return wait, nil
	}
	lastMinute, lastHour := 0, 0
	for _, at := range f.entered {
		if time.Since(at) < MinuteWindow {
			lastMinute++
		}
		if time.Since(at) < HourWindow {
			lastHour++
		}
	}
	if lastMinute >= minute || lastHour >= hour {
		return time.Second, nil
	}
	f.entered[id] = time.Now()
	for other, notify := range f.watchers {
		if other != f {
			notify(id)
		}
	}
	return 0, nil
}

func (f *fakeLog) Leave(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.entered, id)
	return nil
}

func (f *fakeLog) Merge(_ context.Context, calls map[string]time.Duration) (map[string]time.Duration, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost {
		return nil, errLost
	}
	f.restart = f.restarts
	for id, age := range calls {
		f.entered[id] = time.Now().Add(-age)
	}
	all := map[string]time.Duration{}
	for id, at := range f.entered {
		all[id] = time.Since(at)
	}
	return all, nil
}

func (f *fakeLog) Resume(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost {
		return errLost
	}
	f.paused = time.Time{}
	return nil
}

func (f *fakeLog) Pause(_ context.Context, wait time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused = time.Now().Add(wait)
	return nil
}

func (f *fakeLog) Subscribe(entered func(id string)) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[f] = entered
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, f)
	}
}

func (f *fakeLog) Replicas() int { return f.replicas }

// replicas returns limiters that share the log of a store, after all have joined it.
func replicas(t *testing.T, store *fakeStore, count, minute, hour int) []*Limiter {
	t.Helper()
	limiters := make([]*Limiter, count)
	for i := range limiters {
		limiters[i] = open(t, minute, hour, &fakeLog{fakeStore: store, replicas: count})
	}
	time.Sleep(2 * rejoinDelay)
	return limiters
}

// Three replicas share one budget, and each reports the calls of all.
func TestReplicas_ShareTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiters := replicas(t, newFakeStore(), 3, 30, 1000)
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
		if got := waited(t, limiters[0], PriorityWrite); got < MinuteWindow || got > MinuteWindow+time.Second {
			t.Errorf("call 31 waited %v, want %v", got, MinuteWindow)
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
