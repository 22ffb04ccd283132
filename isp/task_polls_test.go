package isp

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
	"wisphub-graphql/wisphub/wisphubtest"
)

// pending returns a task that stays pending for so many polls and then succeeds.
func pending(polls int) wisphubtest.TaskScript {
	states := slices.Repeat([]string{wisphubtest.TaskPending}, polls)
	return wisphubtest.TaskScript{States: append(states, wisphubtest.TaskSuccess)}
}

// spend uses up calls of the present minute.
func spend(provider *Provider, calls int) {
	spent := make([]ratelimit.Call, calls)
	for i := range spent {
		spent[i] = ratelimit.Call{ID: "spent-" + strconv.Itoa(i), At: time.Now()}
	}
	provider.api.Restore(spent)
}

// Five bots that ask for a ping each once a second cost the polls of five pollers, and the polls of
// a watch are the same ones.
func Test14_4_BotsSharePollers(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	ids := make([]string, 5)
	for i := range ids {
		ids[i] = upstream.StartTask(pending(500))
	}
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		watch := wantWatch(t, t.Context(), provider, ids[0])
		var bots sync.WaitGroup
		for _, id := range ids {
			for range 2 { // one of each API
				bots.Go(func() {
					for range 60 {
						wantTask(t, provider, id, TaskPending)
						time.Sleep(time.Second)
					}
				})
			}
		}
		bots.Wait()
		wantCalls(t, upstream, len(ids)*10) // at 0, 1, 2.5, 4.8, 8.1, 13, 21, 31, 41 and 51 seconds
		<-watch.States
	})
}

// A task that no caller asks for is not polled for long. The next caller starts another poller, which
// goes on with the pauses of the first.
func Test14_4_PollerEndsWithoutCallers(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(pending(500))
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		for _, calls := range []int{5, 2} { // the caller's, and those of ten seconds
			upstream.Reset()
			wantTask(t, provider, id, TaskPending)
			time.Sleep(time.Minute)
			wantCalls(t, upstream, calls)
			wantNoPolls(t, provider)
		}
	})
}

// A watcher who leaves does not end the polls that a caller asks for.
func Test14_4_PollerOutlivesItsWatcher(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(wisphubtest.TaskScript{})
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		watch := wantWatch(t, t.Context(), provider, id)
		wantTask(t, provider, id, TaskPending)
		provider.Tasks.pollers.mu.Lock()
		poller := provider.Tasks.pollers.byTask[id]
		provider.Tasks.pollers.mu.Unlock()
		provider.Tasks.pollers.leave(poller, watch)
		time.Sleep(3 * time.Second)
		wantTask(t, provider, id, TaskSuccess)
		wantCalls(t, upstream, 3)
	})
}

// The last state is served while polls fail, but not for long.
func Test14_4_PollsFail(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(pending(500))
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		wantTask(t, provider, id, TaskPending)
		upstream.SetFaults(wisphubtest.Faults{Down: true})
		for range 29 {
			time.Sleep(time.Second)
			wantTask(t, provider, id, TaskPending)
		}
		time.Sleep(5 * time.Second)
		_, err := provider.Tasks.Get(t.Context(), id)
		wantErrorIs(t, "Get() after 34s without WispHub", err, ErrUpstreamUnavailable)
		upstream.SetFaults(wisphubtest.Faults{})
		for range 120 {
			time.Sleep(time.Second)
			_, _ = provider.Tasks.Get(t.Context(), id)
		}
		wantTask(t, provider, id, TaskPending)
	})
}

// activeServices returns some services that are active.
func activeServices(t *testing.T, provider *Provider, count int) (ids []int) {
	t.Helper()
	for _, client := range loadedDirectory(t, provider).clients {
		if client.Status == ClientActive && len(ids) < count {
			ids = append(ids, client.ServiceID)
		}
	}
	return ids
}

// wantSuspended suspends services, watches the task to its end, and expects readers to see the result.
func wantSuspended(t *testing.T, provider *Provider, ids []int) {
	t.Helper()
	payload, err := provider.Clients.Suspend(t.Context(), ids)
	if err != nil || payload.Task == nil {
		t.Fatalf("Suspend() = %+v, %v, want a task", payload, err)
	}
	for range wantWatch(t, t.Context(), provider, payload.Task.TaskID).States {
	}
	for _, id := range ids {
		client, err := provider.Clients.Get(t.Context(), id)
		if err != nil || client.Status != ClientSuspended {
			t.Errorf("Get(%d) = %+v, %v, want it suspended", id, client, err)
		}
	}
}

// With 81 of 100 calls of the minute spent, a watched ping is still polled, and a suspended service
// is shown as such as soon as the task has finished. Both are work that a caller waits for.
func Test14_4_PollsWithASpentBudget(t *testing.T) {
	t.Parallel()
	for name, services := range map[string]int{"one by one": 1, "with the list": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream, address := simulate(t, 20)
			synctest.Test(t, func(t *testing.T) {
				provider, _ := connect(t, address)
				warm(t, upstream, provider)
				active := activeServices(t, provider, services)
				spend(provider, 81)
				began := time.Now()
				wantSuspended(t, provider, active)
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("the suspended services were shown after %v, want at most 15s", took)
				}
			})
		})
	}
}

// The error of a poll that failed says how long to wait from now on, not from the poll on.
func Test14_5_FailedPollCountsDown(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(pending(500))
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		wantTask(t, provider, id, TaskPending)
		spend(provider, 95)
		for range 50 {
			time.Sleep(time.Second)
			_, _ = provider.Tasks.Get(t.Context(), id)
		}
		_, err := provider.Tasks.Get(t.Context(), id)
		fetch := (*FetchError)(nil)
		if !errors.As(err, &fetch) || !errors.Is(err, ErrRateLimited) || fetch.RetryAfter > 12*time.Second {
			t.Errorf("Get() 50s after the budget was spent = %+v, want a budget error with at most 12s to wait", err)
		}
	})
}

// A suspended service is shown as such in time even if a refresh of the list, which waits for the
// budget, is under way already.
func Test14_4_ReloadJoinsARefresh(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 20)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		warm(t, upstream, provider)
		active := activeServices(t, provider, 3)
		spend(provider, 81)
		time.Sleep(time.Second)
		provider.Clients.directory.Expire()
		if _, err := provider.Clients.List(t.Context(), ClientQuery{}); err != nil { // starts the refresh
			t.Fatal(err)
		}
		wantSuspended(t, provider, active)
	})
}

// A bot that asks every fifteen seconds costs about a call each time: the pauses between polls go on
// growing, though the poller ends between two questions.
func Test14_4_SlowBot(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(pending(500))
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		for range 40 {
			wantTask(t, provider, id, TaskPending)
			time.Sleep(15 * time.Second)
		}
		synctest.Wait()
		if calls := upstream.Total(); calls > 60 {
			t.Errorf("calls for 40 questions = %d, want at most 60", calls)
		}
	})
}

// One poll that fails does not hide the last state of a task that is polled once a minute.
func Test14_4_OnePollOfALongTaskFails(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(pending(500))
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		watch := wantWatch(t, t.Context(), provider, id)
		for began := time.Now(); time.Since(began) < 8*time.Minute; time.Sleep(time.Second) {
			wantTask(t, provider, id, TaskPending)
		}
		upstream.Reset()
		upstream.SetFaults(wisphubtest.Faults{Down: true})
		for upstream.Total() < 2 { // both tries of the next poll
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Second)
		upstream.SetFaults(wisphubtest.Faults{})
		for range 20 {
			wantTask(t, provider, id, TaskPending)
			time.Sleep(time.Second)
		}
		<-watch.States
	})
}
