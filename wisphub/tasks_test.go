package wisphub

import (
	"context"
	"net/http"
	"testing"
)

const taskID = "0e37df36-f698-4bd2-9a3d-1d3e8a0c9b1e"

func TestTasks_Get(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]Task{
		`{"task": {"status": "PENDING", "result": null}}`: {Status: "PENDING", Result: []byte("null")},
		`{"task": {"status": "PROCESS"}}`:                 {Status: "PROCESS"},
		`{"task": {"status": "SUCCESS", "result": [{"ping-1": {"received": "1", "sent": 1}}, {"ping-exitoso": "1 de 1"}]}}`: {
			Status: "SUCCESS", Result: []byte(`[{"ping-1": {"received": "1", "sent": 1}}, {"ping-exitoso": "1 de 1"}]`),
		},
		`{"task": {"status": "SUCCESS", "result": {"agregar": false, "errores": "IP duplicada"}}}`: {
			Status: "SUCCESS", Result: []byte(`{"agregar": false, "errores": "IP duplicada"}`),
		},
		`{"task": {"status": "SUCCESS", "result": "Listo \u00e1"}}`: {Status: "SUCCESS", Result: []byte(`"Listo \u00e1"`)},
		`{"task": {"status": "SUCCESS", "result": 7}}`:              {Status: "SUCCESS", Result: []byte("7")},
		`{"task": {"result": {}, "status": null}}`:                  {Result: []byte("{}")},
		`{"task": {}}`: {},
		`{"task": {"status": "FAILURE", "error": "router timeout", "result": null}}`: {
			Status: "FAILURE", Result: []byte("null"), Error: "router timeout",
		},
		`{"task": {"status": "FAILURE", "error": {"code": 5}, "result": "x"}}`: {Status: "FAILURE", Result: []byte(`"x"`)},
	} {
		api, mux := setup(t)
		mux.HandleFunc("/api/tasks/"+taskID+"/{$}", answer(t, "", body))
		got, err := api.Tasks.Get(t.Context(), taskID)
		if err != nil {
			t.Errorf("Tasks.Get of %s = %v, want no error", body, err)
			continue
		}
		checkRecord(t, *got, want)
	}
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Tasks.Get(ctx, taskID)
		return err
	})
}

// Some tenants may answer without a task for an unknown id.
func TestTasks_GetWithoutTask(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"task": null}`, `{"detail": "No encontrado."}`} {
		api, mux := setup(t)
		mux.HandleFunc("/", reply(http.StatusOK, jsonType, body))
		got, err := api.Tasks.Get(t.Context(), taskID)
		if got != nil {
			t.Errorf("Tasks.Get of %s = %+v, want nil", body, got)
		}
		checkError(t, err, ErrNotFound, 0)
	}
}
