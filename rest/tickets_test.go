package rest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// The first ticket fills the zone, so that a second one is refused.
func TestTickets_FullZone(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	const body = `{"service_id":"26","zone_id":9,"subject":"INTERNET lento","description":"No carga","technician_id":null}`
	created := s.call(t, "ana", "POST", "/api/v1/tickets", body)
	var answer struct {
		Data ticket
	}
	if err := json.Unmarshal([]byte(created.body), &answer); err != nil || !strings.HasPrefix(created.body, `{"ok":true,"type":"success","action":"TICKET_CREATED"`) ||
		answer.Data.Subject != "Internet Lento" || *answer.Data.StatusTicket != "Nuevo" || *answer.Data.Priority != "Normal" || answer.Data.AnswerText != nil {
		t.Fatalf("POST tickets = %s (error %v), want TICKET_CREATED with the catalogue's subject", created.body, err)
	}
	if got, want := s.call(t, "ana", "POST", "/api/v1/tickets/", body).body, envelopeJSON("info", "ZONE_TICKET_LIMIT_REACHED", `{"max_tickets":1}`, "La zona ya tiene su máximo de tickets activos."); got != want {
		t.Errorf("POST of a second ticket = %s, want %s", got, want)
	}
	if got, want := s.call(t, "ben", "GET", "/api/v1/tickets/zone-blocked/2", "").body, envelopeJSON("success", "TICKET_FOUND", `{"is_blocked":true,"max_tickets":1}`, ""); got != want {
		t.Errorf("GET zone-blocked = %s, want %s", got, want)
	}
}

// A client without a zone uses the zone of the body.
func TestTickets_ZoneOfBody(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	s.upstream.PutTicket(row{"id_ticket": 501, "estado": "Nuevo", "fecha_creacion": time.Now().Format(time.RFC3339), "servicio": row{"id_servicio": 26, "zona": row{"id": 2, "nombre": "M"}}})
	for zone, action := range map[string]string{`2`: "ZONE_TICKET_LIMIT_REACHED", `4`: "TICKET_CREATED", `null`: "TICKET_CREATED"} {
		got := s.call(t, "ana", "POST", "/api/v1/tickets", `{"service_id":30,"zone_id":`+zone+`,"subject":"x","description":"y"}`)
		if !strings.Contains(got.body, `"action":"`+action+`"`) {
			t.Errorf("POST of a ticket in zone %s = %s, want %s", zone, got.body, action)
		}
	}
	// The ticket counts towards zone 4, although WispHub has it in no zone.
	if got := s.call(t, "ana", "POST", "/api/v1/tickets", `{"service_id":30,"zone_id":4,"subject":"x","description":"y"}`); !strings.Contains(got.body, `"ZONE_TICKET_LIMIT_REACHED"`) {
		t.Errorf("POST of a second ticket in zone 4 = %s, want ZONE_TICKET_LIMIT_REACHED", got.body)
	}
	if got, want := s.call(t, "ben", "GET", "/api/v1/tickets/zone-blocked/4", "").body, envelopeJSON("success", "TICKET_FOUND", `{"is_blocked":true,"max_tickets":1}`, ""); got != want {
		t.Errorf("GET zone-blocked = %s, want %s", got, want)
	}
}
