package rest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// A ticket is opened, the zone is full, and the ticket is there.
func TestTicketFlow(t *testing.T) {
	t.Parallel()
	f := newFace(t, nil)
	const body = `{"service_id":"26","zone_id":9,"subject":"INTERNET lento","description":"No carga","technician_id":null}`
	created := f.ask(t, "ana", "POST", "/api/v1/tickets", body)
	var answer struct {
		Data ticket
	}
	if err := json.Unmarshal([]byte(created.body), &answer); err != nil || !strings.HasPrefix(created.body, `{"ok":true,"type":"success","action":"TICKET_CREATED"`) ||
		answer.Data.Subject != "Internet Lento" || *answer.Data.StatusTicket != "Nuevo" || *answer.Data.Priority != "Normal" || answer.Data.AnswerText != nil {
		t.Fatalf("POST tickets = %s, %v", created.body, err)
	}
	if got, want := f.ask(t, "ana", "POST", "/api/v1/tickets/", body).body, said("info", "ZONE_TICKET_LIMIT_REACHED", `{"max_tickets":1}`, "La zona ya tiene su máximo de tickets activos."); got != want {
		t.Errorf("a second ticket = %s, want %s", got, want)
	}
	if got, want := f.ask(t, "ben", "GET", "/api/v1/tickets/zone-blocked/2", "").body, said("success", "TICKET_FOUND", `{"is_blocked":true,"max_tickets":1}`, ""); got != want {
		t.Errorf("zone-blocked = %s, want %s", got, want)
	}
}

// The zone of the body counts for a client without one.
func TestTicketZoneOfTheBody(t *testing.T) {
	t.Parallel()
	f := newFace(t, nil)
	f.upstream.PutTicket(row{"id_ticket": 501, "estado": "Nuevo", "fecha_creacion": time.Now().Format(time.RFC3339), "servicio": row{"id_servicio": 26, "zona": row{"id": 2, "nombre": "M"}}})
	for zone, action := range map[string]string{`2`: "ZONE_TICKET_LIMIT_REACHED", `4`: "TICKET_CREATED", `null`: "TICKET_CREATED"} {
		got := f.ask(t, "ana", "POST", "/api/v1/tickets", `{"service_id":30,"zone_id":`+zone+`,"subject":"x","description":"y"}`)
		if !strings.Contains(got.body, `"action":"`+action+`"`) {
			t.Errorf("zone %s = %s, want %s", zone, got.body, action)
		}
	}
	// It fills the place, though the ticket itself is in no zone.
	if got := f.ask(t, "ana", "POST", "/api/v1/tickets", `{"service_id":30,"zone_id":4,"subject":"x","description":"y"}`); !strings.Contains(got.body, `"ZONE_TICKET_LIMIT_REACHED"`) {
		t.Errorf("a second one in zone 4 = %s", got.body)
	}
	if got, want := f.ask(t, "ben", "GET", "/api/v1/tickets/zone-blocked/4", "").body, said("success", "TICKET_FOUND", `{"is_blocked":true,"max_tickets":1}`, ""); got != want {
		t.Errorf("zone-blocked = %s, want %s", got, want)
	}
}

func TestPingFlow(t *testing.T) {
	t.Parallel()
	f := newFace(t, nil)
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
		said("info", "PING_PENDING", `{"connection":"pending","sent":0,"received":0}`, "La prueba de conexión sigue en curso."):                                               {States: []string{"PROCESS"}},
		said("success", "STABLE_CONNECTION", `{"connection":"stable","sent":2,"received":2}`, "La conexión es estable."):                                                      {States: []string{"SUCCESS"}, Result: pings("1", "1")},
		said("info", "INTERMITTENT_CONNECTION", `{"connection":"intermittent","sent":2,"received":1}`, "La conexión es intermitente: algunas pruebas no tuvieron respuesta."): {States: []string{"SUCCESS"}, Result: pings("1", "0")},
		said("info", "NO_INTERNET", `{"connection":"no_internet","sent":2,"received":0}`, "No hay conexión con el equipo del cliente."):                                       {States: []string{"SUCCESS"}, Result: pings("0", "0")},
		said("info", "NO_INTERNET", `{"connection":"antenna_only","sent":1,"received":0}`, "La antena responde, pero el equipo del cliente no."): {States: []string{"SUCCESS"},
			Result: []any{row{"ping-1": row{"received": "0", "sent": "1", "status": "host unreachable", "host": "198.51.100.1"}}}},
		said("error", "PING_FAILED", "", "El router no pudo hacer la prueba de conexión."): {States: []string{"SUCCESS"}, Result: []any{row{"ping-1": "failure: interface needs to be specified for arp ping"}}},
		said("error", "PING_FAILED", "", "La prueba de conexión no se pudo hacer."):        {States: []string{"FAILURE"}, Error: "x"},
	} {
		id := f.upstream.StartTask(script)
		if got := f.ask(t, "ben", "GET", "/api/v1/ping/"+id, ""); got.status != 200 || got.body != want {
			t.Errorf("GET ping = %s, want %s", got.body, want)
		}
	}
	got := f.ask(t, "ana", "POST", "/api/v1/26/ping/", `{"pings":2}`)
	if !strings.HasPrefix(got.body, `{"ok":true,"type":"success","action":"PING_CREATED","data":{"task_id":"`) {
		t.Errorf("POST ping = %s", got.body)
	}
}

// What WispHub says it has done and has not is a failure.
func TestUpdateNotApplied(t *testing.T) {
	t.Parallel()
	f := newFace(t, nil)
	f.upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{"telefono"}})
	if got, want := f.ask(t, "ana", "PUT", "/api/v1/clients/26", `{"phone":"3110000000"}`).body, said("error", "CLIENT_UPDATE_FAILED", "", "WispHub no guardó el cambio (phone)."); got != want {
		t.Errorf("PUT = %s, want %s", got, want)
	}
	f.upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/clientes/{id}/perfil/"})
	if got, want := f.ask(t, "ana", "PUT", "/api/v1/clients/26", `{"phone":"3110000000"}`).body, said("error", "CLIENT_UPDATE_FAILED", "", messageUnknown); got != want {
		t.Errorf("PUT that hangs = %s, want %s", got, want)
	}
}

func TestLowerCaseActions(t *testing.T) {
	t.Parallel()
	f := newFace(t, func(c *Config) { c.LowerCaseActions = true })
	for path, action := range map[string]string{
		"clients": "clients_listed", "clients/search?q=nadie": "client_not_found", "clients/by-service-id/26": "client_found", "nothing": "error",
		"internet-plans": "internet_plans_listed", "payment-methods": "payment_methods_listed", "tickets/subjects": "ticket_subjects_listed",
	} {
		if got := f.ask(t, "ben", "GET", "/api/v1/"+path, ""); !strings.Contains(got.body, `"action":"`+action+`"`) {
			t.Errorf("%s = %.200s, want %s", path, got.body, action)
		}
	}
	if got := f.ask(t, "ben", "GET", "/api/v1/openapi.json", "").body; strings.Contains(got, `"CLIENT_FOUND"`) || !strings.Contains(got, `"client_found"`) || strings.Contains(got, "ERROR") {
		t.Error("the description has actions in capitals")
	}
}
