package wisphubtest

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// startStateChange returns the task id and the warnings of the response.
func startStateChange(t *testing.T, s *Server, target, body string) (task string, warnings []any) {
	t.Helper()
	var started struct {
		TaskID   string `json:"task_id"`
		Warnings []any
	}
	decode(t, send(s, "POST", target, jsonType, body), &started)
	return started.TaskID, started.Warnings
}

// The state changes with the last poll of the task.
func TestChangeClientStates_EndsWithPolls(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	task, warnings := startStateChange(t, s, "/api/clientes/desactivar/", `{"servicios": [26]}`)
	for _, want := range []string{pendingBody, processBody} {
		if got := polls(s, task, 1)[0]; got != want || s.Row(firstID)["estado"] != "Activo" {
			t.Errorf("poll = %s with estado %v, want %s with Activo", got, s.Row(firstID)["estado"], want)
		}
	}
	if got := polls(s, task, 1)[0]; got != `200 {"task":{"status":"SUCCESS","result":null}}` || len(warnings) != 0 {
		t.Errorf("last poll = %s with warnings %v, want SUCCESS without warnings", got, warnings)
	}
	if got := list(t, s, "/api/clientes/?estado=2").Count; got != 1 || s.Row(firstID)["estado"] != "Suspendido" {
		t.Errorf("after the task: %d clients suspended, estado %v, want 1, Suspendido", got, s.Row(firstID)["estado"])
	}
	task, _ = startStateChange(t, s, "/api/clientes/activar/", `{"servicios": ["26"]}`)
	polls(s, task, 3)
	if got := s.Row(firstID)["estado"]; got != "Activo" {
		t.Errorf("estado after activar = %v, want Activo", got)
	}
	row := s.Row(firstID)
	row["estado"] = "Cancelado"
	s.PutRow(row)
	if polls(s, task, 1); s.Row(firstID)["estado"] != "Cancelado" {
		t.Errorf("estado after one more poll = %v, want Cancelado", s.Row(firstID)["estado"])
	}
}

// With a pace, the task ends in time, polled or not.
func TestChangeClientStates_EndsWithTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newClientServer(nil)
		s.SetTaskPace(time.Second)
		startStateChange(t, s, "/api/clientes/desactivar/", `{"servicios": [26]}`)
		time.Sleep(2*time.Second - 1)
		if got := s.Row(firstID)["estado"]; got != "Activo" {
			t.Errorf("estado before the task's end = %v, want Activo", got)
		}
		time.Sleep(time.Nanosecond)
		if got := list(t, s, "/api/clientes/").Results[0]["estado"]; got != "Suspendido" {
			t.Errorf("estado in the list at the task's end = %v, want Suspendido", got)
		}
		startStateChange(t, s, "/api/clientes/activar/", `{"servicios": [26]}`)
		startStateChange(t, s, "/api/clientes/desactivar/", `{"servicios": [26]}`)
		time.Sleep(time.Minute)
		if got := s.Row(firstID)["estado"]; got != "Suspendido" {
			t.Errorf("estado after two tasks = %v, want Suspendido, from the later one", got)
		}
	})
}

func TestChangeClientStates_Warnings(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	task, warnings := startStateChange(t, s, "/api/clientes/desactivar/", `{"servicios": [999, 26, 0]}`)
	if !slices.Equal(warnings, []any{999.0, 0.0}) {
		t.Errorf("warnings = %v, want 999 and 0", warnings)
	}
	s.DeleteRow(firstID)
	polls(s, task, 3)
	if s.RowCount() != 0 {
		t.Error("the end of the task restored a deleted client")
	}
	q := DefaultQuirks()
	q.WarningSentences = true
	s.SetQuirks(q)
	_, warnings = startStateChange(t, s, "/api/clientes/activar/", `{"servicios": [999]}`)
	if !slices.Equal(warnings, []any{"El servicio con id 999 no existe."}) {
		t.Errorf("warnings = %v, want a sentence", warnings)
	}
	for body, want := range map[string]string{
		`{}`:                      msgRequired,
		`{"servicios": null}`:     msgNull,
		`{"servicios": 26}`:       "lista",
		`{"servicios": []}`:       "vacía",
		`{"servicios": ["x"]}`:    msgNotInteger,
		`{"servicios": [26.5]}`:   msgNotInteger,
		`{"servicios": [26, {}]}`: msgNotInteger,
	} {
		wantResponse(t, send(s, "POST", "/api/clientes/activar/", jsonType, body), 400, jsonPrefix, want)
	}
	wantResponse(t, send(s, "POST", "/api/clientes/activar/", urlEncoded, "servicios=26"), 415, jsonPrefix, "")
}

// A task that was replaced or evicted never takes effect.
func TestChangeClientStates_ReplacedOrEvictedTask(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	task, _ := startStateChange(t, s, "/api/clientes/desactivar/", `{"servicios": [26]}`)
	s.PutTask(task, TaskScript{States: []string{TaskFailure}, Error: "sin router"})
	polls(s, task, 3)
	startStateChange(t, s, "/api/clientes/desactivar/", `{"servicios": [26]}`)
	bodies := TaskScript{}.bodies()
	for range maxTasks {
		s.tasks.start(s.tasks.newID(), bodies, nil)
	}
	s.tasks.finishDue()
	if s.Row(firstID)["estado"] != "Activo" || len(s.tasks.pendingEffects) != 0 {
		t.Errorf("estado = %v with %d pending effects, want Activo with 0", s.Row(firstID)["estado"], len(s.tasks.pendingEffects))
	}
}
