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

// wantWatch starts to watch a task.
func wantWatch(tb testing.TB, ctx context.Context, provider *Provider, id string) *TaskWatch {
	tb.Helper()
	watch, err := provider.Tasks.Watch(ctx, id)
	if err != nil {
		tb.Fatalf("Watch(%s) = %v", id, err)
	}
	return watch
}

// wantStates reads a watch to its end, and fails the test unless it has these states and no error.
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
		tb.Errorf("States = %v, Err() = %v, want %v", got, watch.Err(), all)
	}
}

// All watchers of a task together cost the polls of one, and each sees all changes.
func TestWatch_IsShared(t *testing.T) {
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
	synctest.Wait()
	p := provider.Tasks.pollers
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.byTask) > 0 {
		tb.Errorf("%d tasks are polled, want none", len(p.byTask))
	}
}

// The pauses grow from 1 to 10 seconds.
func TestWatch_Pauses(t *testing.T) {
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

// The last watcher who leaves ends the polls; one who stays keeps them going.
func TestWatch_WatchersLeave(t *testing.T) {
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

// A watcher who does not receive delays no other, and then receives the newest state.
func TestWatch_SlowWatcher(t *testing.T) {
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

func TestWatch_EndsAfterItsLimit(t *testing.T) {
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

func TestWatch_UnknownTask(t *testing.T) {
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

// Failed polls leave the last state in place, and wait as long as WispHub asks.
func TestWatch_FailedPolls(t *testing.T) {
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

// The error has the failure of the last poll, for the log. A task that WispHub has forgotten ends
// the watch.
func TestWatch_Fails(t *testing.T) {
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

// Many watched tasks leave the budget that is reserved for callers. One task too many is refused.
func TestWatch_LeavesTheReserve(t *testing.T) {
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
			t.Errorf("Watch() of one task too many = %v, want %v", err, ErrRateLimited)
		}
		time.Sleep(30 * time.Second)
		if spent := provider.Status().RequestsLastMinute; spent > 80+1 {
			t.Errorf("%d calls in a minute, want at most 81", spent)
		}
		if _, err := provider.Zones.List(t.Context()); err != nil {
			t.Errorf("Zones.List() = %v beside the watches", err)
		}
		leave()
		synctest.Wait()
	})
}
