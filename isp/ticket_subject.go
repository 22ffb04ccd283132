package isp

import (
	"context"
	"strings"
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

// customSubject returns the subject of a ticket if it is none of the catalogue, and "" if it is one. Some tenants' lists put
// " - CLIENT NAME" behind subjects, which is none of it.
func (d *Desk) customSubject(ctx context.Context, ticket *Ticket) (string, error) {
	subjects, err := d.subjects.List(ctx)
	if err != nil {
		return "", err
	}
	subject := ticket.Subject
	for head := subject; head != ""; {
		if findSubject(subjects, head) != nil {
			return "", nil
		}
		head = head[:max(strings.LastIndex(head, subjectSuffix), 0)]
	}
	if client, err := d.clients.Get(ctx, ticket.ServiceID); err == nil && client != nil {
		subject = withoutSuffix(subject, client.Name)
	}
	return subject, nil
}

const subjectSuffix = " - "

// withoutSuffix cuts a client's name off a subject.
func withoutSuffix(subject, name string) string {
	at := strings.LastIndex(subject, subjectSuffix)
	if at > 0 && fold(subject[at+len(subjectSuffix):]) == fold(name) {
		return subject[:at]
	}
	return subject
}

// findSubject returns the subject of that name, nil when none is listed. Case does not matter and accents hardly: some
// catalogues have Reconexion and Reconexión.
func findSubject(subjects []*TicketSubject, text string) (found *TicketSubject) {
	folded := fold(text)
	for _, subject := range subjects {
		switch {
		case strings.EqualFold(tidy(subject.Name), tidy(text)):
			return subject
		case found == nil && fold(subject.Name) == folded:
			found = subject
		}
	}
	return found
}
