package isp

import (
	"context"
	"strconv"
	"time"

	"wisphub-graphql/cache/shared"
)

// zoneLock is a zone in which one write at a time, of all replicas, counts the tickets and
// reserves a place. It implements [reservation].
type zoneLock struct {
	held    *shared.Held // lets the next write in the zone go on when released
	pending *pendingTickets
	zoneID  int  // 0 for a ticket without a zone, which needs no place
	counts  bool // the ticket takes a place
	entry   string
	ticket  pendingTicket
	settled []string // entries that do not count any longer
}

// lockZone waits until no other write holds the zone. The caller must release it. Zone 0 is not
// locked. A ticket that takes a place is refused while replicas cannot exclude each other. The error
// is that of ctx or a [*FetchError].
func (t *Tickets) lockZone(ctx context.Context, zoneID int) (*zoneLock, error) {
	zone := &zoneLock{pending: t.pending, zoneID: zoneID, entry: newPendingEntry()}
	if zoneID == 0 {
		return zone, nil
	}
	zone.counts = t.isActive(ticketStatuses[t.newStatus])
	lock := t.mutations.locks.Order
	if zone.counts {
		lock = t.mutations.locks.Acquire
	}
	var err error
	if zone.held, err = lock(ctx, "zone/"+strconv.Itoa(zoneID)); err != nil {
		return nil, lockError(err)
	}
	return zone, nil
}

func (z *zoneLock) release() { z.held.Release() }

// isFull reports whether the zone has its maximum of active tickets, counting the pending ones. It
// also notes the tickets that the service has, for reserve.
func (t *Tickets) isFull(ctx context.Context, zone *zoneLock, serviceID int) (bool, error) {
	if zone.zoneID == 0 {
		return false, nil
	}
	index, err := t.fresh(ctx)
	if err != nil {
		return false, err
	}
	pending, err := t.pending.all(ctx, zone.zoneID)
	if err != nil {
		return false, err
	}
	zone.settled = settledIn(pending, zone.zoneID, index)
	if t.pending.shared == nil {
		t.pending.remove(nil, zone.zoneID, zone.settled...)
	}
	zone.ticket.ServiceID = serviceID
	for _, ticket := range index.byClient[serviceID] {
		zone.ticket.Before = append(zone.ticket.Before, ticket.TicketID)
	}
	return t.quota(index, zone.zoneID, len(pending)-len(zone.settled)).Blocked, nil
}

func (z *zoneLock) lock() *shared.Held {
	if !z.counts {
		return nil
	}
	return z.held
}

// reserve takes a place in the zone.
func (z *zoneLock) reserve(batch *shared.Batch) {
	if z.counts {
		z.ticket.Sent, z.ticket.Until = time.Now(), time.Now().Add(pendingDoubt)
		z.pending.remove(batch, z.zoneID, z.settled...)
		z.pending.put(batch, z.zoneID, z.entry, z.ticket)
	}
}

func (z *zoneLock) takeBack(batch *shared.Batch) {
	if z.counts {
		z.pending.remove(batch, z.zoneID, z.entry)
	}
}

// conclude keeps the place for a ticket that was created or may have been, and gives it back
// otherwise.
func (z *zoneLock) conclude(batch *shared.Batch, result *writeResult, err error) {
	switch {
	case !z.counts:
	case err != nil || !result.unknown && result.ticketID == 0:
		z.takeBack(batch)
	case result.unknown:
		z.ticket.TicketID, z.ticket.Until = result.ticketID, time.Now().Add(pendingDoubt)
		z.pending.put(batch, z.zoneID, z.entry, z.ticket)
	default:
		z.ticket.TicketID, z.ticket.Until = result.ticketID, time.Now().Add(maxSkew)
		z.pending.put(batch, z.zoneID, z.entry, z.ticket)
	}
}

func zoneFull(maximum int) userErrors {
	var wrong userErrors
	wrong.add(CodeZoneTicketLimitReached,
		"The zone already has its maximum of "+strconv.Itoa(maximum)+" active tickets.", "input", "serviceId")
	return wrong
}

// quota returns the quota of a zone that has so many pending tickets beside those of the index.
func (t *Tickets) quota(index *ticketIndex, zoneID, pending int) *TicketQuota {
	active := index.activeByZone[zoneID] + pending
	return &TicketQuota{Active: active, Maximum: t.maximum, Blocked: active >= t.maximum}
}
