package rest

import (
	"strings"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestPings(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	reply := func(received string) row {
		return row{"received": received, "host": "192.0.2.26", "sent": "1", "status": map[string]string{"0": "timeout", "1": ""}[received]}
	}
	pings := func(received ...string) any {
		list := []any{}
		for i, r := range received {
			list = append(list, row{"ping-" + string(rune('1'+i)): reply(r)})
		}
		return append(list, row{"ping-exitoso": "2 de 4"})
	}
	for want, script := range map[string]wisphubtest.TaskScript{
		envelopeJSON("info", "PING_PENDING", `{"connection":"pending","sent":0,"received":0}`, "La prueba de conexión sigue en curso."):                                               {States: []string{"PROCESS"}},
		envelopeJSON("success", "STABLE_CONNECTION", `{"connection":"stable","sent":2,"received":2}`, "La conexión es estable."):                                                      {States: []string{"SUCCESS"}, Result: pings("1", "1")},
		envelopeJSON("info", "INTERMITTENT_CONNECTION", `{"connection":"intermittent","sent":2,"received":1}`, "La conexión es intermitente: algunas pruebas no tuvieron respuesta."): {States: []string{"SUCCESS"}, Result: pings("1", "0")},
		envelopeJSON("info", "NO_INTERNET", `{"connection":"no_internet","sent":2,"received":0}`, "No hay conexión con el equipo del cliente."):                                       {States: []string{"SUCCESS"}, Result: pings("0", "0")},
		envelopeJSON("info", "NO_INTERNET", `{"connection":"antenna_only","sent":1,"received":0}`, "La antena responde, pero el equipo del cliente no."): {States: []string{"SUCCESS"},
			Result: []any{row{"ping-1": row{"received": "0", "sent": "1", "status": "host unreachable", "host": "198.51.100.1"}}}},
		envelopeJSON("error", "PING_FAILED", "", "El router no pudo hacer la prueba de conexión."): {States: []string{"SUCCESS"}, Result: []any{row{"ping-1": "failure: interface needs to be specified for arp ping"}}},
		envelopeJSON("error", "PING_FAILED", "", "La prueba de conexión no se pudo hacer."):        {States: []string{"FAILURE"}, Error: "x"},
	} {
		id := s.upstream.StartTask(script)
		if got := s.call(t, "ben", "GET", "/api/v1/ping/"+id, ""); got.status != 200 || got.body != want {
			t.Errorf("GET ping = %s, want %s", got.body, want)
		}
	}
	got := s.call(t, "ana", "POST", "/api/v1/26/ping/", `{"pings":2}`)
	if !strings.HasPrefix(got.body, `{"ok":true,"type":"success","action":"PING_CREATED","data":{"task_id":"`) {
		t.Errorf("POST ping = %s, want PING_CREATED", got.body)
	}
}
