package wisphub

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/wisphub/ratelimit"
	"wisphub-graphql/wisphub/wisphubtest"
)

// slowList serves the services 1 to rows, in virtual time.
type slowList struct {
	rows     int
	from, to time.Duration // of an answer
	joinedAt time.Duration // when the first caller waits for the list
	hangs    func(call int) bool

	mu       sync.Mutex
	random   *rand.Rand
	requests []int       // the offsets; guarded by mu
	waiting  map[int]int // calls under way by offset; guarded by mu
	most     int         // calls of one page at the same time; guarded by mu
}

func newSlowList(rows int, seed uint64) *slowList {
	random := rand.New(rand.NewPCG(seed, 0))
	return &slowList{
		rows: rows, from: 150 * time.Millisecond, to: 600 * time.Millisecond, random: random,
		hangs: func(int) bool { return random.IntN(8) == 0 }, waiting: map[int]int{},
	}
}

func (s *slowList) begin(offset int) (delay time.Duration, hangs bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, offset)
	return s.from + time.Duration(s.random.Int64N(int64(s.to-s.from)+1)), s.hangs(len(s.requests))
}

// track counts a call as the reader sees it.
func (s *slowList) track(offset int) (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting[offset]++
	s.most = max(s.most, s.waiting[offset])
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waiting[offset]--
	}
}

func (s *slowList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	delay, hangs := s.begin(offset)
	if hangs {
		<-r.Context().Done()
		return
	}
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		return
	}
	type row struct {
		ID int `json:"id_servicio"`
	}
	rows := []row{}
	for id := offset + 1; id <= min(offset+MaxLimit, s.rows); id++ {
		rows = append(rows, row{id})
	}
	w.Header().Set("Content-Type", jsonType)
	_ = json.NewEncoder(w).Encode(map[string]any{"count": s.rows, "results": rows})
}

// read reads the list as callers do who have none, and returns how long it took. Call it inside a bubble.
func (s *slowList) read(t *testing.T, options ReadOptions[Client]) time.Duration {
	t.Helper()
	pipe := wisphubtest.Pipe(s)
	defer pipe.Close()
	api := open(t, Config{Host: "http://wisphub.test", Dial: pipe.Dial})
	defer api.Close()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	ctx = ratelimit.WithPriority(ctx, func() ratelimit.Priority {
		if time.Since(began) < s.joinedAt {
			return ratelimit.PriorityBackground
		}
		return ratelimit.PriorityShared
	})
	rows, err := ReadAllWith(ctx, func(ctx context.Context, options ListOptions) (*Page[Client], error) {
		defer s.track(options.Offset)()
		return api.Clients.List(ctx, ClientListOptions{ListOptions: options})
	}, clientID, options)
	wantWhole(t, rows, err, s.rows)
	return time.Since(began)
}

// WispHub never answers one call in eight. A first list comes soon nevertheless.
func Test14_19_FirstListWithHangs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rows, calls int
		within      time.Duration
	}{{20_000, 90, 15 * time.Second}, {2000, 13, 4 * time.Second}} {
		took, calls := []time.Duration{}, []int{}
		for seed := range uint64(24) {
			synctest.Test(t, func(t *testing.T) {
				list := newSlowList(test.rows, seed)
				took = append(took, list.read(t, ReadOptions[Client]{First: true}))
				calls = append(calls, len(list.requests))
				if list.most > 2 {
					t.Errorf("%d calls of one page at the same time, want at most 2", list.most)
				}
			})
		}
		if most := slices.Max(took); most > test.within {
			t.Errorf("%d clients took up to %v, want %v: %v", test.rows, most, test.within, took)
		}
		if most := slices.Max(calls); most > test.calls {
			t.Errorf("%d clients cost up to %d calls, want at most %d: %v", test.rows, most, test.calls, calls)
		}
		slices.Sort(took)
		slices.Sort(calls)
		t.Logf("%d clients, %d starts: median %v and %d calls, at most %v and %d",
			test.rows, len(took), took[len(took)/2], calls[len(took)/2], took[len(took)-1], calls[len(took)-1])
	}
}

// A second try of a page that WispHub answers slowly does not end the first one too soon, and pages
// that wait for the budget are not late.
func Test14_19_SlowIsNotLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newSlowList(20_000, 1)
		list.from, list.to, list.hangs = 4*time.Second, 4*time.Second, func(int) bool { return false }
		took := list.read(t, ReadOptions[Client]{First: true})
		if calls := len(list.requests); calls > 67+4 || took > time.Minute {
			t.Errorf("67 pages of 4 s took %v and %d calls, want at most 1m and 4 calls more", took, calls)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		list := newSlowList(60_000, 1)
		list.hangs = func(int) bool { return false }
		took := list.read(t, ReadOptions[Client]{First: true})
		if calls := len(list.requests); calls != 201 || took > 150*time.Second {
			t.Errorf("201 pages took %v and %d calls, want at most 2m30s and 201", took, calls)
		}
	})
}

// A warm-up that a caller joins is read as soon as if the caller had begun it. The list is not lost
// when pages that wait for the next minute are refused to the caller.
func Test14_1_JoinedWarmUp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rows             int
		joinedAt, within time.Duration
	}{{20_000, time.Second, 15 * time.Second}, {60_000, 30 * time.Second, 150 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			list := newSlowList(test.rows, 1)
			list.joinedAt = test.joinedAt
			if took := list.read(t, ReadOptions[Client]{First: true}); took > test.within {
				t.Errorf("%d clients took %v, want %v", test.rows, took, test.within)
			}
		})
	}
}

// The hedge costs nothing while WispHub answers, and a page that fails at once is read again.
func Test14_19_FailuresOfAPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		errs   []error // of the tries; nil is a page
		within time.Duration
		want   error
		calls  int
	}{
		{"good", []error{nil}, 0, nil, 1},
		{"fails once", []error{ErrUnavailable, nil}, maxJitter, nil, 2},
		{"fails twice", []error{ErrUnavailable, ErrUnavailable}, maxJitter, ErrUnavailable, 2},
		{"forbidden", []error{ErrForbidden}, 0, ErrForbidden, 1},
		{"limited", []error{ErrRateLimited}, 0, ErrRateLimited, 1},
		{"hangs, and the budget is spent", []error{errHangs, ErrBudget, nil}, 2*minLate + maxJitter, nil, 3},
		{"hangs twice", []error{errHangs, errHangs, nil}, 2 * minLate, nil, 3},
		{"hangs, then fails", []error{errHangs, ErrUnavailable, nil}, 2*minLate + maxJitter, ErrTimeout, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				read := func(ctx context.Context) (*Page[Client], error) {
					err := test.errs[calls]
					calls++
					if errors.Is(err, ErrBudget) {
						return nil, err
					}
					once, _ := onceFrom(ctx)
					once.sent()
					if errors.Is(err, errHangs) {
						if background.Sleep(ctx, once.limit) == nil {
							return nil, ErrTimeout
						}
						return nil, ctx.Err()
					}
					return &Page[Client]{}, err
				}
				began := time.Now()
				var losers sync.WaitGroup
				page, err := hedged(t.Context(), read, &answerTimes{}, &losers)
				losers.Wait()
				if !errors.Is(err, test.want) || (err == nil) != (page != nil) {
					t.Errorf("hedged() = %v, %v, want %v", page, err, test.want)
				}
				if took := time.Since(began); took > test.within || calls != test.calls {
					t.Errorf("hedged() took %v and %d calls, want at most %v and %d", took, calls, test.within, test.calls)
				}
			})
		})
	}
}

var errHangs = errors.New("hangs")
