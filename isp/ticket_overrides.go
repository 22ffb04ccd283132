package isp

import (
	"context"
	"errors"
	"time"

	"wisphub-graphql/cache/shared"
	"wisphub-graphql/wisphub/ratelimit"
)

// newTicketOverrides returns the tickets that were read again because of a write.
func newTicketOverrides(t *Tickets, store *shared.Store) *overrides[*Ticket] {
	o := &overrides[*Ticket]{
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
		onApply: t.setSingle,
	}
	o.subscribe()
	return o
}

// publish shows tickets to all readers on all replicas. They were read at that time.
func (t *Tickets) publish(at time.Time, tickets ...*Ticket) {
	t.setSingle(t.overrides.add(tickets, at), at)
}

// setSingle is for tickets before the horizon, which no list has.
func (t *Tickets) setSingle(tickets []*Ticket, at time.Time) {
	for _, ticket := range tickets {
		t.single.SetAsOf(ticket.TicketID, ticket, at)
	}
}

// reload reads a ticket from WispHub and shows it to all readers. It returns nil if there is none.
func (t *Tickets) reload(ctx context.Context, id int) (*Ticket, error) {
	began := t.overrides.readTime()
	ctx, bill := ratelimit.WithBill(ctx)
	ticket, err := t.fetch(ctx, id)
	if errors.Is(err, errNotFound) {
		bill.NotFound()
		return nil, nil
	}
	if err != nil {
		return nil, fetchError("ticket", err)
	}
	t.publish(began, ticket)
	return ticket, nil
}

// fresh returns the index for a write. In it, the newest tickets are not older than their time to
// live, and the active ones of older windows not older than their interval. It waits for their
// refresh.
func (t *Tickets) fresh(ctx context.Context) (*ticketIndex, error) {
	if _, err := t.awaitIndex(ctx); err != nil {
		return nil, err
	}
	for _, part := range []ticketPart{{window: 0}, {active: true}} {
		entry, known := t.recent.Peek(part)
		if known && !entry.Stale && (part.active || time.Since(entry.AsOf) < t.pacing.ttl) {
			continue
		}
		if _, err := t.recent.Refresh(ctx, part); err != nil {
			return nil, fetchError("ticket", err)
		}
	}
	return t.currentIndex(ctx)
}
