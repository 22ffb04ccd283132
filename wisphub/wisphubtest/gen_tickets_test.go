package wisphubtest

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestNew_RejectsTicketCount(t *testing.T) {
	t.Parallel()
	for _, n := range []int{-2, 100_001} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("New(Tickets: %d) did not panic", n)
				}
			}()
			New(Config{Clients: 1, Tickets: n})
		}()
	}
	for _, test := range []struct{ clients, tickets, want int }{
		{1, 0, 1}, {1_000, 0, 700}, {10, -1, 0}, {10, 1, 1}, {1, 1_234, 1_234},
	} {
		if got := len(New(Config{Clients: test.clients, Tickets: test.tickets}).TicketIDs()); got != test.want {
			t.Errorf("New(Clients: %d, Tickets: %d) has %d tickets, want %d", test.clients, test.tickets, got, test.want)
		}
	}
}

func TestNew_SameSeedGivesSameTickets(t *testing.T) {
	t.Parallel()
	body := func(seed uint64) []byte {
		return do(New(Config{Clients: 500, Seed: seed, Now: today}), "GET", "/api/tickets/").Body.Bytes()
	}
	if !bytes.Equal(body(1), body(1)) {
		t.Error("the same seed gives different tickets, want equal")
	}
	if bytes.Equal(body(1), body(2)) {
		t.Error("another seed gives the same tickets, want different ones")
	}
	s := newServer(500, nil)
	first := do(s, "GET", "/api/tickets/").Body.String()
	get(t, s, fmt.Sprintf("/api/tickets/%d/", s.TicketIDs()[9]))
	if again := do(s, "GET", "/api/tickets/").Body.String(); again != first {
		t.Error("repeating a request gives different tickets, want equal")
	}
	clients := func(tickets int) string {
		return do(New(Config{Clients: 50, Now: today, Tickets: tickets}), "GET", "/api/clientes/").Body.String()
	}
	if clients(-1) != clients(500) {
		t.Error("the number of tickets changes the clients, want equal")
	}
}

// ticketShares are the believable ranges of a property, per thousand tickets.
var ticketShares = map[string]struct {
	from, to int
	has      func(row map[string]any) bool
}{
	"closed":        {880, 960, fieldEquals("estado", "Cerrado")},
	"resolved":      {25, 80, fieldEquals("estado", "Resuelto")},
	"new":           {4, 25, fieldEquals("estado", "Nuevo")},
	"in progress":   {1, 15, fieldEquals("estado", "En Progreso")},
	"rescheduled":   {1, 10, fieldEquals("estado", "Reagendado")},
	"normal":        {350, 600, fieldEquals("prioridad", "Normal")},
	"no technician": {30, 90, fieldEquals("email_tecnico", "")},
	"no name":       {80, 350, fieldEquals("tecnico", "")},
	"custom":        {10, 60, fieldEquals("asunto", "Otro Asunto")},
}

func TestNew_TicketsAreBelievable(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 1_000, Tickets: 2_000, Seed: 7, Now: today})
	have, zones, clients := make(map[string]int), make(map[any]int), make(map[any]bool)
	last := today
	for _, row := range allTickets(s) {
		for name, share := range ticketShares {
			if share.has(row) {
				have[name]++
			}
		}
		service := row["servicio"].(map[string]any)
		zones[relationName(service["zona"])]++
		clients[service["id_servicio"]] = true
		last = checkTicketDates(t, row, last)
	}
	for name, share := range ticketShares {
		if got := have[name]; got < share.from*2 || got > share.to*2 {
			t.Errorf("%s: %d of 2000 tickets, want %d to %d", name, got, share.from*2, share.to*2)
		}
	}
	if len(zones) != len(towns)+1 || len(clients) < 800 {
		t.Errorf("tickets in %d zones and of %d clients, want all zones, nil, and most clients", len(zones), len(clients))
	}
	if ids := s.TicketIDs(); !slices.IsSortedFunc(ids, func(a, b int) int { return b - a }) || ids[0]-ids[1_999] < 2_050 {
		t.Errorf("ids run from %d to %d, want them descending with gaps", ids[0], ids[1_999])
	}
}

// checkTicketDates returns the creation time, which must not be after that of the previous ticket.
func checkTicketDates(t *testing.T, row map[string]any, before time.Time) time.Time {
	t.Helper()
	created, err := time.Parse(time.RFC3339, text(row["fecha_creacion"]))
	if err != nil || created.After(before) || created.Before(today.AddDate(0, -14, -7)) {
		t.Errorf("fecha_creacion = %v, want it in the 14 months before %v", row["fecha_creacion"], before)
	}
	for _, key := range []string{"fecha_estimada_inicio", "fecha_estimada_fin"} {
		if !estimatedPattern.MatchString(text(row[key])) {
			t.Errorf("%s = %v, want a time like 2026-02-26 10:00", key, row[key])
		}
	}
	started, finished := row["estado"] != "Nuevo", row["estado"] == "Cerrado" || row["estado"] == "Resuelto"
	if started != (row["fecha_inicio"] != nil) || finished != (row["fecha_fin"] != nil) || finished != (row["finalizado_por"] != nil) {
		t.Errorf("ticket in state %v: fecha_inicio %v, fecha_fin %v, finalizado_por %v, want those that fit its state", row["estado"], row["fecha_inicio"], row["fecha_fin"], row["finalizado_por"])
	}
	return created
}

func TestTicket_Counters(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 10, Tickets: 500, Now: today})
	month, year := 0, 0
	for _, row := range allTickets(s) {
		created, _ := time.Parse(time.RFC3339, text(row["fecha_creacion"]))
		if created = created.In(bogota); created.Year() == 2026 {
			year++
			if created.Month() == time.May {
				month++
			}
		}
	}
	row := s.Ticket(s.TicketIDs()[250])
	if row["tickets_mensual"] != float64(month) || row["tickets_anual"] != float64(year) || month == 0 || year < 100 {
		t.Errorf("counters = %v and %v, want %d and %d", row["tickets_mensual"], row["tickets_anual"], month, year)
	}
	s.PutTicket(map[string]any{"id_ticket": 1, "fecha_creacion": "2026-05-01T00:00:00-05:00"})
	if got := s.Ticket(500)["tickets_mensual"]; got != float64(month+1) {
		t.Errorf("tickets_mensual after one more = %v, want %d", got, month+1)
	}
}

func BenchmarkTicketPage(b *testing.B) {
	s := New(Config{Clients: 60_000, Now: today})
	for b.Loop() {
		do(s, "GET", "/api/tickets/?limit=300&offset=300")
	}
}
