package rest

import (
	"strings"
	"testing"
	"time"
)

// A plan whose details WispHub does not have is not found, and never found with nulls.
func Test13_2_PlanWithoutDetailsIsNotFound(t *testing.T) {
	t.Parallel()
	for _, details := range []literal{{200, `{}`}, {200, `{"detail":"x"}`}, {404, `{"detail":"No encontrado."}`}} {
		s := newTestServer(t, nil)
		s.literals.Store("GET /api/plan-internet/pppoe/3/", details)
		got := s.call(t, "ana", "GET", "/api/v1/internet-plans/3", "")
		if got.status != 200 || !strings.Contains(got.body, `"action":"INTERNET_PLAN_NOT_FOUND","data":null`) {
			t.Errorf("plan with details %+v = %d %s, want INTERNET_PLAN_NOT_FOUND without data", details, got.status, got.body)
		}
	}
}

// One ticket in a state that we do not know fills a zone with one place.
func Test13_3_UnknownStateBlocksTheZone(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	s.upstream.PutTicket(row{
		"id_ticket": 501, "asunto": "x", "estado": "Abierto", "prioridad": "Alta",
		"fecha_creacion": time.Now().In(bogota).Format(time.DateOnly), "servicio": row{"id_servicio": 26, "zona": row{"id": 2, "nombre": "Marinilla"}},
	})
	want := envelopeJSON("success", "TICKET_FOUND", `{"is_blocked":true,"max_tickets":1}`, "")
	if got := s.call(t, "ana", "GET", "/api/v1/tickets/zone-blocked/2", ""); got.body != want {
		t.Errorf("zone-blocked = %s, want %s", got.body, want)
	}
	got := s.call(t, "ana", "POST", "/api/v1/tickets", newTicketBody)
	if !strings.Contains(got.body, "ZONE_TICKET_LIMIT_REACHED") {
		t.Errorf("POST of a ticket = %s, want ZONE_TICKET_LIMIT_REACHED", got.body)
	}
}

// WispHub's failure leaves the built-in subjects.
func Test13_3_SubjectsFallBack(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404, 500, 503} {
		s := newTestServer(t, nil)
		s.literals.Store("GET /api/tickets/asuntos-tickets/", literal{status, `{"detail":"x"}`})
		got := s.call(t, "ana", "GET", "/api/v1/tickets/subjects", "")
		if !strings.Contains(got.body, "TICKET_SUBJECTS_LISTED") || !strings.Contains(got.body, "Troncal Dañado") {
			t.Errorf("subjects after %d = %s, want the built-in ones", status, got.body)
		}
	}
}
