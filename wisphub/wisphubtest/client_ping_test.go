package wisphubtest

import (
	"encoding/json"
	"strings"
	"testing"
)

const pingPath = "/api/clientes/26/ping/"

// pingClient26 pings client 26 and returns the results.
func pingClient26(t *testing.T, s *Server, body string) []map[string]any {
	t.Helper()
	w := send(s, "POST", pingPath, jsonType, body)
	wantResponse(t, w, 202, jsonPrefix, `"status":"PROCESS"}`)
	var started struct {
		TaskID string `json:"task_id"`
	}
	var done struct {
		Task struct{ Result []map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &started); err != nil {
		t.Fatal(err)
	}
	polls(s, started.TaskID, 2)
	decode(t, do(s, "GET", "/api/tasks/"+started.TaskID+"/"), &done)
	return done.Task.Result
}

func TestPingClient(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ state, ip, body, want string }{
		{"Activo", "10.0.0.77", `{"pings": 3}`, "reply, reply, reply, 3 de 3"},
		{"Gratis", "10.0.0.77", `{"pings": 1, "arp_ping": false, "interfaz": "ether1"}`, "reply, 1 de 1"},
		{"Suspendido", "10.0.0.77", `{"pings": 2}`, "timeout, timeout, 0 de 2"},
		{"Cancelado", "10.0.0.77", `{"pings": 2}`, "timeout, timeout, 0 de 2"},
		{"Activo", "", `{"pings": 2}`, "error, error, 0 de 2"},
		{"Activo", "10.0.0.77", `{"pings": 2, "arp_ping": true, "interfaz": "ether1"}`, "arp, arp, 2 de 2"},
		{"Activo", "10.0.0.77", `{"pings": 1, "arp_ping": true}`, noInterfaceText + ", 0 de 1"},
	} {
		s := newClientServer(nil)
		row := s.Row(firstID)
		row["estado"], row["ip"] = test.state, test.ip
		s.PutRow(row)
		if got := probeKinds(pingClient26(t, s, test.body)); got != test.want {
			t.Errorf("ping of client in state %s at %q with %s = %s, want %s", test.state, test.ip, test.body, got, test.want)
		}
	}
}

func TestPingClient_Hosts(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	for body, want := range map[string]string{
		`{"pings": 1}`: "10.0.0.77",
		`{"pings": 1, "arp_ping": true, "interfaz": "ether1"}`: "02:00:00:00:00:77",
	} {
		if got := pingClient26(t, s, body)[0]["ping-1"].(map[string]any)["host"]; got != want {
			t.Errorf("host of ping with %s = %v, want %s", body, got, want)
		}
	}
	s.ScriptPing(firstID, PingLossy)
	results := pingClient26(t, s, `{"pings": 2}`)
	if got := probeKinds(results); got != "reply, timeout, 1 de 2" {
		t.Errorf("scripted ping = %s, want a reply and a timeout", got)
	}
	if got := results[1]["ping-2"].(map[string]any)["host"]; got != "10.0.0.77" {
		t.Errorf("host of a timeout = %v, want the client's", got)
	}
}

func TestPingClient_RejectsBadInput(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	for body, want := range map[string]string{
		`{}`:             `{"pings":["` + msgRequired,
		`{"pings": "4"}`: msgNotInteger,
		`{"pings": 1.5}`: msgNotInteger,
		`{"pings": 0}`:   "entre 1 y 100",
		`{"pings": 101}`: "entre 1 y 100",
		`{"pings": 4, "interfaz": null, "arp_ping": false}`: `{"interfaz":["` + msgNull,
	} {
		wantResponse(t, send(s, "POST", pingPath, jsonType, body), 400, jsonPrefix, want)
	}
	wantResponse(t, send(s, "POST", "/api/clientes/9/ping/", jsonType, `{"pings": 4}`), 404, jsonPrefix, "")
	wantResponse(t, send(s, "POST", strings.TrimSuffix(pingPath, "/"), jsonType, `{"pings": 4}`), 301, htmlPrefix, "")
	if len(s.tasks.tasks) != 0 {
		t.Errorf("%d tasks after rejected pings, want 0", len(s.tasks.tasks))
	}
}
