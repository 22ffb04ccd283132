package wisphub

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

// shelf is a store with one book in it, that can be lost, and come back empty.
type shelf struct {
	mu       sync.Mutex
	lost     bool
	restarts int
	entered  map[string]time.Time
	paused   time.Time
	watchers map[*fakeBook]func(id string)
}

func newShelf() *shelf {
	return &shelf{entered: map[string]time.Time{}, watchers: map[*fakeBook]func(string){}}
}

func (s *shelf) lose(lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost, s.entered = lost, map[string]time.Time{}
	s.restarts++
}

// fakeBook is the book as one of so many replicas sees it.
type fakeBook struct {
	*shelf
	replicas int
	restart  int // that it knows of
}

var _ Book = (*fakeBook)(nil)

func (f *fakeBook) Enter(_ context.Context, id string, minute, hour int) (time.Duration, error) {
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
	for other, heard := range f.watchers {
		if other != f {
			heard(id)
		}
	}
	return 0, nil
}

func (f *fakeBook) Leave(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.entered, id)
	return nil
}

func (f *fakeBook) Merge(_ context.Context, calls map[string]time.Duration) (map[string]time.Duration, error) {
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

func (f *fakeBook) Pause(_ context.Context, wait time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused = time.Now().Add(wait)
	return nil
}

func (f *fakeBook) Subscribe(entered func(id string)) (stop func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[f] = entered
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, f)
	}
}

func (f *fakeBook) Replicas() int { return f.replicas }

// replicas returns APIs that share a book on the shelf, settled.
func replicas(t *testing.T, store *shelf, count, minute, hour int) []*API {
	t.Helper()
	apis := make([]*API, count)
	for i := range apis {
		apis[i] = open(t, Config{Host: "http://127.0.0.1:1", MinuteLimit: minute, HourLimit: hour, Book: &fakeBook{shelf: store, replicas: count}})
	}
	time.Sleep(2 * settling)
	return apis
}

// Three replicas spend one budget, and each shows what all have spent.
func TestReplicasShareTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		apis := replicas(t, newShelf(), 3, 30, 1000)
		for _, api := range apis {
			spend(t, api.budget, RankRead, 10)
		}
		for i, api := range apis {
			if got := api.Usage().LastMinute; got != 30 {
				t.Errorf("replica %d knows of %d calls, want 30", i, got)
			}
			if got := api.HourShare(); got != 1000 {
				t.Errorf("replica %d counts on %d calls an hour, want all 1000", i, got)
			}
		}
		if got := waited(t, apis[0].budget, RankRead); got < MinuteWindow || got > MinuteWindow+time.Second {
			t.Errorf("call 31 waited %v, want %v", got, MinuteWindow)
		}
	})
}

// A 429 to one is a 429 to all.
func TestReplicasRestTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		apis := replicas(t, newShelf(), 2, 100, 1000)
		apis[0].budget.obey(&Error{StatusCode: 429, kind: ErrRateLimited, RetryAfter: 20 * time.Second})
		if got := waited(t, apis[1].budget, RankRead); got != 20*time.Second {
			t.Errorf("the other replica waited %v, want 20s", got)
		}
	})
}

// The book lost, each keeps to a third of what was left, and together they stay within it; the book back, they share again.
func TestReplicasWithoutTheBook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		apis := replicas(t, store, 3, 30, 1000)
		spend(t, apis[0].budget, RankRead, 6)
		store.lose(true)
		for i, api := range apis {
			for range 8 {
				if got := waited(t, api.budget, RankRead); got > time.Millisecond {
					t.Errorf("replica %d waited %v for its share of the 24 that were left", i, got)
				}
			}
			if got := api.HourShare(); got != 333 {
				t.Errorf("replica %d counts on %d calls an hour, want 333", i, got)
			}
		}
		for i, api := range apis {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if _, err := api.budget.take(ctx, anyCall); !errors.Is(err, ErrBudget) {
				t.Errorf("replica %d: take = %v over its share, want %v", i, err, ErrBudget)
			}
		}
		store.lose(false)
		time.Sleep(MinuteWindow)
		spend(t, apis[2].budget, RankRead, 30)
		for i, api := range apis {
			if got := api.Usage(); got.LastHour != 60 {
				t.Errorf("replica %d knows of %d calls, want all 60", i, got.LastHour)
			}
		}
	})
}

// A replica that has never seen the book keeps to its share, too.
func TestReplicaThatNeverSawTheBook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		store.lose(true)
		api := replicas(t, store, 3, 30, 1000)[0]
		spend(t, api.budget, RankRead, 10)
		if got := waited(t, api.budget, RankRead); got == 0 {
			t.Error("call 11 of a third of 30 waited for nothing")
		}
	})
}

// Whatever the load, and whenever the book is lost and comes back empty, no window holds more calls of all replicas than
// allowed.
func TestReplicasProperty(t *testing.T) {
	t.Parallel()
	const minute, hour, count = 15, 90, 3
	spans := rapid.SampledFrom([]time.Duration{0, 1, time.Second, 4 * time.Second, 10 * time.Second, time.Minute, 10 * time.Minute})
	type step struct {
		after   time.Duration
		replica int
		rank    Rank
		lose    int // the store: 1 is lost, 2 comes back
	}
	steps := rapid.Custom(func(t *rapid.T) step {
		return step{
			after:   spans.Draw(t, "after") / 2,
			replica: rapid.IntRange(0, count-1).Draw(t, "replica"),
			rank:    rapid.SampledFrom([]Rank{RankBackground, RankRead, RankRead, RankWrite}).Draw(t, "rank"),
			lose:    rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 0, 1, 2}).Draw(t, "lose"),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		plan := rapid.SliceOfN(steps, 1, 80).Draw(rt, "plan")
		var wrong error
		synctest.Test(t, func(t *testing.T) {
			store := newShelf()
			apis := replicas(t, store, count, minute, hour)
			var mu sync.Mutex
			var sent []granted
			var group sync.WaitGroup
			for _, one := range plan {
				time.Sleep(one.after)
				if one.lose > 0 {
					store.lose(one.lose == 1)
				}
				group.Go(func() {
					ctx, cancel := context.WithTimeout(asRank(t.Context(), one.rank), time.Minute)
					defer cancel()
					slot, err := apis[one.replica].budget.take(ctx, anyCall)
					if err != nil {
						return
					}
					defer apis[one.replica].budget.release(slot)
					mu.Lock()
					defer mu.Unlock()
					sent = append(sent, granted{drawn: drawn{rank: RankWrite}, went: time.Now()})
				})
			}
			group.Wait()
			slices.SortFunc(sent, func(a, b granted) int { return cmp.Compare(a.went.UnixNano(), b.went.UnixNano()) })
			wrong = errors.Join(holds(sent, MinuteWindow, minute, 0), holds(sent, HourWindow, hour, 0))
		})
		if wrong != nil {
			rt.Fatal(fmt.Errorf("%d steps: %w", len(plan), wrong))
		}
	})
}
