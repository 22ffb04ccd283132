package isp

import (
	"context"
	"errors"
	"time"

	"wisphub-graphql/cache/shared"
)

// newTicketOverrides returns the tickets that were read again because of a write.
func newTicketOverrides(t *Tickets, store *shared.Store) *overrides[*Ticket] {
	w := &overrides[*Ticket]{
		topic:  "written tickets",
		id:     func(ticket *Ticket) int { return ticket.TicketID },
		shared: store,
		encode: func(tickets []*Ticket, at time.Time) ([]byte, error) {
			return encodeTicketSet(&ticketSet{asOf: at, tickets: tickets})
		},
		decode: func(data []byte) ([]*Ticket, time.Time, error) {
			set, err := decodeTicketSet(data, t.locale.zone, 0)
			if err != nil {
				return nil, time.Time{}, err
			}
			return set.tickets, set.asOf, nil
		},
		heard: t.setSingle,
	}
	w.listen()
	return w
}

// publish has everybody see tickets of a reading that began at that time.
func (t *Tickets) publish(at time.Time, tickets ...*Ticket) {
	t.overrides.put(tickets, at)
	t.setSingle(tickets)
}

// setSingle is for tickets that no list has: those before the horizon.
func (t *Tickets) setSingle(tickets []*Ticket) {
	for _, ticket := range tickets {
		t.single.Set(ticket.TicketID, ticket)
	}
}

// reload asks WispHub for a ticket, whatever memory holds, and has everybody see it; nil when there is none.
func (t *Tickets) reload(ctx context.Context, id int) (*Ticket, error) {
	began := time.Now()
	ticket, err := t.fetch(ctx, id)
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fetchError("ticket", err)
	}
	t.publish(began, ticket)
	return ticket, nil
}

// fresh is all, but of the newest tickets and the active ones nothing is older than its time to live. It waits for that.
func (t *Tickets) fresh(ctx context.Context) (*ticketIndex, error) {
	if _, err := t.currentIndex(ctx); err != nil {
		return nil, err
	}
	for _, part := range []ticketPart{{window: 0}, {active: true}} {
		if entry, known := t.recent.Peek(part); known && !entry.Stale {
			continue
		}
		if _, err := t.recent.Refresh(ctx, part); err != nil {
			return nil, fetchError("ticket", err)
		}
	}
	return t.currentIndex(ctx)
}
