package isp

import (
	"slices"
	"sort"
	"time"
)

// sparseTickets is the share of an index, one ticket in so many, below which the matches are listed:
// the others are too many to skip.
const sparseTickets = 16

// ticketColumns are the values by which filters group the tickets of an index.
type ticketColumns struct {
	status   *column[*Ticket, TicketStatus]
	priority *column[*Ticket, TicketPriority]
	zone     *column[*Ticket, int]
}

func newTicketColumns(tickets []*Ticket) *ticketColumns {
	return &ticketColumns{
		status:   newColumn(tickets, func(t *Ticket) TicketStatus { return t.Status }, nil),
		priority: newColumn(tickets, func(t *Ticket) TicketPriority { return t.Priority }, nil),
		zone:     newColumn(tickets, (*Ticket).zoneID, nil),
	}
}

// ticketMatches are tickets that meet a filter, newest first.
type ticketMatches struct {
	rows  []*Ticket // must not be changed
	set   bitset    // of the rows that match; the zero set if all do
	total int
}

func (m *ticketMatches) row(n int) (*Ticket, bool) {
	return m.rows[n], m.set.words == nil || m.set.has(n)
}

// match returns the tickets that meet the filter.
func (i *ticketIndex) match(f *TicketFilter) *ticketMatches {
	switch {
	case f.isEmpty():
		return &ticketMatches{rows: i.tickets, total: len(i.tickets)}
	case f.ServiceID != nil:
		found := f.apply(i.ofClients(f.ServiceID))
		return &ticketMatches{rows: found, total: len(found)}
	}
	set := fullBitset(len(i.tickets))
	keepIn(set, i.columns().status, f.Status)
	keepIn(set, i.columns().priority, f.Priority)
	keepIn(set, i.columns().zone, f.ZoneID)
	i.keepCreated(set, newDayRange(f.CreatedFrom, f.CreatedTo))
	matches := &ticketMatches{rows: i.tickets, set: set, total: set.count()}
	if matches.total < len(i.tickets)/sparseTickets {
		matches.rows, matches.set = i.at(set.members()), bitset{}
	}
	return matches
}

func (i *ticketIndex) at(positions []uint32) []*Ticket {
	tickets := make([]*Ticket, len(positions))
	for n, position := range positions {
		tickets[n] = i.tickets[position]
	}
	return tickets
}

// ofClients returns the tickets of services, newest first.
func (i *ticketIndex) ofClients(serviceIDs []int) (tickets []*Ticket) {
	if len(serviceIDs) == 1 {
		return i.byClient[serviceIDs[0]]
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(serviceIDs))) {
		tickets = append(tickets, i.byClient[id]...)
	}
	slices.SortFunc(tickets, newestFirst)
	return tickets
}

// keepCreated removes the tickets out of a range of days. It looks at those near the ends only.
func (i *ticketIndex) keepCreated(set bitset, days dayRange) {
	if days.isOpen() {
		return
	}
	from, to := i.createdIn(days.outer)
	set.keepRange(from, to)
	first, last := i.createdIn(days.inner)
	first = min(max(first, from), to)
	last = min(max(last, first), to)
	for n := from; n < to; n++ {
		if n == first {
			n = last
		}
		if n < to && !days.has(i.tickets[n].CreatedAt) {
			set.remove(n)
		}
	}
}

// createdIn returns the ranks of the tickets within a span. The last instant comes first.
func (i *ticketIndex) createdIn(s span) (from, to int) {
	before := func(at time.Time) int {
		return sort.Search(len(i.tickets), func(n int) bool { return i.tickets[n].CreatedAt.Before(at) })
	}
	from = before(s.end)
	return from, max(from, before(s.start))
}
