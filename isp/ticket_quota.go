package isp

import (
	"context"
	"strconv"
	"time"
)

// zoneLock is a zone in which one write at a time, of all replicas, counts the tickets and
// reserves a place.
type zoneLock struct {
	// release lets the next write in the zone go on. It must be called once.
	release func()

	pending *pendingTickets
	zoneID  int // 0 for a ticket without a zone, which needs no place
	counts  bool
	ticket  pendingTicket
}

// lockZone waits until no other write holds the zone. Zone 0 is not locked. The error is that of
// ctx.
func (t *Tickets) lockZone(ctx context.Context, zoneID int) (*zoneLock, error) {
	zone := &zoneLock{release: func() {}, pending: t.pending, zoneID: zoneID}
	if zoneID == 0 {
		return zone, nil
	}
	var err error
	zone.counts = t.isActive(ticketStatuses[t.newStatus])
	zone.release, err = t.mutations.locks.Acquire(ctx, "zone/"+strconv.Itoa(zoneID))
	return zone, err
}

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
	pending := t.pending.list(ctx, zone.zoneID, index)
	t.pending.save(ctx, zone.zoneID, pending)
	zone.ticket.ServiceID = serviceID
	for _, ticket := range index.byClient[serviceID] {
		zone.ticket.Before = append(zone.ticket.Before, ticket.TicketID)
	}
	return t.quota(index, zone.zoneID, len(pending)).Blocked, nil
}

// reserve takes a place in the zone. Call it before sending: the process may die before it could
// record the ticket.
func (z *zoneLock) reserve(ctx context.Context) {
	if z.counts {
		z.ticket.Sent, z.ticket.Until = time.Now(), time.Now().Add(pendingDoubt)
		z.pending.add(ctx, z.zoneID, z.ticket)
	}
}

// record keeps the place for a ticket that was created or may have been, and gives it back
// otherwise.
func (z *zoneLock) record(ctx context.Context, result *writeResult, err error) {
	if !z.counts {
		return
	}
	z.pending.remove(ctx, z.zoneID, z.ticket)
	switch {
	case err != nil || !result.unknown && result.ticketID == 0:
		return
	case result.unknown:
		z.ticket.TicketID, z.ticket.Until = result.ticketID, time.Now().Add(pendingDoubt)
	default:
		z.ticket.TicketID, z.ticket.Until = result.ticketID, time.Now().Add(maxSkew)
	}
	z.pending.add(ctx, z.zoneID, z.ticket)
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
