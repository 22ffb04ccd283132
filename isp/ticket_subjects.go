package isp

import (
	"context"
	"errors"
	"net/http"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// otherSubject is what WispHub requires in place of a subject that its catalogue does not have.
const otherSubject = "Otro Asunto"

// TicketSubject is a subject of tickets, with the priority of a new ticket about it.
type TicketSubject struct {
	Name     string
	Priority TicketPriority
	// Own is true for a subject of the tenant's catalogue, and false for a built-in one.
	Own bool
}

// builtInSubjects are the subjects with a known priority (rest-v1.md).
var builtInSubjects = map[TicketPriority][]string{
	PriorityLow: {
		"Cambio de Contraseña en Router Wifi", "Cambio de Domicilio", "Recolección De Equipos", "Cancelación", "Desconexión",
	},
	PriorityNormal: {
		"Internet Lento", "Internet Intermitente", "Antena Desalineada", "Cables Mal Colocados", "Cableado Para Modem Extra",
	},
	PriorityHigh: {
		"No Tiene Internet", "Antena Dañada", "No Responde la Antena", "No Responde el Router Wifi",
		"Router Wifi Reseteado (Valores de Fabrica)", "Cambio de Router Wifi", "Cambio de Antena",
		"Cambio de Antena + Router Wifi", "Cable UTP Dañado", "PoE Dañado", "Conector Dañado", "Antena valores De Fabrica",
		"Eliminador Dañado", "RJ45 Dañado", "Alambres Rotos", "Reconexión", "Cable Fibra Dañado", "Jumper Dañado",
	},
	PriorityVeryHigh: {"Troncal Dañado", "Caja Nap Dañada", "Cambio A Fibra Óptica"},
}

// subjectPriorities is builtInSubjects by folded name.
var subjectPriorities = func() map[string]TicketPriority {
	priorities := map[string]TicketPriority{}
	for priority, names := range builtInSubjects {
		for _, name := range names {
			priorities[text.Fold(name)] = priority
		}
	}
	return priorities
}()

// PriorityOf returns the priority of a new ticket about the subject. It is NORMAL for a subject
// that is not built in.
func PriorityOf(subject string) TicketPriority {
	if priority, known := subjectPriorities[text.Fold(subject)]; known {
		return priority
	}
	return PriorityNormal
}

// Subjects lists the subjects of the tenant's catalogue, or the built-in ones if WispHub does not
// give the catalogue.
type Subjects struct{ *catalogue[TicketSubject] }

func newSubjects(api *wisphub.API, cfg Config) *Subjects {
	load := func(ctx context.Context) ([]*TicketSubject, error) {
		rows, err := api.Tickets.Subjects(ctx)
		subjects := make([]*TicketSubject, 0, len(rows))
		for _, row := range rows {
			if row.Name != "" {
				subjects = append(subjects, &TicketSubject{string(row.Name), PriorityOf(string(row.Name)), true})
			}
		}
		if hasNoSubjects(err) {
			err = rememberFor(notFoundTTL, err)
		}
		return subjects, err
	}
	substitute := func(_ context.Context, err error) ([]*TicketSubject, error) {
		if hasNoSubjects(err) {
			return knownSubjects(), nil
		}
		return nil, err
	}
	subjects := &Subjects{newCatalogueOr(cfg, "subjects", "ticket", nil, load, substitute)}
	subjects.substituteNow = func(ctx context.Context, err error) ([]*TicketSubject, bool) {
		list, err := substitute(ctx, err) // never waits
		return list, err == nil
	}
	return subjects
}

// hasNoSubjects reports whether WispHub answered 403, 404 or 5xx, in JSON or not, or has failed so
// often that it is not asked.
func hasNoSubjects(err error) bool {
	if isRefused(err) || errors.Is(err, wisphub.ErrUnavailable) {
		return true
	}
	status := upstreamStatus(err)
	return status == http.StatusForbidden || status == http.StatusNotFound || status >= http.StatusInternalServerError
}

func knownSubjects() []*TicketSubject {
	var subjects []*TicketSubject
	for _, priority := range []TicketPriority{PriorityLow, PriorityNormal, PriorityHigh, PriorityVeryHigh} {
		for _, name := range builtInSubjects[priority] {
			subjects = append(subjects, &TicketSubject{Name: name, Priority: priority})
		}
	}
	return append(subjects, &TicketSubject{Name: otherSubject, Priority: PriorityNormal})
}
