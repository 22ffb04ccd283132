package isp

import (
	"context"
	"strconv"
	"time"
)

// inZone opens a ticket in a zone unless the zone is full. One caller at a time, of all replicas, looks and takes the place.
func (d *Desk) inZone(ctx context.Context, zoneID, serviceID int, open func(context.Context) (*writeResult, error)) (*writeResult, error) {
	var before []int
	if zoneID > 0 {
		release, err := d.locks.Acquire(ctx, "zone/"+strconv.Itoa(zoneID))
		if err != nil {
			return nil, err
		}
		defer release()
		book, full, err := d.isFull(ctx, zoneID)
		if err != nil || full {
			return refusedHere(zoneFull(d.tickets.maximum)), err
		}
		for _, ticket := range book.byClient[serviceID] {
			before = append(before, ticket.TicketID)
		}
	}
	ctx, done, err := d.commit(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if zoneID == 0 || !d.tickets.isActive(ticketStatuses[d.defaultStatus()]) {
		return open(ctx) // it fills no place
	}
	return d.reserved(ctx, zoneID, pendingTicket{ServiceID: serviceID, Before: before}, open)
}

// isFull counts the zone's active tickets, those that no reading shows yet among them.
func (d *Desk) isFull(ctx context.Context, zoneID int) (*ticketIndex, bool, error) {
	book, err := d.tickets.fresh(ctx)
	if err != nil {
		return nil, false, err
	}
	taken := d.reservations.list(ctx, zoneID, book)
	d.reservations.save(ctx, zoneID, taken)
	return book, d.tickets.quota(book, zoneID, len(taken)).Blocked, nil
}

// reserved opens a ticket that takes a place. The place is taken before it is sent, because who is to say so afterwards may not
// be there any more.
func (d *Desk) reserved(ctx context.Context, zoneID int, mine pendingTicket, open func(context.Context) (*writeResult, error)) (*writeResult, error) {
	mine.Sent, mine.Until = time.Now(), time.Now().Add(reservationDoubt)
	d.reservations.add(ctx, zoneID, mine)
	done, err := open(ctx)
	d.reservations.remove(ctx, zoneID, mine)
	switch {
	case err != nil || !done.unknown && done.ticketID == 0:
	case done.unknown:
		mine.Until = time.Now().Add(reservationDoubt)
		d.reservations.add(ctx, zoneID, mine)
	default:
		mine.TicketID, mine.Until = done.ticketID, time.Now().Add(maxSkew)
		d.reservations.add(ctx, zoneID, mine)
	}
	return done, err
}

func zoneFull(maximum int) userErrors {
	var wrong userErrors
	wrong.add(CodeZoneTicketLimitReached,
		"The zone already has its maximum of "+strconv.Itoa(maximum)+" active tickets.", "input", "serviceId")
	return wrong
}

// quota is that of a zone in which so many tickets were opened that the book does not have yet.
func (t *Tickets) quota(book *ticketIndex, zoneID, unread int) *TicketQuota {
	active := book.activeByZone[zoneID] + unread
	return &TicketQuota{Active: active, Maximum: t.maximum, Blocked: active >= t.maximum}
}
