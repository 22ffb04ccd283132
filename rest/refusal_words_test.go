package rest

import "testing"

// WispHub's words are in the message of the answer, whatever the shape of the refusal.
func Test13_7_WordsReachTheBot(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`["Sin cupo."]`:             "Sin cupo.",
		`"Sin cupo."`:               "Sin cupo.",
		`{"errors":["Sin cupo."]}`:  "Sin cupo.",
		`{"messages":"Sin cupo."}`:  "Sin cupo.",
		`{"pings":["Sin cupo."]}`:   "Sin cupo.",
		`{"router":["Sin cupo."]}`:  "router: Sin cupo.",
		`{}`:                        "WispHub rechazó los datos.",
		`{"detail":"<p>No</p>"}`:    "WispHub rechazó los datos.",
		`<html><p>No</p></html>`:    "WispHub rechazó los datos.",
		`{"a":["Uno."],"b":"Dos."}`: "a: Uno. b: Dos.",
	} {
		s := newTestServer(t, nil)
		answers("POST /api/clientes/26/ping/", 400, body)(t, s)
		if got, want := s.call(t, "ana", "POST", "/api/v1/26/ping", `{"pings":4}`).body, envelopeJSON("error", "PING_FAILED", "", want); got != want {
			t.Errorf("POST ping refused with %s = %s, want %s", body, got, want)
		}
	}
}
