package wisphubtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// newTicketServer returns a server with tickets of these dates and states only, with ids from 1.
func newTicketServer(change func(*Quirks), tickets ...string) *Server {
	q := DefaultQuirks()
	if change != nil {
		change(&q)
	}
	s := New(Config{Clients: 1, Tickets: -1, Now: today, Quirks: &q})
	for i, text := range tickets {
		created, state, _ := strings.Cut(text, " ")
		s.PutTicket(map[string]any{"id_ticket": i + 1, "fecha_creacion": created, "estado": state})
	}
	return s
}

// ticketIDsOn returns the ids on a page.
func ticketIDsOn(p page) []int {
	ids := []int{}
	for _, row := range p.Results {
		id, _ := row["id_ticket"].(float64)
		ids = append(ids, int(id))
	}
	return ids
}

// The provider's today is 2026-05-02.
func TestListTickets_Ranges(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil,
		"2026-02-27T23:59:59-05:00", "2026-02-28T00:00:00-05:00", "2026-03-31T23:59:59-05:00", // 1 2 3
		"2026-04-01T23:59:59-05:00", "2026-04-02T00:00:00-05:00", "2026-05-01T12:00:00-05:00", // 4 5 6
		"2026-05-02T04:59:59Z", "2026-05-03T00:00:00-05:00", "nunca", // 7 8 9
	)
	for _, test := range []struct {
		first, last string
		want        []int
	}{
		{"", "", []int{8, 7, 6, 5}}, // thirty days and no end
		{"2026-03-31", "2026-04-01", []int{4, 3}},
		{"2026-04-01", "2026-04-01", []int{4}},
		{"2026-05-01", "2026-05-01", []int{7, 6}},
		{"2026-05-01", "", []int{8, 7, 6}},
		{"", "2026-04-01", []int{4, 3}},
		{"2026-02-28", "2026-05-01", []int{7, 6, 5, 4, 3, 2}}, // 62 days
		{"2026-04-02", "2026-04-01", []int{}},
		{"2020-01-01", "2020-02-01", []int{}},
	} {
		p := list(t, s, "/api/tickets/?fecha_creacion_0="+test.first+"&fecha_creacion_1="+test.last)
		if got := ticketIDsOn(p); !slices.Equal(got, test.want) || p.Count != len(test.want) {
			t.Errorf("tickets from %q to %q = %v of %d, want %v", test.first, test.last, got, p.Count, test.want)
		}
	}
}

func TestListTickets_RejectsRanges(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	for query, body := range map[string]string{
		"fecha_creacion_0=2026-02-28&fecha_creacion_1=2026-05-02": `{"error":"El rango`,
		"fecha_creacion_0=2026-02-28":                             `{"error":"El rango`, // to today
		"fecha_creacion_0=2006-01-02&fecha_creacion_1=2026-05-02": `{"error":"El rango`,
		"fecha_creacion_0=01/05/2026":                             `{"fecha_creacion_0":["Introduzca una fecha`,
		"fecha_creacion_0=2026-05-01&fecha_creacion_1=2026-02-30": `{"fecha_creacion_1":["Introduzca una fecha`,
		"fecha_creacion_1=ayer":                                   `{"fecha_creacion_1":["Introduzca una fecha`,
	} {
		wantResponse(t, do(s, "GET", "/api/tickets/?"+query), 400, jsonPrefix, body)
	}
	wide := newTicketServer(func(q *Quirks) { q.RefuseWideRange = false }, "2020-01-02T10:00:00-05:00")
	p := list(t, wide, "/api/tickets/?fecha_creacion_0=2020-01-01&fecha_creacion_1=2026-05-02")
	if got := ticketIDsOn(p); !slices.Equal(got, []int{1}) {
		t.Errorf("tickets in a range of six years without the quirk = %v, want [1]", got)
	}
}

func TestListTickets_TicketWindowOff(t *testing.T) {
	t.Parallel()
	s := newTicketServer(func(q *Quirks) { q.TicketWindow = false }, "2019-05-01T12:00:00-05:00", "2026-05-01T12:00:00-05:00", "")
	if got := ticketIDsOn(list(t, s, "/api/tickets/")); !slices.Equal(got, []int{2, 1, 3}) {
		t.Errorf("tickets without a range or TicketWindow = %v, want [2 1 3]", got)
	}
}

func TestListTickets_Filters(t *testing.T) {
	t.Parallel()
	const day = "2026-05-01T12:00:00-05:00 "
	s := newTicketServer(nil, day+"Nuevo", day+"En Progreso", day+"Resuelto", day+"Cerrado", day+"Reagendado", day+"Abierto")
	s.PutTicket(map[string]any{
		"id_ticket": 7, "fecha_creacion": strings.TrimSpace(day), "estado": "Nuevo", "email_tecnico": keyOwnerName + "@demo-isp",
	})
	for query, want := range map[string][]int{
		"estado=1": {7, 1}, "estado=2": {2}, "estado=3": {3}, "estado=4": {4}, "estado=5": {5}, "estado=6": {}, "estado=0": {},
		"estado=Nuevo": {}, "estado=1,2": {}, "estado=-1": {}, "estado=": {7, 6, 5, 4, 3, 2, 1},
		"estado=4&estado=1": {7, 1}, // the last one counts
		"mis_tickets=1":     {7}, "mis_tickets=true": {7}, "mis_tickets=True": {7}, "mis_tickets=1&estado=2": {},
		"estado=1&mis_tickets=0": {7, 1}, "estado=1&mis_tickets=quizás": {7, 1},
		"estado=1&fecha_creacion_0=2026-05-02": {},
		"limit=2":                              {7, 6}, "limit=2&offset=2": {5, 4}, "offset=6": {1}, "offset=9": {},
		"servicio=1&estado=4": {4}, "search=nada&estado=4": {4}, "prioridad=9&estado=4": {4}, "tecnico=9&estado=4": {4},
		"departamento=x&estado=4": {4}, "zona=9&estado=4": {4}, "ordering=fecha_creacion&limit=1": {7},
	} {
		if got := ticketIDsOn(list(t, s, "/api/tickets/?"+query)); !slices.Equal(got, want) {
			t.Errorf("GET /api/tickets/?%s = %v, want %v", query, got, want)
		}
	}
	if p := list(t, s, "/api/tickets/?limit=2&offset=2&estado=Nuevo"); p.Count != 0 || p.Next != nil {
		t.Errorf("estado as text: count %d, next %v, want 0, nil", p.Count, p.Next)
	}
}

func TestListTickets_FiltersWithoutQuirks(t *testing.T) {
	t.Parallel()
	s := newTicketServer(func(q *Quirks) { q.EmptyOnWrongType, q.IgnoreUnknownFilters = false, false })
	wantResponse(t, do(s, "GET", "/api/tickets/?estado=Nuevo"), 400, jsonPrefix, `{"estado":`)
	wantResponse(t, do(s, "GET", "/api/tickets/?search=x"), 400, jsonPrefix, `{"search":`)
	const known = "estado=1&mis_tickets=1&limit=1&offset=0&fecha_creacion_0=2026-05-01&fecha_creacion_1=2026-05-01&format=json"
	wantResponse(t, do(s, "GET", "/api/tickets/?"+known), 200, jsonPrefix, `{"count":0,`)
}

func TestListTickets_Pages(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 40, Tickets: 6_000, Seed: 3, Now: today})
	var all []int
	for offset := 0; ; offset += 300 {
		p := list(t, s, fmt.Sprintf("/api/tickets/?limit=500&offset=%d", offset))
		all = append(all, ticketIDsOn(p)...)
		if p.Next == nil {
			if len(all) != p.Count {
				t.Errorf("the pages have %d tickets, want %d", len(all), p.Count)
			}
			break
		}
	}
	if want := s.TicketIDs()[:len(all)]; !slices.Equal(all, want) {
		t.Errorf("tickets of all pages = %.60s, want the newest in order, %.60s", fmt.Sprint(all), fmt.Sprint(want))
	}
}

func TestGetTicket(t *testing.T) {
	t.Parallel()
	s := newServer(100, nil)
	ids := s.TicketIDs()
	oldest := ids[len(ids)-1]
	if got := get(t, s, fmt.Sprintf("/api/tickets/%d/", oldest)); got["id_ticket"] != float64(oldest) || got["servicio"] == nil {
		t.Errorf("GET of the oldest ticket = %v, want %d with its service", got, oldest)
	}
	created, err := time.Parse(time.RFC3339, text(s.Ticket(oldest)["fecha_creacion"]))
	if err != nil || today.Sub(created) < 400*24*time.Hour {
		t.Errorf("oldest ticket created %v, %v, want more than a year ago", created, err)
	}
	for _, id := range []string{"499", "0", "99999999999999999999"} {
		wantResponse(t, do(s, "GET", "/api/tickets/"+id+"/"), 404, jsonPrefix, `{"detail":"No encontrado."}`)
	}
	wantResponse(t, do(s, "GET", "/api/tickets/comentarios/"), 404, htmlPrefix, "")
	wantResponse(t, do(s, "GET", "/api/tickets/500/comentarios/"), 404, htmlPrefix, "")
	wantResponse(t, do(s, "GET", "/api/asuntos-tickets/"), 404, htmlPrefix, "")
	wantResponse(t, do(s, "DELETE", "/api/tickets/"), 405, jsonPrefix, "")
}

func TestForbid_TicketsAndTasks(t *testing.T) {
	t.Parallel()
	s := newServer(100, nil)
	const unknown = "00000000-0000-0000-0000-000000000000"
	for path, target := range map[string]string{
		"/api/tickets/":                 "/api/tickets/?limit=1",
		"/api/tickets/{id}/":            "/api/tickets/500/",
		"/api/tickets/asuntos-tickets/": "/api/tickets/asuntos-tickets/",
		"/api/tasks/{id}/":              "/api/tasks/" + unknown + "/",
	} {
		s.Forbid(path)
		wantResponse(t, do(s, "GET", target), 403, jsonPrefix, noPermission)
		s.Allow(path)
		if got := do(s, "GET", target).Code; got == 403 {
			t.Errorf("GET %s after Allow = 403, want another status", target)
		}
		if got := s.Requests()["GET "+path]; got != 2 {
			t.Errorf("Requests()[GET %s] = %d, want 2; all: %v", path, got, s.Requests())
		}
	}
}

func TestListSubjects(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	p := list(t, s, "/api/tickets/asuntos-tickets/")
	seen := make(map[string]bool)
	for i, row := range p.Results {
		if len(row) != 2 || row["id"] != float64(i+1) {
			t.Errorf("subject %d = %v, want an id and a nombre", i, row)
		}
		seen[text(row["nombre"])] = true
	}
	if p.Count < 135 || p.Count > 150 || len(seen) != p.Count {
		t.Errorf("%d subjects, %d of them unique, want about 140, all unique", p.Count, len(seen))
	}
	for _, subject := range []string{"Instalacion Nueva", "Instatalacion Nueva", "Otro Asunto", "Reconexion", "Reconexión"} {
		if !seen[subject] {
			t.Errorf("subject %q is missing", subject)
		}
	}
	if subjects[commonSubjects-1] != "Otro Asunto" {
		t.Errorf("the last common subject = %q, want Otro Asunto", subjects[commonSubjects-1])
	}
	plain := newServer(1, func(q *Quirks) { q.TextSubjects = true })
	wantResponse(t, do(plain, "GET", "/api/tickets/asuntos-tickets/?limit=2"), 200, jsonPrefix,
		`"results":["Internet Lento","No Tiene Internet"]}`)
}
