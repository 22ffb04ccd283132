package isp

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// ticketIndex has every ticket within the horizon at one time, with indexes. It is immutable.
type ticketIndex struct {
	versions     []uint64 // of its sets, and of the overrides
	since        Date
	asOf         time.Time // of the oldest set
	newest       time.Time // of the set that has new tickets
	tickets      []*Ticket // newest first
	byID         map[int]*Ticket
	byClient     map[int][]*Ticket // newest first
	activeByZone map[int]int
	active       map[int]bool          // by the ticket's id
	columns      func() *ticketColumns // made on first use
}

// currentIndex returns the index, and builds it again after one of its sets has changed. It waits
// for sets that are not in memory.
func (t *Tickets) currentIndex(ctx context.Context) (*ticketIndex, error) {
	sets := make([]*ticketSet, t.windows())
	group, groupCtx := errgroup.WithContext(ctx)
	for window := range sets {
		part := ticketPart{window: window}
		get := func(ctx context.Context) (err error) {
			sets[window], err = t.set(ctx, part)
			return err
		}
		if _, known := t.cacheOf(part).Peek(part); !known {
			group.Go(func() error { return get(groupCtx) })
		} else if err := get(ctx); err != nil {
			return nil, fetchError("ticket", err)
		}
	}
	if err := group.Wait(); err != nil {
		return nil, fetchError("ticket", err)
	}
	active, err := t.set(ctx, t.activeOf(sets[1:]))
	if err != nil {
		return nil, fetchError("ticket", err)
	}
	return t.join(append(sets, active)), nil
}

// inMemory returns the index if memory has all windows, also those that were restored or came from
// another replica, and nil otherwise. It reads nothing from WispHub.
func (t *Tickets) inMemory() *ticketIndex {
	return t.indexFrom(func(part ticketPart) (*ticketSet, bool) {
		entry, known := t.cacheOf(part).Peek(part)
		return entry.Value, known
	})
}

// indexFrom returns the index of the sets that held returns. It returns nil if one of them is not
// held.
func (t *Tickets) indexFrom(held func(part ticketPart) (set *ticketSet, known bool)) *ticketIndex {
	sets := make([]*ticketSet, t.windows(), t.windows()+1)
	for window := range sets {
		set, known := held(ticketPart{window: window})
		if !known {
			return nil
		}
		sets[window] = set
	}
	active, known := held(t.activeOf(sets[1:]))
	if !known {
		return nil
	}
	return t.join(append(sets, active))
}

// activeOf returns the part of the active tickets in the older windows. If it is not in memory
// yet, activeOf takes it from the windows, with their age. It is then refreshed in the background,
// and no caller waits for it.
func (t *Tickets) activeOf(older []*ticketSet) ticketPart {
	part := ticketPart{active: true}
	if _, known := t.recent.Peek(part); !known {
		set := &ticketSet{version: t.version.Add(1), asOf: oldestTime(older)}
		for _, window := range older {
			set.tickets = append(set.tickets, t.onlyActive(window.tickets)...)
		}
		t.recent.SetAsOf(part, set, set.asOf)
	}
	return part
}

// onlyActive returns the tickets that a reading of the active states would bring.
func (t *Tickets) onlyActive(tickets []*Ticket) (active []*Ticket) {
	for _, ticket := range tickets {
		if t.isActiveState(ticket.Status) {
			active = append(active, ticket)
		}
	}
	return active
}

// oldestTime returns when the oldest set was read, the present time for no sets.
func oldestTime(sets []*ticketSet) time.Time {
	if len(sets) == 0 {
		return time.Now()
	}
	return slices.MinFunc(sets, func(a, b *ticketSet) int { return a.asOf.Compare(b.asOf) }).asOf
}

// join returns the index of the sets and the overrides. It builds the index only if one of them
// has changed. The first set is the newest window.
func (t *Tickets) join(sets []*ticketSet) *ticketIndex {
	versions, since := make([]uint64, 0, len(sets)+1), t.since()
	for _, set := range sets {
		versions = append(versions, set.version)
	}
	versions = append(versions, t.overrides.version.Load())
	if index := t.index.Load(); index != nil && index.since == since && slices.Equal(index.versions, versions) {
		return index
	}
	index := t.newIndex(sets, since)
	index.versions = versions
	t.index.Store(index)
	return index
}

// newIndex takes each ticket from the newest set or override that has it. It leaves out the
// tickets before the horizon.
func (t *Tickets) newIndex(sets []*ticketSet, since Date) *ticketIndex {
	index := &ticketIndex{
		since:        since,
		asOf:         oldestTime(sets),
		newest:       listTime(sets[0].asOf),
		byID:         t.newestRecords(sets),
		byClient:     map[int][]*Ticket{},
		activeByZone: map[int]int{},
		active:       map[int]bool{},
	}
	horizon := horizonFrom(since)
	for id, ticket := range index.byID {
		if !isListed(ticket, horizon) {
			delete(index.byID, id)
			continue
		}
		index.tickets = append(index.tickets, ticket)
	}
	slices.SortFunc(index.tickets, newestFirst)
	for _, ticket := range index.tickets {
		index.byClient[ticket.ServiceID] = append(index.byClient[ticket.ServiceID], ticket)
		if t.isActive(ticket.Status) {
			index.activeByZone[ticket.zoneID()]++
			index.active[ticket.TicketID] = true
		}
	}
	index.columns = sync.OnceValue(func() *ticketColumns { return newTicketColumns(index.tickets) })
	return index
}

// horizonFrom returns the days within the horizon.
func horizonFrom(since Date) *dayRange { return new(newDayRange(&since, nil)) }

// isListed reports whether a ticket lies within the horizon. One without a date does.
func isListed(ticket *Ticket, horizon *dayRange) bool {
	return ticket.CreatedAt.IsZero() || horizon.has(ticket.CreatedAt)
}

// newestRecords returns each ticket from the newest set or override that has it, by id.
func (t *Tickets) newestRecords(sets []*ticketSet) map[int]*Ticket {
	byID, asOf := map[int]*Ticket{}, oldestTime(sets)
	newer := t.overrides.newerThan(asOf, asOf)
	sets = slices.Clone(sets)
	slices.SortFunc(sets, func(a, b *ticketSet) int { return a.asOf.Compare(b.asOf) })
	for _, set := range sets {
		for _, ticket := range set.tickets {
			byID[ticket.TicketID] = ticket
			if known, ok := newer[ticket.TicketID]; ok && !known.at.Add(maxSkew).After(listTime(set.asOf)) {
				delete(newer, ticket.TicketID) // the set is newer
			}
		}
	}
	for id, known := range newer {
		byID[id] = known.record
	}
	return byID
}

// newestFirst orders tickets. Those without a date come last.
func newestFirst(a, b *Ticket) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.TicketID, a.TicketID))
}
