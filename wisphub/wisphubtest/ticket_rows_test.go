package wisphubtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPutTicket(t *testing.T) {
	t.Parallel()
	s := newServer(100, nil)
	before := s.TicketIDs()
	id := before[3]
	row := s.Ticket(id)
	row["asunto"] = "Otro"
	s.PutTicket(row)
	row["asunto"] = "changed after"
	if got := s.Ticket(id)["asunto"]; got != "Otro" || !slices.Equal(s.TicketIDs(), before) {
		t.Errorf("after PutTicket: asunto %v, ids %v, want Otro and the same ids", got, s.TicketIDs()[:5])
	}
	if got := get(t, s, fmt.Sprintf("/api/tickets/%d/", id))["asunto"]; got != "Otro" {
		t.Errorf("asunto of the replaced ticket = %v, want Otro", got)
	}
	row["fecha_creacion"] = "2026-05-02T09:59:59-05:00"
	s.PutTicket(row)
	if got := s.TicketIDs(); got[0] != id || len(got) != len(before) {
		t.Errorf("first of the ids after a newer date = %d of %d, want %d of %d", got[0], len(got), id, len(before))
	}
	s.DeleteTicket(id)
	s.DeleteTicket(1)
	if s.Ticket(id) != nil || len(s.TicketIDs()) != len(before)-1 || slices.Contains(s.TicketIDs(), id) {
		t.Errorf("after DeleteTicket: %v with %d tickets, want nil with %d", s.Ticket(id), len(s.TicketIDs()), len(before)-1)
	}
	if got := list(t, s, "/api/tickets/?limit=1").Results[0]["id_ticket"]; got != float64(before[0]) {
		t.Errorf("newest ticket after DeleteTicket = %v, want %d", got, before[0])
	}
}

// The list sorts tickets by date, whatever the format of the date.
func TestPutTicket_Order(t *testing.T) {
	t.Parallel()
	s := newTicketServer(func(q *Quirks) { q.TicketWindow = false })
	dates := []any{
		"2026-05-01T14:00:00Z", "2026-05-01 08:59:59", "2026-05-01 08:58", "2026-05-01", "30/04/2026 10:00:00", "30/04/2026 09:00",
		"2020-01-01T00:00:00-05:00", nil, 7, "ayer",
	}
	for i, date := range slices.Backward(dates) {
		s.PutTicket(map[string]any{"id_ticket": len(dates) - i, "fecha_creacion": date})
	}
	want := []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}
	if got := ticketIDsOn(list(t, s, "/api/tickets/")); !slices.Equal(got, want) || !slices.Equal(s.TicketIDs(), want) {
		t.Errorf("list = %v, TicketIDs() = %v, want %v", got, s.TicketIDs(), want)
	}
}

func TestPutTicket_ServesAnyShape(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	s.PutTicket(map[string]any{
		"zz": 1, "respuestas": []any{1, "x"}, "id_ticket": 5, "fecha_creacion": "2026-05-01", "estado": 3, "prioridad": 2,
		"servicio": "x", "asunto": "<&>",
	})
	want := `{"id_ticket":5,"asunto":"<&>","estado":3,"prioridad":2,"fecha_creacion":"2026-05-01","servicio":"x","respuestas":[1,"x"],"zz":1}`
	if got := do(s, "GET", "/api/tickets/5/").Body.String(); got != want {
		t.Errorf("GET /api/tickets/5/ = %s, want %s", got, want)
	}
	if got := do(s, "GET", "/api/tickets/").Body.String(); !strings.Contains(got, "["+want+"]") {
		t.Errorf("GET /api/tickets/ = %s, want the row %s", got, want)
	}
}

func TestPutTicket_WithoutUsableID(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]any{"text": "26", "null": nil, "zero": 0, "fraction": 2.5} {
		s := newTicketServer(nil, "2026-04-30T10:00:00-05:00")
		for range 2 {
			s.PutTicket(map[string]any{"id_ticket": id, "fecha_creacion": "2026-05-01T10:00:00-05:00"})
		}
		if p := list(t, s, "/api/tickets/"); p.Count != 3 || p.Results[2]["id_ticket"] != 1.0 {
			t.Errorf("%s: %d tickets %v, want both malformed ones before 1", name, p.Count, p.Results)
		}
		s.DeleteTicket(noID)
		if got := s.TicketIDs(); !slices.Equal(got, []int{1}) || s.Ticket(noID) != nil {
			t.Errorf("%s: TicketIDs() = %v, Ticket = %v, want [1] and nil", name, got, s.Ticket(noID))
		}
	}
}

func TestPutTicket_Panics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("PutTicket(a channel) did not panic, want a panic")
		}
	}()
	newTicketServer(nil).PutTicket(map[string]any{"id_ticket": make(chan int)})
}

// A generated ticket shows the current row of its client.
func TestTicket_ShowsCurrentClient(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 1, Tickets: 1, Now: today})
	id, client := s.TicketIDs()[0], s.Row(firstID)
	client["zona"], client["router"] = map[string]any{"id": 77, "nombre": "Otra"}, nil
	s.PutRow(client)
	service := s.Ticket(id)["servicio"].(map[string]any)
	if zone := service["zona"].(map[string]any); zone["id"] != 77.0 || service["router"] != nil {
		t.Errorf("servicio after its client moved = %v, want zone 77 and no router", service)
	}
	s.DeleteRow(firstID)
	if got := s.Ticket(id); got == nil || got["servicio"] != nil {
		t.Errorf("ticket of a deleted client = %v, want one with a null servicio", got)
	}
}
