package isp

import (
	"context"
	"errors"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// windowTime is how long a call of a window takes (wisphub-net-api §2.8).
const windowTime = 600 * time.Millisecond

// Get returns the ticket with the id, of any age. It is nil if there is none. While the windows are
// not in memory, a few callers look their tickets up, and the others wait for the windows.
func (t *Tickets) Get(ctx context.Context, id int) (*Ticket, error) {
	if id < 1 {
		return nil, invalid("must be 1 or more", "ticketId")
	}
	if !isID(id) {
		return nil, nil
	}
	cold := t.inMemory() == nil
	ticket, err := t.find(ctx, id)
	if err == nil || !cold || !t.gate.listMayAnswer(err) {
		return ticket, fetchError("ticket", err)
	}
	if _, err := t.awaitIndex(ctx); err != nil {
		return nil, err
	}
	ticket, err = t.find(ctx, id) // the lists lack a ticket before the horizon
	return ticket, fetchError("ticket", err)
}

// find returns the ticket from the index, if that is in memory, or looks it up.
func (t *Tickets) find(ctx context.Context, id int) (*Ticket, error) {
	if t.inMemory() != nil {
		if index, err := t.currentIndex(ctx); err == nil && index.byID[id] != nil {
			return index.byID[id], nil
		}
	}
	entry, err := t.single.Get(ctx, id)
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	return entry.Value, err
}

// Known reports whether Get would cost no call.
func (t *Tickets) Known(id int) bool {
	_, single := t.single.Peek(id)
	index := t.inMemory()
	return single || !isID(id) || index != nil && index.byID[id] != nil
}

// sharedReading is the first reading of the windows, for the gate of single tickets.
func (t *Tickets) sharedReading() sharedReading {
	return sharedReading{
		noun:      "ticket",
		held:      func() bool { return t.inMemory() != nil },
		read:      func(ctx context.Context) error { _, err := t.currentIndex(ctx); return err },
		remaining: t.remaining,
	}
}

// remaining returns how long until memory has all windows. It is false before the first of them,
// unless the budget must be waited for.
func (t *Tickets) remaining() (time.Duration, bool) {
	missing := 0
	for window := range t.windows() {
		part := ticketPart{window: window}
		if _, known := t.cacheOf(part).Peek(part); !known {
			missing++
		}
	}
	rounds := (missing + ratelimit.MaxConnections - 1) / ratelimit.MaxConnections
	wait := t.api.WaitFor(ratelimit.PriorityShared, missing)
	return wait + time.Duration(rounds)*windowTime, missing > 0 && (missing < t.windows() || wait > 0)
}

// awaitIndex is currentIndex for a caller, who is told at once if the windows will not be in memory
// in time.
func (t *Tickets) awaitIndex(ctx context.Context) (*ticketIndex, error) {
	if t.inMemory() == nil {
		if err := t.gate.wait(ctx, func() bool { return false }); err != nil {
			return nil, fetchError("ticket", err)
		}
	}
	return t.currentIndex(ctx)
}

// lookUpAdmitted is loadSingle for callers' look-ups, which the gate rations. Frequent look-ups
// start the reading of the windows, which costs fewer calls.
func (t *Tickets) lookUpAdmitted(ctx context.Context, id int) (*Ticket, error) {
	if err := t.gate.admit(ctx); err != nil {
		return nil, err
	}
	if t.areFrequent() && t.inMemory() == nil {
		t.gate.start()
	}
	return t.loadSingle(ctx, id)
}

// areFrequent counts a look-up, and reports whether there have been as many in the last minute as
// the gate admits at once.
func (t *Tickets) areFrequent() bool {
	t.lookupsMu.Lock()
	defer t.lookupsMu.Unlock()
	now := time.Now()
	t.lookups = append(t.lookups, now)
	t.lookups = t.lookups[max(0, len(t.lookups)-lookupBurst):]
	return len(t.lookups) == lookupBurst && now.Sub(t.lookups[0]) < time.Minute
}

// loadSingle reads one ticket. A list that is older than the answer must not show an
// older state of the ticket, so that the answer is an override too. No other replica needs it.
func (t *Tickets) loadSingle(ctx context.Context, id int) (*Ticket, error) {
	began := t.overrides.readTime()
	ticket, err := t.fetch(ctx, id)
	if err == nil && isListed(ticket, horizonFrom(t.since())) {
		t.overrides.set([]*Ticket{ticket}, began, false)
	}
	return ticket, err
}

func (t *Tickets) fetch(ctx context.Context, id int) (*Ticket, error) {
	row, err := t.api.Tickets.Get(ctx, id)
	if errors.Is(err, wisphub.ErrNotFound) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	if int(row.ID) != id {
		return nil, errFilterIgnored
	}
	return t.convert(row), nil
}
