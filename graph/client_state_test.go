package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// waitForTask polls a task until it has finished, as a dashboard does.
func (f *fixture) waitForTask(t *testing.T, taskID string) {
	t.Helper()
	for range 100 {
		data := f.data(t, `{task(taskId:"`+taskID+`"){finished}}`)
		if strings.Contains(data, "true") {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("task %s has not finished", taskID)
}

// startedTask returns the id of the task that a mutation started.
func startedTask(t *testing.T, data string) (taskID string) {
	t.Helper()
	var answer map[string]struct {
		Task *struct{ TaskID, Status string }
	}
	if err := json.Unmarshal([]byte(data), &answer); err != nil {
		t.Fatal(err)
	}
	for _, payload := range answer {
		if payload.Task != nil && (payload.Task.Status == "PENDING" || payload.Task.Status == "RUNNING") {
			return payload.Task.TaskID
		}
	}
	t.Fatalf("no task in %s", data)
	return ""
}

// When the task has finished, callers see the new states.
func TestChangeState(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, fullRow.with(row{"id_servicio": 27}), bareRow)
	for mutation, want := range map[string]string{"suspendClients": "SUSPENDED", "activateClients": "ACTIVE"} {
		data := f.data(t, `mutation{`+mutation+`(serviceIds:[26,27,26]){task{taskId status finished} unknownServiceIds userErrors{code}}}`)
		f.waitForTask(t, startedTask(t, data))
		wantJSON(t, mutation, f.data(t, `{clients(filter:{zoneId:[2]}){nodes{serviceId status}}}`),
			fmt.Sprintf(`{"clients":{"nodes":[{"serviceId":26,"status":%q},{"serviceId":27,"status":%[1]q}]}}`, want))
	}
	if got := f.upstream.Requests()["GET /api/clientes/"]; got > 6 {
		t.Errorf("the list was read %d times, want at most 6: once, and again after each task", got)
	}
}

// WispHub does not find one service and changes the other.
func TestChangeState_UnknownServices(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, fullRow.with(row{"id_servicio": 27}))
	f.data(t, `{clients{totalCount}}`)
	f.upstream.DeleteRow(27)
	data := f.data(t, `mutation{suspendClients(serviceIds:[27,26]){task{taskId status} unknownServiceIds userErrors{code}}}`)
	if !strings.Contains(data, `"unknownServiceIds":[27],"userErrors":[]`) {
		t.Errorf("suspendClients = %s, want 27 as unknown and no user errors", data)
	}
	f.waitForTask(t, startedTask(t, data))
	wantJSON(t, "client", f.data(t, `{client(by:{serviceId:26}){status}}`), `{"client":{"status":"SUSPENDED"}}`)
}

func TestChangeState_BadInput(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	many := strings.Repeat("26,", 101)
	unknown := map[string]string{`26,99,98`: `98,99`}
	for ids, want := range map[string][]string{
		``:         {"serviceIds", "REQUIRED", "Must name a service."},
		many:       {"serviceIds", "INVALID", "Must be at most 100 services."},
		`26,0,-4`:  {"serviceIds 1", "INVALID", "Must be 1 or more.", "serviceIds 2", "INVALID", "Must be 1 or more."},
		`26,99,98`: {"serviceIds", "NOT_FOUND", "There is no client 98.", "serviceIds", "NOT_FOUND", "There is no client 99."},
	} {
		for _, mutation := range []string{"activateClients", "suspendClients"} {
			wantJSON(t, ids, f.data(t, `mutation{`+mutation+`(serviceIds:[`+ids+`]){task{id} unknownServiceIds userErrors{field message code}}}`),
				`{"`+mutation+`":{"task":null,"unknownServiceIds":[`+unknown[ids]+`],"userErrors":[`+userErrors(want)+`]}}`)
		}
	}
	for route, count := range f.upstream.Requests() {
		if strings.HasPrefix(route, "POST") {
			t.Errorf("refused mutations sent %d of %s, want none", count, route)
		}
	}
}

func TestChangeState_OutcomeUnknown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{upstreamTimeout: time.Second})
	f.setClients(fullRow)
	f.data(t, `{clients{totalCount}}`)
	f.upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/clientes/desactivar/"})
	wantError(t, "suspendClients", f.run(t, `mutation{suspendClients(serviceIds:[26]){task{id}}}`), "OUTCOME_UNKNOWN", unknownOutcome)
}

func TestPingClient(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	for arguments, sent := range map[string]int{`serviceId:26`: 4, `serviceId:26 pings:null`: 4, `serviceId:26 pings:1`: 1, `serviceId:26 pings:20`: 20} {
		taskID := startedTask(t, f.data(t, `mutation{pingClient(`+arguments+`){task{taskId status finished ping{sent}} userErrors{code}}}`))
		f.waitForTask(t, taskID)
		wantJSON(t, arguments, f.data(t, `{task(taskId:"`+taskID+`"){status ping{sent}}}`),
			fmt.Sprintf(`{"task":{"status":"SUCCESS","ping":{"sent":%d}}}`, sent))
	}
	for arguments, want := range map[string][]string{
		`serviceId:0`:           {"serviceId", "INVALID", "Must be 1 or more."},
		`serviceId:26 pings:0`:  {"pings", "INVALID", "Must be 1 to 20."},
		`serviceId:26 pings:21`: {"pings", "INVALID", "Must be 1 to 20."},
		`serviceId:99`:          {"serviceId", "NOT_FOUND", "There is no such client."},
	} {
		wantJSON(t, arguments, f.data(t, `mutation{pingClient(`+arguments+`){task{id} userErrors{field message code}}}`),
			`{"pingClient":{"task":null,"userErrors":[`+userErrors(want)+`]}}`)
	}
	if got := f.upstream.Requests()["POST /api/clientes/{id}/ping/"]; got != 4 {
		t.Errorf("%d pings were sent, want four", got)
	}
}
