package isp

import (
	"context"
	"slices"
	"strings"

	"wisphub-graphql/isp/text"
)

// WispHub takes a subject of the tenant's catalogue as the catalogue spells it. Any other subject
// is sent beside "Otro Asunto" (rest-v1.md).

// forNew returns the subject of a new ticket as it must be sent, and whether it is one of the
// tenant's catalogue. If the catalogue cannot be read, no subject is. Any other subject is sent
// without tags: it may be text of a subscriber.
func (s *Subjects) forNew(ctx context.Context, subject string) (name string, inCatalogue bool) {
	subjects, err := s.List(ctx)
	if known := findSubject(subjects, subject); err == nil && known != nil && known.Own {
		return known.Name, true
	}
	return withoutTags(subject), false
}

// forUpdate returns the custom subject that an update of the ticket must send, "" if its subject
// is in the tenant's catalogue. WispHub compares subjects letter by letter.
func (s *Subjects) forUpdate(ctx context.Context, ticket *Ticket) (string, error) {
	subjects, err := s.List(ctx)
	if err != nil {
		return "", err
	}
	for _, subject := range []string{ticket.Subject, ticket.plainSubject()} {
		if slices.ContainsFunc(subjects, func(own *TicketSubject) bool { return own.Own && own.Name == subject }) {
			return "", nil
		}
	}
	return ticket.plainSubject(), nil
}

// plainSubject returns the subject without the " - CLIENT NAME" that some tenants' lists append.
func (t *Ticket) plainSubject() string {
	name := strings.ToUpper(tidy(t.serviceName))
	if plain, found := strings.CutSuffix(t.Subject, " - "+name); found && name != "" && plain != "" {
		return plain
	}
	return t.Subject
}

// findSubject returns the subject with the name, nil if there is none. It ignores case. It prefers
// a subject with the same accents, because some catalogues have Reconexion and Reconexión.
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
