package isp

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"time"

	"wisphub-graphql/cache/shared"
)

const (
	// pendingDoubt is how long after sending a ticket a list may still lack it: WispHub may carry out
	// late what it has not answered.
	pendingDoubt = 2 * time.Minute
	// pendingTTL is how long the store keeps the pending tickets of a zone. Most count for less.
	pendingTTL = 7 * 24 * time.Hour
	// upstreamSkew is how far WispHub's clock may be from ours.
	upstreamSkew = time.Minute
)

// pendingTickets are tickets that were sent and that the lists may not show yet, by zone. They
// take places in their zones. Replicas share them. Read and write those of a zone under its lock
// only.
type pendingTickets struct {
	shared *shared.Store // nil for a single replica
	mu     sync.Mutex
	byZone map[int][]pendingTicket // guarded by mu
}

// pendingTicket is a ticket that was opened, or may have been.
type pendingTicket struct {
	TicketID  int       `json:"ticketId,omitzero"` // 0 while it is unknown
	ServiceID int       `json:"serviceId"`
	Sent      time.Time `json:"sent"`
	// Before are the tickets that the service had before. None of them is this one.
	Before []int `json:"before,omitzero"`
	// Until is when the ticket stops counting: a list read after it is right about the ticket.
	Until time.Time `json:"until"`
}

// settled reports whether the index counts the ticket in the zone, or shows that it must not be
// counted. A ticket that the index has in no zone, because its client has none, keeps its place
// here.
func (p pendingTicket) settled(index *ticketIndex, zoneID int) bool {
	if ticket := index.byID[p.TicketID]; ticket != nil {
		return ticket.zoneID() == zoneID || !index.active[p.TicketID]
	}
	if index.newest.After(p.Until) {
		return true
	}
	return p.TicketID == 0 && slices.ContainsFunc(index.byClient[p.ServiceID], func(ticket *Ticket) bool {
		return ticket.CreatedAt.After(p.Sent.Add(-upstreamSkew)) && !slices.Contains(p.Before, ticket.TicketID)
	})
}

// same reports whether both stand for one ticket.
func (p pendingTicket) same(other pendingTicket) bool {
	return p.ServiceID == other.ServiceID && p.Sent.Equal(other.Sent)
}

func newPendingTickets(store *shared.Store) *pendingTickets {
	return &pendingTickets{shared: store, byZone: map[int][]pendingTicket{}}
}

// list returns the pending tickets of a zone that count beside those of the index.
func (p *pendingTickets) list(ctx context.Context, zoneID int, index *ticketIndex) []pendingTicket {
	pending := p.all(ctx, zoneID)
	return slices.DeleteFunc(pending, func(ticket pendingTicket) bool { return ticket.settled(index, zoneID) })
}

// all returns those in the store, and those that were added here while the store was lost.
func (p *pendingTickets) all(ctx context.Context, zoneID int) []pendingTicket {
	p.mu.Lock()
	pending := slices.Clone(p.byZone[zoneID])
	p.mu.Unlock()
	if p.shared == nil {
		return pending
	}
	var stored []pendingTicket
	if data, err := p.shared.Get(ctx, pendingName(zoneID)); err == nil && json.Unmarshal(data, &stored) == nil {
		for _, other := range stored {
			if !slices.ContainsFunc(pending, other.same) {
				pending = append(pending, other)
			}
		}
	}
	return pending
}

func (p *pendingTickets) add(ctx context.Context, zoneID int, ticket pendingTicket) {
	p.save(ctx, zoneID, append(p.all(ctx, zoneID), ticket))
}

func (p *pendingTickets) remove(ctx context.Context, zoneID int, ticket pendingTicket) {
	p.save(ctx, zoneID, slices.DeleteFunc(p.all(ctx, zoneID), ticket.same))
}

// save replaces the pending tickets of a zone. It ignores errors of the store, which logs when it
// is lost; each replica then has its own.
func (p *pendingTickets) save(ctx context.Context, zoneID int, pending []pendingTicket) {
	p.mu.Lock()
	if p.byZone[zoneID] = pending; len(pending) == 0 {
		delete(p.byZone, zoneID)
	}
	p.mu.Unlock()
	if p.shared == nil {
		return
	}
	if data, err := json.Marshal(pending); err == nil {
		_ = p.shared.Set(ctx, pendingName(zoneID), data, pendingTTL)
	}
}

// pendingName keeps the name under which older versions stored them.
func pendingName(zoneID int) string { return "reservations/" + strconv.Itoa(zoneID) }
