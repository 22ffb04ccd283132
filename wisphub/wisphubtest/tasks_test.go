package wisphubtest

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const taskID = "0b9e1f0a-1111-4222-8333-0123456789ab"

// polls polls a task that many times and returns the responses.
func polls(s *Server, id string, times int) []string {
	var bodies []string
	for range times {
		bodies = append(bodies, statusAndBody(s, "/api/tasks/"+id+"/"))
	}
	return bodies
}

const (
	pendingBody = `200 {"task":{"status":"PENDING","result":null}}`
	processBody = `200 {"task":{"status":"PROCESS","result":null}}`
)

func TestStartTask_Scripts(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	for name, test := range map[string]struct {
		script TaskScript
		want   []string
	}{
		"nothing": {TaskScript{}, []string{pendingBody, processBody, `200 {"task":{"status":"SUCCESS","result":null}}`}},
		"list": {
			TaskScript{Result: []any{1, "<a>"}},
			[]string{pendingBody, processBody, `200 {"task":{"status":"SUCCESS","result":[1,"<a>"]}}`},
		},
		"object": {
			TaskScript{States: []string{TaskSuccess}, Result: map[string]any{"agregar": false}},
			[]string{`200 {"task":{"status":"SUCCESS","result":{"agregar":false}}}`},
		},
		"text": {
			TaskScript{States: []string{TaskProcess, TaskSuccess}, Result: "listo"},
			[]string{processBody, `200 {"task":{"status":"SUCCESS","result":"listo"}}`},
		},
		"failure": {
			TaskScript{Error: "sin router"},
			[]string{pendingBody, processBody, `200 {"task":{"status":"FAILURE","result":null,"error":"sin router"}}`},
		},
		"failure with a result": {
			TaskScript{States: []string{TaskFailure}, Result: "x", Error: "y"},
			[]string{`200 {"task":{"status":"FAILURE","result":"x","error":"y"}}`},
		},
		"stuck":         {TaskScript{States: []string{TaskPending, TaskPending}}, []string{pendingBody, pendingBody}},
		"no task":       {TaskScript{States: []string{TaskSuccess}, Body: map[string]any{}}, []string{`200 {}`}},
		"no task later": {TaskScript{Body: []any{}}, []string{pendingBody, processBody, `200 []`}},
	} {
		want := append(test.want, test.want[len(test.want)-1]) // the last response stays
		if got := polls(s, s.StartTask(test.script), len(want)); !slices.Equal(got, want) {
			t.Errorf("%s: polls = %q, want %q", name, got, want)
		}
	}
}

func TestPutTask(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	result := []any{"a"}
	for range 2 { // the second call replaces the task
		s.PutTask(taskID, TaskScript{Result: result})
		want := []string{pendingBody, processBody, `200 {"task":{"status":"SUCCESS","result":["a"]}}`}
		if got := polls(s, taskID, 3); !slices.Equal(got, want) {
			t.Errorf("polls = %q, want %q", got, want)
		}
	}
	s.PutTask(taskID, TaskScript{States: []string{TaskSuccess}, Result: result})
	result[0] = "changed after"
	if got := polls(s, taskID, 1)[0]; got != `200 {"task":{"status":"SUCCESS","result":["a"]}}` {
		t.Errorf("poll after a change of the caller's value = %s, want the old result", got)
	}
	for _, id := range []string{"", "ping", "0B9E1F0A-1111-4222-8333-0123456789AB", taskID + "/", "a/" + taskID} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("PutTask(%q) did not panic, want a panic", id)
				}
			}()
			s.PutTask(id, TaskScript{})
		}()
	}
}

func TestGetTask_Unknown(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	wantResponse(t, do(s, "GET", "/api/tasks/"+taskID+"/"), 404, jsonPrefix, `{"detail":"No encontrado."}`)
	wantResponse(t, do(s, "GET", "/api/tasks/"), 404, htmlPrefix, "")
	q := DefaultQuirks()
	q.NoUnknownTask = true
	s.SetQuirks(q)
	wantResponse(t, do(s, "GET", "/api/tasks/"+taskID+"/"), 200, jsonPrefix, `{}`)
}

func TestStartTask_IDs(t *testing.T) {
	t.Parallel()
	one, same := newTicketServer(nil), newTicketServer(nil)
	first, second := one.StartTask(TaskScript{}), one.StartTask(TaskScript{})
	if first == second || first != same.StartTask(TaskScript{}) {
		t.Errorf("StartTask() = %s, then %s, want different ids that depend on the seed", first, second)
	}
	if pattern, id := splitPath("/api/tasks/" + first + "/"); pattern != "/api/tasks/{id}/" || id != first {
		t.Errorf("splitPath of task %s = %s, %q, want /api/tasks/{id}/ and the id", first, pattern, id)
	}
}

func TestSetTaskPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newTicketServer(nil)
		s.SetTaskPace(time.Minute)
		id := s.StartTask(TaskScript{States: []string{TaskPending, TaskSuccess}})
		s.SetTaskPace(0) // affects only later tasks
		time.Sleep(time.Minute - 1)
		want := []string{pendingBody, pendingBody, pendingBody}
		if got := polls(s, id, 3); !slices.Equal(got, want) {
			t.Errorf("polls before a minute = %q, want %q", got, want)
		}
		time.Sleep(time.Nanosecond)
		if got := polls(s, id, 1)[0]; got != `200 {"task":{"status":"SUCCESS","result":null}}` {
			t.Errorf("poll after a minute = %s, want SUCCESS", got)
		}
		if got := polls(s, s.StartTask(TaskScript{}), 2)[1]; got != processBody {
			t.Errorf("second poll of a task without a pace = %s, want PROCESS", got)
		}
	})
}

func TestStartTask_EvictsOldest(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	first, second, third := s.StartTask(TaskScript{}), s.StartTask(TaskScript{}), s.StartTask(TaskScript{})
	for range maxTasks - 1 {
		s.StartTask(TaskScript{})
	}
	got := []bool{s.tasks.poll(first) != nil, s.tasks.poll(second) != nil, s.tasks.poll(third) != nil}
	if !slices.Equal(got, []bool{false, false, true}) || len(s.tasks.tasks) != maxTasks {
		t.Errorf("%d tasks, the first three stored: %t, want only the third of %d", len(s.tasks.tasks), got, maxTasks)
	}
}

// The race detector needs this test. Without it, the test checks that every ticket is stored.
func TestServer_ConcurrentTicketsAndTasks(t *testing.T) {
	t.Parallel()
	s := newServer(300, nil)
	ids := s.TicketIDs() // of tickets that this test does not delete
	before := len(ids)
	var callers sync.WaitGroup
	for n := range 8 {
		callers.Go(func() {
			for i := range 20 {
				do(s, "GET", "/api/tickets/?limit=20")
				s.PutTicket(s.Ticket(ids[n]))
				s.PutTicket(map[string]any{"id_ticket": 10_000 + n, "fecha_creacion": "2026-05-01"})
				s.PutTicket(map[string]any{"id_ticket": 20_000 + n*20 + i, "fecha_creacion": "2020-05-01"})
				s.DeleteTicket(10_000 + n)
				s.SetQuirks(DefaultQuirks())
				s.SetTaskPace(0)
				polls(s, s.PingTask(PingLossy, 4), 3)
			}
		})
	}
	callers.Wait()
	if got := len(s.TicketIDs()); got != before+160 {
		t.Errorf("%d tickets, want %d", got, before+160)
	}
}
