package wisphubtest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// wantTicketKeys are the keys of a ticket in the specification.
var wantTicketKeys = strings.Fields(`
	id_ticket asunto descripcion razon_falla estado prioridad tecnico email_tecnico departamento origen_reporte
	fecha_creacion fecha_estimada_inicio fecha_estimada_fin fecha_inicio fecha_fin
	creado_por finalizado_por vencimiento archivo_ticket tickets_mensual tickets_anual servicio respuestas`)

func TestListTickets_Keys(t *testing.T) {
	t.Parallel()
	s := newServer(300, nil)
	var p struct{ Results []json.RawMessage }
	decode(t, do(s, "GET", "/api/tickets/"), &p)
	for i, row := range p.Results {
		if got := keyOrder(t, row); !slices.Equal(got, wantTicketKeys) {
			t.Fatalf("keys of ticket %d = %v, want %v", i, got, wantTicketKeys)
		}
		var ticket struct {
			Service json.RawMessage `json:"servicio"`
		}
		if err := json.Unmarshal(row, &ticket); err != nil {
			t.Fatal(err)
		}
		want := []string{"id_servicio", "nombre", "ip", "comentarios", "fecha_instalacion", "plan_internet", "zona", "router"}
		if got := keyOrder(t, ticket.Service); !slices.Equal(got, want) {
			t.Errorf("keys of the service of ticket %d = %v, want %v", i, got, want)
		}
	}
	if len(p.Results) == 0 {
		t.Error("no tickets in the last 30 days, want some")
	}
}

// allTickets returns all tickets, newest first.
func allTickets(s *Server) []map[string]any {
	var rows []map[string]any
	for _, id := range s.TicketIDs() {
		rows = append(rows, s.Ticket(id))
	}
	return rows
}

var (
	suffixPattern    = regexp.MustCompile(` - \P{Ll}+$`)
	slashDatePattern = regexp.MustCompile(`^\d\d/\d\d/\d{4} \d\d:\d\d$`)
	estimatedPattern = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d$`)
)

func isText(value any) bool { _, ok := value.(string); return ok }

func isList(value any) bool { _, ok := value.([]any); return ok }

func isObject(value any) bool { _, ok := value.(map[string]any); return ok }

// ticketQuirks tells which tickets show a quirk: some of them, and none when it is off.
var ticketQuirks = map[string]struct {
	off   func(*Quirks)
	shows func(row map[string]any) bool
	all   bool // every ticket shows it
}{
	"SubjectSuffix": {func(q *Quirks) { q.SubjectSuffix = false }, func(row map[string]any) bool {
		return suffixPattern.MatchString(text(row["asunto"]))
	}, false},
	"HTMLDescriptions": {func(q *Quirks) { q.HTMLDescriptions = false }, func(row map[string]any) bool {
		description := text(row["descripcion"])
		return strings.HasPrefix(description, "<p>") || strings.Contains(description, "\r\n") || strings.Contains(description, "acute;")
	}, true},
	"HiddenTechnician": {func(q *Quirks) { q.HiddenTechnician = false }, func(row map[string]any) bool {
		return row["tecnico"] == nil && row["email_tecnico"] != ""
	}, false},
	"DigitPriority": {func(q *Quirks) { q.DigitPriority = false }, func(row map[string]any) bool {
		return !slices.Contains(ticketPriorities, text(row["prioridad"]))
	}, false},
	"SlashDates": {func(q *Quirks) { q.SlashDates = false }, func(row map[string]any) bool {
		return slashDatePattern.MatchString(text(row["fecha_inicio"])) || slashDatePattern.MatchString(text(row["fecha_fin"]))
	}, false},
	"LooseAnswers": {func(q *Quirks) { q.LooseAnswers = false }, func(row map[string]any) bool {
		return !isList(row["respuestas"])
	}, false},
	"RouterSecrets": {func(q *Quirks) { q.RouterSecrets = false }, func(row map[string]any) bool {
		return strings.Contains(string(encode(row)), "clave-inventada-")
	}, false},
}

func TestQuirks_OfTickets(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 200, Tickets: 300, Now: today})
	rows := allTickets(s)
	for name, test := range ticketQuirks {
		count := func(rows []map[string]any) (n int) {
			for _, row := range rows {
				if test.shows(row) {
					n++
				}
			}
			return n
		}
		if n := count(rows); n < 30 || n == 300 != test.all {
			t.Errorf("%s shows in %d of 300 tickets, want many; all of them: %t", name, n, test.all)
		}
		q := DefaultQuirks()
		test.off(&q)
		s.SetQuirks(q)
		if n := count(allTickets(s)); n != 0 {
			t.Errorf("%s shows in %d of 300 tickets while off, want 0", name, n)
		}
	}
}

// Switching all quirks changes the shapes and nothing else.
func TestQuirks_OfTicketsChangeOnlyShapes(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 50, Tickets: 50, Now: today})
	before := allTickets(s)
	s.SetQuirks(Quirks{})
	for i, row := range allTickets(s) {
		for key := range row {
			shaped := slices.Contains([]string{
				"asunto", "descripcion", "prioridad", "tecnico", "fecha_inicio", "fecha_fin", "servicio", "respuestas",
			}, key)
			if was := before[i][key]; !shaped && row[key] != was {
				t.Errorf("%s of ticket %v = %v without quirks, was %v", key, row["id_ticket"], row[key], was)
			}
		}
		if subject := text(before[i]["asunto"]); !strings.HasPrefix(subject, text(row["asunto"])) {
			t.Errorf("asunto = %q without quirks, was %q", row["asunto"], subject)
		}
	}
}

func TestNew_TicketAnswers(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 100, Tickets: 400, Now: today})
	shapes := make(map[string]int)
	for _, row := range allTickets(s) {
		answers := row["respuestas"]
		switch {
		case answers == nil:
			shapes["null"]++
		case isObject(answers):
			shapes["object"]++
			answers = []any{answers}
		case isList(answers):
			shapes["list"]++
			if n := len(answers.([]any)); n < 2 {
				t.Errorf("respuestas is a list of %d, want an object or null", n)
			}
		}
		list, _ := answers.([]any)
		for _, answer := range list {
			a := answer.(map[string]any)
			if _, err := time.Parse(time.RFC3339, text(a["created"])); err != nil || !isText(a["respuesta"]) || !isText(a["usuario"]) {
				t.Errorf("answer = %v, want a text, a time and a user", a)
			}
		}
	}
	if shapes["null"] < 20 || shapes["object"] < 50 || shapes["list"] < 50 {
		t.Errorf("shapes of respuestas = %v, want many of all three", shapes)
	}
}

// The quirk shifts a time by five hours and formats it in one of two ways.
func TestQuirks_SlashDates(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 100, Tickets: 300, Now: today})
	loose := allTickets(s)
	s.SetQuirks(Quirks{})
	forms := make(map[string]int)
	for i, row := range allTickets(s) {
		for _, key := range []string{"fecha_inicio", "fecha_fin"} {
			if row[key] == nil {
				continue
			}
			onTime, err := time.Parse(ticketTimeLayout, text(row[key]))
			if err != nil {
				t.Errorf("%s = %v without the quirk, want %s", key, row[key], ticketTimeLayout)
			}
			late := onTime.Add(5 * time.Hour)
			switch loose[i][key] {
			case late.Format(monthFirstLayout):
				forms["month first"]++
			case late.Format(dayFirstLayout):
				forms["day first"]++
			default:
				t.Errorf("%s = %v with the quirk and %v without, want five hours later", key, loose[i][key], row[key])
			}
		}
	}
	if forms["month first"] < 100 || forms["day first"] < 100 {
		t.Errorf("formats = %v, want many of both", forms)
	}
}
