package isp

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub/wisphubtest"
)

const subjectsPath = "/api/tickets/asuntos-tickets/"

func namesOf(subjects []*TicketSubject) []string {
	names := make([]string, len(subjects))
	for i, subject := range subjects {
		names[i] = subject.Name
	}
	return names
}

// Subjects keep the tenant's spelling, even a wrong one, in both forms of the catalogue.
func TestSubjects_List(t *testing.T) {
	t.Parallel()
	for _, text := range []bool{false, true} {
		upstream, provider := open(t, 1)
		quirks := wisphubtest.DefaultQuirks()
		quirks.TextSubjects = text
		upstream.SetQuirks(quirks)
		subjects, err := provider.Subjects.List(t.Context())
		if err != nil || len(subjects) < 140 || subjects[0].Name != "Internet Lento" {
			t.Fatalf("List() = %d subjects, %v, want the tenant's from Internet Lento on", len(subjects), err)
		}
		for _, name := range []string{"Instalacion Nueva", "Instatalacion Nueva", "Otro Asunto"} {
			if !slices.Contains(namesOf(subjects), name) {
				t.Errorf("List() lacks %s", name)
			}
		}
		for _, subject := range subjects {
			if subject.Priority != PriorityOf(subject.Name) {
				t.Errorf("%+v, want priority %s", subject, PriorityOf(subject.Name))
			}
		}
		if _, err := provider.Subjects.List(t.Context()); err != nil {
			t.Errorf("List() = %v the second time", err)
		}
		wantCalls(t, upstream, 1)
	}
}

// An API key that must not read the catalogue gets the built-in subjects.
func TestSubjects_Forbidden(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	upstream.Forbid(subjectsPath)
	for range 2 {
		subjects, err := provider.Subjects.List(t.Context())
		names := namesOf(subjects)
		if err != nil || len(subjects) != 32 || names[31] != "Otro Asunto" || !slices.Contains(names, "Troncal Dañado") {
			t.Errorf("List() = %q, %v, want 31 subjects and Otro Asunto", names, err)
		}
		if subjects[0].Priority != PriorityLow || subjects[30].Priority != PriorityVeryHigh || subjects[31].Priority != PriorityNormal {
			t.Errorf("List() = %+v, %+v, %+v, want them by rising priority, Otro Asunto last", subjects[0], subjects[30], subjects[31])
		}
	}
	wantCalls(t, upstream, 1)
}

func TestSubjects_Fail(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, serve(t, respondJSON(`{"count": 9, "results": [{"nombre": "x"}]}`)))
	subjects, err := provider.Subjects.List(t.Context())
	fetch := (*FetchError)(nil)
	if !errors.As(err, &fetch) || fetch.Noun != "ticket" || subjects != nil {
		t.Errorf("List() = %v, %v, want a FetchError of ticket", subjects, err)
	}
}

func TestSubjects_WithoutName(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, serve(t, respondJSON(`[{"nombre": " "}, null, {"id": 5}, {"nombre": "Fibra Cortada "}]`)))
	subjects, err := provider.Subjects.List(t.Context())
	if err != nil || len(subjects) != 1 || *subjects[0] != (TicketSubject{"Fibra Cortada", PriorityNormal, true}) {
		t.Errorf("List() = %q, %v, want Fibra Cortada alone", namesOf(subjects), err)
	}
}

// The table of rest-v1.md, written a second time.
func TestPriorityOf(t *testing.T) {
	t.Parallel()
	table := map[TicketPriority]string{
		PriorityLow: "Cambio de Contraseña en Router Wifi, Cambio de Domicilio, Recolección De Equipos, Cancelación, Desconexión",
		PriorityNormal: "Internet Lento, Internet Intermitente, Antena Desalineada, Cables Mal Colocados, Cableado Para Modem Extra, " +
			"Otro Asunto, Troncal Dañada, Instalacion Nueva, No Tiene Internet - ANA PEREZ, x",
		PriorityHigh: "No Tiene Internet, Antena Dañada, No Responde la Antena, No Responde el Router Wifi, " +
			"Router Wifi Reseteado (Valores de Fabrica), Cambio de Router Wifi, Cambio de Antena, Cambio de Antena + Router Wifi, " +
			"Cable UTP Dañado, PoE Dañado, Conector Dañado, Antena valores De Fabrica, Eliminador Dañado, RJ45 Dañado, Alambres Rotos, " +
			"Reconexión, Cable Fibra Dañado, Jumper Dañado",
		PriorityVeryHigh: "Troncal Dañado, Caja Nap Dañada, Cambio A Fibra Óptica",
	}
	for want, subjects := range table {
		for subject := range strings.SplitSeq(subjects, ", ") {
			spellings := []string{subject, strings.ToUpper(subject), text.Fold(subject), "  " + strings.ReplaceAll(subject, " ", "  ") + "\t"}
			for _, spelling := range spellings {
				if got := PriorityOf(spelling); got != want {
					t.Errorf("PriorityOf(%q) = %s, want %s", spelling, got, want)
				}
			}
		}
	}
	if got := PriorityOf(""); got != PriorityNormal {
		t.Errorf("PriorityOf of nothing = %s, want %s", got, PriorityNormal)
	}
}
