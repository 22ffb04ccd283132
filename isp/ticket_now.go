package isp

import (
	"context"
	"slices"
)

// ListNow is [Tickets.List] from memory.
func (t *Tickets) ListNow(ctx context.Context, query TicketQuery) (*TicketConnection, bool) {
	parsed, err := query.parse(t.since())
	if err != nil {
		return nil, false
	}
	index := t.indexNow(ctx)
	if index == nil {
		return nil, false
	}
	return index.page(parsed), true
}

// OfClientNow is [Tickets.OfClient] from memory.
func (t *Tickets) OfClientNow(ctx context.Context, serviceID int, states []TicketStatus, first *int) ([]*Ticket, bool) {
	limit, err := pageSize(first, defaultClientTickets)
	if err != nil || slices.Contains(states, TicketUnknown) {
		return nil, false
	}
	index := t.indexNow(ctx)
	if index == nil {
		return nil, false
	}
	return index.ofClient(serviceID, states, limit), true
}

// GetNow is [Tickets.Get] from memory.
func (t *Tickets) GetNow(ctx context.Context, id int) (*Ticket, bool) {
	if !isID(id) {
		return nil, id > 0 // Get refuses others
	}
	if index := t.indexNow(ctx); index != nil && index.byID[id] != nil {
		return index.byID[id], true
	}
	return foundNow(ctx, t.single, id)
}

// indexNow is currentIndex for windows that are in memory. It returns nil if one of them is not.
func (t *Tickets) indexNow(ctx context.Context) *ticketIndex {
	return t.indexFrom(func(part ticketPart) (*ticketSet, bool) {
		return knownNow(ctx, t.cacheOf(part), part)
	})
}
