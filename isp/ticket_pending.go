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
	// reservationDoubt is how long after a ticket was sent a reading may still miss it: WispHub may carry out late what it has not
	// answered.
	reservationDoubt = 2 * time.Minute
	// reservationsTTL is how long the store keeps a zone's reservations from the last one on. Most count for less.
	reservationsTTL = 7 * 24 * time.Hour
	// foreignSkew is how far WispHub's clock may be from ours.
	foreignSkew = time.Minute
)

// pendingTickets are the tickets that were opened lately, by zone, which a reading may not show yet. All replicas have the same
// while they have their store. They are read and written under the lock of their zone alone.
type pendingTickets struct {
	shared *shared.Store // nil without replicas
	mu     sync.Mutex
	byZone map[int][]pendingTicket // guarded by mu
}

// pendingTicket is a ticket that was opened, or may have been.
type pendingTicket struct {
	TicketID  int       `json:"ticketId,omitzero"` // 0 when nobody knows
	ServiceID int       `json:"serviceId"`
	Sent      time.Time `json:"sent"`
	// Before are the tickets that the service had then: none of them is this one.
	Before []int `json:"before,omitzero"`
	// Until is when it ends to count: a reading that began later shows what has become of it.
	Until time.Time `json:"until"`
}

// in reports whether a book counts the ticket in the zone, or shows that there is none to count. One that is in no zone there,
// because its client is in none, goes on filling the place that it was opened in.
func (r pendingTicket) in(book *ticketIndex, zoneID int) bool {
	if ticket := book.byID[r.TicketID]; ticket != nil {
		return ticket.zoneID() == zoneID || !book.active[r.TicketID]
	}
	if book.newest.After(r.Until) {
		return true
	}
	return r.TicketID == 0 && slices.ContainsFunc(book.byClient[r.ServiceID], func(ticket *Ticket) bool {
		return ticket.CreatedAt.After(r.Sent.Add(-foreignSkew)) && !slices.Contains(r.Before, ticket.TicketID)
	})
}

// is reports whether both were made for the same ticket.
func (r pendingTicket) is(other pendingTicket) bool {
	return r.ServiceID == other.ServiceID && r.Sent.Equal(other.Sent)
}

func newPendingTickets(store *shared.Store) *pendingTickets {
	return &pendingTickets{shared: store, byZone: map[int][]pendingTicket{}}
}

// list returns the reservations of a zone that count beside what the book has: those that the store has, and those that were
// made while it was lost.
func (r *pendingTickets) list(ctx context.Context, zoneID int, book *ticketIndex) []pendingTicket {
	taken := r.all(ctx, zoneID)
	return slices.DeleteFunc(taken, func(taken pendingTicket) bool { return taken.in(book, zoneID) })
}

func (r *pendingTickets) all(ctx context.Context, zoneID int) []pendingTicket {
	r.mu.Lock()
	taken := slices.Clone(r.byZone[zoneID])
	r.mu.Unlock()
	if r.shared == nil {
		return taken
	}
	var told []pendingTicket
	if data, err := r.shared.Get(ctx, reservationsName(zoneID)); err == nil && json.Unmarshal(data, &told) == nil {
		for _, other := range told {
			if !slices.ContainsFunc(taken, other.is) {
				taken = append(taken, other)
			}
		}
	}
	return taken
}

// add makes a reservation.
func (r *pendingTickets) add(ctx context.Context, zoneID int, mine pendingTicket) {
	r.save(ctx, zoneID, append(r.all(ctx, zoneID), mine))
}

// remove takes a reservation back.
func (r *pendingTickets) remove(ctx context.Context, zoneID int, mine pendingTicket) {
	r.save(ctx, zoneID, slices.DeleteFunc(r.all(ctx, zoneID), mine.is))
}

// save replaces the reservations of a zone.
func (r *pendingTickets) save(ctx context.Context, zoneID int, taken []pendingTicket) {
	r.mu.Lock()
	if r.byZone[zoneID] = taken; len(taken) == 0 {
		delete(r.byZone, zoneID)
	}
	r.mu.Unlock()
	if r.shared == nil {
		return
	}
	if data, err := json.Marshal(taken); err == nil {
		_ = r.shared.Set(ctx, reservationsName(zoneID), data, reservationsTTL) // while it is lost, each replica holds its own
	}
}

func reservationsName(zoneID int) string { return "reservations/" + strconv.Itoa(zoneID) }
