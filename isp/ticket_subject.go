package isp

import (
	"context"
	"slices"
	"strings"

	"wisphub-graphql/isp/text"
)

// A subject goes to WispHub as the tenant's catalogue spells it, or else beside "Otro Asunto" as it is (rest-v1.md).

// subjectOf returns the subject of a new ticket as it is sent, and whether it is one of the tenant's own. Where those are not
// to be had, none is known to be.
func (d *Desk) subjectOf(ctx context.Context, text string) (subject string, listed bool) {
	subjects, err := d.subjects.List(ctx)
	if known := findSubject(subjects, text); err == nil && known != nil && known.Own {
		return known.Name, true
	}
	return text, false
}

// customSubject returns the subject with which an update of a ticket must be sent, "" when it is one of the tenant's own.
// Whether it is, WispHub decides letter for letter.
func (d *Desk) customSubject(ctx context.Context, ticket *Ticket) (string, error) {
	subjects, err := d.subjects.List(ctx)
	if err != nil {
		return "", err
	}
	for _, subject := range []string{ticket.Subject, ticket.plainSubject()} {
		listed := slices.ContainsFunc(subjects, func(own *TicketSubject) bool { return own.Own && own.Name == subject })
		if listed {
			return "", nil
		}
	}
	return ticket.plainSubject(), nil
}

// plainSubject is the subject without what some tenants' lists put behind it: " - CLIENT NAME", in capitals.
func (t *Ticket) plainSubject() string {
	name := strings.ToUpper(tidy(t.serviceName))
	if plain, found := strings.CutSuffix(t.Subject, " - "+name); found && name != "" && plain != "" {
		return plain
	}
	return t.Subject
}

// findSubject returns the subject of that name, nil when none is listed. Case does not matter and accents hardly: some
// catalogues have Reconexion and Reconexión.
func findSubject(subjects []*TicketSubject, value string) (found *TicketSubject) {
	folded := text.Fold(value)
	for _, subject := range subjects {
		switch {
		case strings.EqualFold(tidy(subject.Name), tidy(value)):
			return subject
		case found == nil && text.Fold(subject.Name) == folded:
			found = subject
		}
	}
	return found
}
