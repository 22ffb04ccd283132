package graph_test

import (
	"strings"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

type subjects struct {
	TicketSubjects []struct{ Name, Priority string }
}

// subjectPriorities has subjects of every priority that both the tenant and the built-in list have.
var subjectPriorities = map[string]string{
	"Cambio de Domicilio": "LOW", "Internet Lento": "NORMAL", "Otro Asunto": "NORMAL", "No Tiene Internet": "HIGH",
	"Antena valores De Fabrica": "HIGH", "Caja Nap Dañada": "VERY_HIGH",
}

// The list is that of the tenant, in either shape and with its misspellings, or the built-in one.
func TestTicketSubjects(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare  func(*wisphubtest.Server)
		count    int
		has, not string
	}{
		"tenant's": {func(*wisphubtest.Server) {}, 145, "Instatalacion Nueva", ""},
		"tenant's, texts": {func(s *wisphubtest.Server) {
			quirks := wisphubtest.DefaultQuirks()
			quirks.TextSubjects = true
			s.SetQuirks(quirks)
		}, 145, "Instatalacion Nueva", ""},
		"built in": {func(s *wisphubtest.Server) { s.Forbid("/api/tickets/asuntos-tickets/") }, 32, "Alambres Rotos", "Instatalacion Nueva"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			tt.prepare(f.upstream)
			priorities := map[string]string{}
			for _, subject := range into[subjects](t, f.data(t, `{ticketSubjects{name priority}}`)).TicketSubjects {
				priorities[subject.Name] = subject.Priority
			}
			if _, known := priorities[tt.not]; known || priorities[tt.has] == "" || len(priorities) != tt.count {
				t.Errorf("%d subjects, %q among them: %t, %q: %t, want %d, yes, no", len(priorities), tt.has, priorities[tt.has] != "", tt.not, known, tt.count)
			}
			for subject, want := range subjectPriorities {
				if got := priorities[subject]; got != want {
					t.Errorf("priority of %q = %q, want %q", subject, got, want)
				}
			}
			f.data(t, `{ticketSubjects{name}}`)
			if got := f.upstream.Total(); got != 1 {
				t.Errorf("two reads of the subjects cost %d upstream calls, want 1", got)
			}
		})
	}
}

// WispHub's failure leaves the built-in list.
func TestTicketSubjects_UpstreamFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.SetFaults(wisphubtest.Faults{Down: true})
	if data := f.data(t, `{ticketSubjects{name}}`); strings.Count(data, `"name"`) != 32 {
		t.Errorf("subjects = %s, want the 32 built-in ones", data)
	}
}
