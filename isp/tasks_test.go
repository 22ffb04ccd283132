package isp

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

const someTask = "0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e"

// wantTask returns the task, and fails the test unless it is in that state.
func wantTask(tb testing.TB, provider *Provider, id string, want TaskStatus) *Task {
	tb.Helper()
	task, err := provider.Tasks.Get(tb.Context(), id)
	if err != nil || task == nil {
		tb.Fatalf("Get(%s) = %v, %v, want a task that is %s", id, task, err, want)
	}
	if finished := want == TaskSuccess || want == TaskFailure; task.Status != want || task.Finished != finished {
		tb.Errorf("Get(%s) is %s, finished: %t, want %s, %t", id, task.Status, task.Finished, want, finished)
	}
	return task
}

// A running task costs the polls of its one poller, for any number of callers. A finished one costs
// none for an hour.
func TestTasks_Cost(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	id := upstream.StartTask(wisphubtest.TaskScript{Result: map[string]any{"agregar": true}})
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		if provider.Tasks.Known(id) {
			t.Error("Known() = true before the first poll")
		}
		steps := []struct {
			until time.Duration // of the poll after this one
			state TaskStatus
		}{{time.Second, TaskPending}, {1500 * time.Millisecond, TaskRunning}, {time.Second, TaskSuccess}}
		for polls, step := range steps {
			for range 2 {
				var crowd sync.WaitGroup
				for range 20 {
					crowd.Go(func() { wantTask(t, provider, id, step.state) })
				}
				crowd.Wait()
				if !provider.Tasks.Known(id) {
					t.Errorf("Known() = false after poll %d", polls+1)
				}
				time.Sleep(step.until / 2)
			}
			synctest.Wait()
			wantCalls(t, upstream, min(polls+2, len(steps))) // the poller was quicker than the callers
		}
		finished := wantTask(t, provider, id, TaskSuccess)
		if finished.ID != "task:"+id || finished.TaskID != id || string(finished.Result) != `{"agregar":true}` || finished.Ping != nil {
			t.Errorf("Get() = %+v, want the result as it was sent", finished)
		}
		time.Sleep(time.Hour - time.Second - 1)
		if !provider.Tasks.Known(id) || wantTask(t, provider, id, TaskSuccess) != finished {
			t.Error("Get() of a finished task within an hour = another copy, want the same")
		}
		wantCalls(t, upstream, 3)
		time.Sleep(time.Nanosecond)
		wantTask(t, provider, id, TaskSuccess)
		wantCalls(t, upstream, 4)
	})
}

func TestTasks_Results(t *testing.T) {
	t.Parallel()
	success := []string{wisphubtest.TaskSuccess}
	tests := map[string]struct {
		script wisphubtest.TaskScript
		status TaskStatus
		result string // "" for nil
		error  Text
		ping   bool
	}{
		"an object":  {wisphubtest.TaskScript{States: success, Result: map[string]any{"errores": "x"}}, TaskSuccess, `{"errores":"x"}`, "", false},
		"a list":     {wisphubtest.TaskScript{States: success, Result: []int{1}}, TaskSuccess, `[1]`, "", false},
		"text":       {wisphubtest.TaskScript{States: success, Result: "Listo"}, TaskSuccess, `"Listo"`, "", false},
		"nothing":    {wisphubtest.TaskScript{States: success}, TaskSuccess, "", "", false},
		"no result":  {body(map[string]any{"status": "SUCCESS"}), TaskSuccess, "", "", false},
		"a failure":  {wisphubtest.TaskScript{States: []string{wisphubtest.TaskFailure}, Error: "Timeout"}, TaskFailure, "", "Timeout", false},
		"a ping":     {wisphubtest.TaskScript{States: success, Result: []any{map[string]any{"ping-1": "no"}}}, TaskSuccess, `[{"ping-1":"no"}]`, "", true},
		"no success": {body(map[string]any{"status": "FAILURE", "result": map[string]any{"ping-1": "no"}}), TaskFailure, `{"ping-1":"no"}`, "", false},
		"too early":  {body(map[string]any{"status": "PROCESS", "result": map[string]any{"ping-1": "no"}}), TaskRunning, "", "", false},
		"a new word": {body(map[string]any{"status": "REVOKED", "result": 1}), TaskUnknown, "", "", false},
		"no word":    {body(map[string]any{"status": nil}), TaskUnknown, "", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream, provider := open(t, 1)
			upstream.PutTask(someTask, test.script)
			task := wantTask(t, provider, someTask, test.status)
			if string(task.Result) != test.result || task.Error != test.error || (task.Ping != nil) != test.ping {
				t.Errorf("Get() = %+v with result %s, want %s, error %q, ping: %t", task, task.Result, test.result, test.error, test.ping)
			}
		})
	}
}

// body is a task of any shape.
func body(task map[string]any) wisphubtest.TaskScript {
	return wisphubtest.TaskScript{States: []string{wisphubtest.TaskSuccess}, Body: map[string]any{"task": task}}
}

// WispHub has two ways to say that it does not know a task. Both are remembered for half a minute.
func TestTasks_Unknown(t *testing.T) {
	t.Parallel()
	for _, quirk := range []bool{false, true} {
		upstream, address := simulate(t, 1)
		quirks := wisphubtest.DefaultQuirks()
		quirks.NoUnknownTask = quirk
		upstream.SetQuirks(quirks)
		synctest.Test(t, func(t *testing.T) {
			provider, _ := connect(t, address)
			for range 3 {
				if task, err := provider.Tasks.Get(t.Context(), someTask); err != nil || task != nil {
					t.Errorf("Get() = %+v, %v, want nil", task, err)
				}
				time.Sleep(15 * time.Second)
			}
			wantCalls(t, upstream, 2)
		})
	}
}

func TestTasks_Fail(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	})))
	_, err := provider.Tasks.Get(t.Context(), someTask)
	fetch := (*FetchError)(nil)
	if !errors.As(err, &fetch) || fetch.Noun != "task" || !errors.Is(err, ErrUpstreamUnavailable) {
		t.Errorf("Get() = %v, want a FetchError of task", err)
	}
}
