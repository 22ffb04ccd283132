package isp

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// wantWatch begins to watch a job.
func wantWatch(tb testing.TB, ctx context.Context, provider *Provider, id string) *TaskWatch {
	tb.Helper()
	watch, err := provider.Tasks.Watch(ctx, id)
	if err != nil {
		tb.Fatalf("Watch(%s) = %v", id, err)
	}
	return watch
}

// wantStates reads a watch to its end, which must be a good one.
func wantStates(tb testing.TB, watch *TaskWatch, want ...TaskStatus) {
	tb.Helper()
	var got []string
	for task := range watch.States {
		got = append(got, string(task.Status))
	}
	var all []string
	for _, state := range want {
		all = append(all, string(state))
	}
	if strings.Join(got, " ") != strings.Join(all, " ") || watch.Err() != nil {
		tb.Errorf("the watch shows %v and ends with %v, want %v", got, watch.Err(), all)
	}
}

// A crowd that watches one job costs the polls of one watcher, whenever each of them comes; and each sees it change.
func TestWatchIsShared(t *testing.T) {
	t.Parallel()
	for _, watchers := range []int{1, 200} {
		upstream, address := simulate(t, 1)
		id := upstream.StartTask(wisphubtest.TaskScript{States: []string{
			wisphubtest.TaskPending, wisphubtest.TaskPending, wisphubtest.TaskProcess, wisphubtest.TaskProcess, wisphubtest.TaskSuccess,
		}})
		synctest.Test(t, func(t *testing.T) {
			provider, _ := connect(t, address)
			var crowd sync.WaitGroup
			for n := range watchers {
				crowd.Go(func() {
					time.Sleep(time.Duration(n/2) * 20 * time.Millisecond)
					wantStates(t, wantWatch(t, t.Context(), provider, id), TaskPending, TaskRunning, TaskSuccess)
				})
			}
			crowd.Wait()
			wantCalls(t, upstream, 5)
			wantStates(t, wantWatch(t, t.Context(), provider, id), TaskSuccess)
			wantCalls(t, upstream, 5)
			wantNoPolls(t, provider)
		})
	}
}

func wantNoPolls(tb testing.TB, provider *Provider) {
	tb.Helper()
	w := provider.Tasks.watches
	w.polling.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pollers) > 0 {
		tb.Errorf("%d jobs are polled, want none", len(w.pollers))
	}
}

// The pauses grow from a second to ten.
func TestWatchPauses(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(wisphubtest.TaskScript{States: []string{wisphubtest.TaskPending}})
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		wantWatch(t, ctx, provider, id)
		time.Sleep(time.Millisecond)
		for polls, seconds := range []float64{1, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10, 10} {
			time.Sleep(time.Duration(seconds*float64(time.Second)) - 2*time.Millisecond)
			wantCalls(t, upstream, polls+1)
			time.Sleep(2 * time.Millisecond)
			wantCalls(t, upstream, polls+2)
		}
	})
}

// A watcher who leaves leaves nothing running, and one who stays is served on.
func TestWatchersLeave(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	upstream.SetTaskPace(30 * time.Second)
	id := upstream.StartTask(wisphubtest.TaskScript{States: []string{wisphubtest.TaskPending}})
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		first, leaveFirst := context.WithCancel(t.Context())
		second, leaveSecond := context.WithCancel(t.Context())
		one, other := wantWatch(t, first, provider, id), wantWatch(t, second, provider, id)
		leaveFirst()
		synctest.Wait()
		wantStates(t, one, TaskPending)
		calls := upstream.Total()
		time.Sleep(5 * time.Second)
		if upstream.Total() <= calls {
			t.Error("the polls ended with the first of two watchers")
		}
		leaveSecond()
		wantNoPolls(t, provider)
		wantStates(t, other, TaskPending)
		calls = upstream.Total()
		time.Sleep(time.Minute)
		wantCalls(t, upstream, calls)
	})
}

// A watcher who does not look holds up nobody, and finds the newest state.
func TestWatchOfTheSlow(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(wisphubtest.TaskScript{})
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		slow := wantWatch(t, t.Context(), provider, id)
		wantStates(t, wantWatch(t, t.Context(), provider, id), TaskPending, TaskRunning, TaskSuccess)
		wantStates(t, slow, TaskSuccess)
	})
}

func TestWatchEnds(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(wisphubtest.TaskScript{States: []string{wisphubtest.TaskPending}})
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		began := time.Now()
		watch := wantWatch(t, t.Context(), provider, id)
		for range watch.States {
		}
		if took := time.Since(began); took != watchLimit || !errors.Is(watch.Err(), ErrUnfinished) {
			t.Errorf("the watch ended after %v with %v, want ErrUnfinished after %v", took, watch.Err(), watchLimit)
		}
		wantNoPolls(t, provider)
		watch = wantWatch(t, t.Context(), provider, id)
		provider.Close()
		for range watch.States {
		}
		wantErrorIs(t, "Err() after Close", watch.Err(), ErrUpstreamUnavailable)
		_, err := provider.Tasks.Watch(t.Context(), id)
		wantErrorIs(t, "Watch() after Close", err, ErrUpstreamUnavailable)
	})
}

func TestWatchOfNothing(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	_, err := provider.Tasks.Watch(t.Context(), "26.")
	wantErrorIs(t, "Watch(26.)", err, ErrUnknownTask)
	wantCalls(t, upstream, 0)
	_, err = provider.Tasks.Watch(t.Context(), someTask)
	wantErrorIs(t, "Watch(unknown)", err, ErrUnknownTask)
	refusing, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	})))
	_, err = refusing.Tasks.Watch(t.Context(), someTask)
	wantErrorIs(t, "Watch(refused)", err, ErrUpstreamUnavailable)
}

// Polls that fail leave the last state standing, and wait for as long as WispHub asks for.
func TestWatchOnABadDay(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(wisphubtest.TaskScript{})
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		watch := wantWatch(t, t.Context(), provider, id)
		upstream.SetFaults(wisphubtest.Faults{TooManyRate: 1, RetryAfter: 25 * time.Second})
		time.Sleep(time.Minute)
		wantCalls(t, upstream, 4) // the first, and at 1, 26 and 51 seconds
		upstream.SetFaults(wisphubtest.Faults{})
		wantStates(t, watch, TaskPending, TaskRunning, TaskSuccess)
	})
}

// What the last poll met goes into the error for the log, and a job that is forgotten ends the watch.
func TestWatchFails(t *testing.T) {
	t.Parallel()
	var status int
	var mu sync.Mutex
	answer := func(next int) { mu.Lock(); defer mu.Unlock(); status = next }
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"task":{"status":"PENDING","result":null}}`))
	}))
	for end, want := range map[int]error{http.StatusNotFound: ErrUnknownTask, http.StatusForbidden: ErrUnfinished} {
		answer(http.StatusOK)
		synctest.Test(t, func(t *testing.T) {
			provider, _ := connect(t, address)
			watch := wantWatch(t, t.Context(), provider, someTask)
			answer(end)
			for range watch.States {
			}
			wantErrorIs(t, "Err()", watch.Err(), want)
			if fetch := (*FetchError)(nil); errors.As(watch.Err(), &fetch) != (end == http.StatusForbidden) {
				t.Errorf("Err() = %v, want the last poll's failure in it", watch.Err())
			}
		})
	}
}

// Many jobs that are watched take nothing from those who lack an answer, and one job too many is refused.
func TestWatchesLeaveTheReserve(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	pending := make([]string, 500)
	for i := range pending {
		pending[i] = wisphubtest.TaskPending
	}
	ids := make([]string, maxPollers+1)
	for i := range ids {
		ids[i] = upstream.StartTask(wisphubtest.TaskScript{States: pending})
	}
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		ctx, leave := context.WithCancel(t.Context())
		for _, id := range ids[:maxPollers] {
			wantWatch(t, ctx, provider, id)
		}
		if _, err := provider.Tasks.Watch(ctx, ids[maxPollers]); !errors.Is(err, ErrRateLimited) {
			t.Errorf("Watch() of one job too many = %v, want %v", err, ErrRateLimited)
		}
		time.Sleep(30 * time.Second)
		if spent := provider.Status().RequestsLastMinute; spent > 80+1 {
			t.Errorf("%d calls are spent in a minute, want the last fifth left", spent)
		}
		if _, err := provider.Zones.List(t.Context()); err != nil {
			t.Errorf("Zones.List() = %v beside the watches", err)
		}
		leave()
		synctest.Wait()
	})
}
