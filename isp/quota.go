package isp

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"time"

	"wisphub-graphql/cache"
)

const (
	// reservationDoubt is how long after a ticket was sent a reading may still miss it: WispHub may carry out late what it has not
	// answered.
	reservationDoubt = 2 * time.Minute
	// reservationsTTL is how long the store keeps a zone's reservations, which count for less.
	reservationsTTL = 10 * time.Minute
)

// inZone opens a ticket in a zone unless the zone is full. One caller at a time, of all replicas, looks and takes the place.
func (d *Desk) inZone(ctx context.Context, zoneID int, open func(context.Context) (*outcome, error)) (*outcome, error) {
	if zoneID == 0 {
		return open(committed(ctx)) // no zone, no quota
	}
	release, err := d.locks.take(ctx, "zone/"+strconv.Itoa(zoneID))
	if err != nil {
		return nil, err
	}
	defer release()
	book, err := d.tickets.fresh(ctx)
	if err != nil {
		return nil, err
	}
	taken := d.reservations.load(ctx, zoneID, book)
	if d.tickets.quota(book, zoneID, len(taken)).Blocked {
		return refusedHere(zoneFull(d.tickets.maximum)), nil
	}
	ctx = committed(ctx)
	if !d.tickets.isActive(ticketStatuses[d.defaultStatus()]) {
		return open(ctx)
	}
	// Before it is sent, because who is to say so afterwards may not be there any more.
	d.reservations.save(ctx, zoneID, append(taken, reservation{Until: time.Now().Add(reservationDoubt)}))
	done, err := open(ctx)
	switch {
	case err != nil || !done.unknown && done.ticketID == 0:
	case done.unknown:
		taken = append(taken, reservation{Until: time.Now().Add(reservationDoubt)})
	default:
		taken = append(taken, reservation{TicketID: done.ticketID, Until: time.Now().Add(maxSkew)})
	}
	d.reservations.save(ctx, zoneID, taken)
	return done, err
}

func zoneFull(maximum int) userErrors {
	var wrong userErrors
	wrong.add(CodeZoneTicketLimitReached,
		"The zone already has its maximum of "+strconv.Itoa(maximum)+" active tickets.", "input", "serviceId")
	return wrong
}

// quota is that of a zone in which so many tickets were opened that the book does not have yet.
func (t *Tickets) quota(book *ticketBook, zoneID, unread int) *TicketQuota {
	active := book.activeByZone[zoneID] + unread
	return &TicketQuota{Active: active, Maximum: t.maximum, Blocked: active >= t.maximum}
}

// reservations are the tickets that were opened lately, by zone, which a reading may not show yet. All replicas have the same
// while they have their store. They are read and written under the lock of their zone alone.
type reservations struct {
	shared *cache.Shared // nil without replicas
	mu     sync.Mutex
	byZone map[int][]reservation // guarded by mu
}

// reservation is a ticket that was opened, or may have been.
type reservation struct {
	TicketID int `json:"ticketId,omitzero"` // 0 when nobody knows
	// Until is when it ends to count: a reading that began later shows what has become of it.
	Until time.Time `json:"until"`
}

func newReservations(shared *cache.Shared) *reservations {
	return &reservations{shared: shared, byZone: map[int][]reservation{}}
}

// load returns the reservations of a zone that count beside what the book has.
func (r *reservations) load(ctx context.Context, zoneID int, book *ticketBook) []reservation {
	r.mu.Lock()
	taken := slices.Clone(r.byZone[zoneID])
	r.mu.Unlock()
	if r.shared != nil {
		var told []reservation
		if data, err := r.shared.Load(ctx, reservationsName(zoneID)); err == nil && json.Unmarshal(data, &told) == nil {
			taken = told // the last to write had them all, but for what was written while the store was lost
		}
	}
	return slices.DeleteFunc(taken, func(taken reservation) bool {
		return book.newest.After(taken.Until) || taken.TicketID != 0 && book.byID[taken.TicketID] != nil
	})
}

// save replaces the reservations of a zone.
func (r *reservations) save(ctx context.Context, zoneID int, taken []reservation) {
	r.mu.Lock()
	if r.byZone[zoneID] = taken; len(taken) == 0 {
		delete(r.byZone, zoneID)
	}
	r.mu.Unlock()
	if r.shared == nil {
		return
	}
	if data, err := json.Marshal(taken); err == nil {
		_ = r.shared.Store(ctx, reservationsName(zoneID), data, reservationsTTL) // while it is lost, each replica holds its own
	}
}

func reservationsName(zoneID int) string { return "reservations/" + strconv.Itoa(zoneID) }
