package isp

import (
	"slices"
	"sort"
	"time"
)

// TicketFilter holds conditions that must all hold. Nil is no condition; an empty list is one that nothing meets.
type TicketFilter struct {
	Status      []TicketStatus
	Priority    []TicketPriority
	ZoneID      []int
	ServiceID   []int
	CreatedFrom *Date
	CreatedTo   *Date
}

// TicketQuery asks for a page of tickets, newest first. Nil fields are as good as absent.
type TicketQuery struct {
	Filter *TicketFilter
	// First is 1 to 2,000, 50 when absent.
	First *int
	// After is the cursor behind which the page begins; the newest ticket when absent or "".
	After *string
}

// validate refuses what no ticket can mean, and what lies before the horizon: silence about it would be taken for none.
func (f *TicketFilter) validate(since Date) error {
	switch {
	case slices.Contains(f.Status, TicketUnknown):
		return invalidUnknown("filter", "status")
	case slices.Contains(f.Priority, PriorityUnknown):
		return invalidUnknown("filter", "priority")
	case f.CreatedFrom != nil && f.CreatedTo != nil && *f.CreatedFrom > *f.CreatedTo:
		return invalid("is after createdTo", "filter", "createdFrom")
	case f.CreatedFrom != nil && *f.CreatedFrom < since:
		return invalid("is before the ticket horizon, "+string(since), "filter", "createdFrom")
	case f.CreatedTo != nil && *f.CreatedTo < since:
		return invalid("is before the ticket horizon, "+string(since), "filter", "createdTo")
	}
	return nil
}

// set returns the tickets that meet the filter, in their order.
func (f *TicketFilter) keep(tickets []*Ticket) []*Ticket {
	kept := make([]*Ticket, 0, len(tickets))
	for _, ticket := range tickets {
		if f.holds(ticket) {
			kept = append(kept, ticket)
		}
	}
	return kept
}

func (f *TicketFilter) holds(t *Ticket) bool {
	return among(f.Status, t.Status) && among(f.Priority, t.Priority) && among(f.ZoneID, t.zoneID()) &&
		among(f.ServiceID, t.ServiceID) && f.inRange(DateOf(t.CreatedAt))
}

func (f *TicketFilter) inRange(day Date) bool {
	if f.CreatedFrom == nil && f.CreatedTo == nil {
		return true
	}
	return day != "" && (f.CreatedFrom == nil || day >= *f.CreatedFrom) && (f.CreatedTo == nil || day <= *f.CreatedTo)
}

// among: a ticket without the value meets no condition on it. Nobody is in zone 0.
func among[T comparable](wanted []T, value T) bool {
	var none T
	return wanted == nil || value != none && slices.Contains(wanted, value)
}

// TicketConnection is one page of a list of tickets, and what is said of the list as a whole.
type TicketConnection struct {
	Nodes      []*Ticket
	PageInfo   *PageInfo
	TotalCount int
	// Since is the first day within the horizon.
	Since Date
	AsOf  time.Time
	// Versions change with each reading of a part of the list.
	Versions []uint64

	hash uint64
}

// TicketEdge is a ticket with its place in the list.
type TicketEdge struct {
	Cursor string
	Node   *Ticket
}

// Edges returns the page's tickets with their cursors.
func (c *TicketConnection) Edges() []*TicketEdge {
	edges := make([]*TicketEdge, len(c.Nodes))
	for i, ticket := range c.Nodes {
		edges[i] = &TicketEdge{Cursor: c.cursor(ticket), Node: ticket}
	}
	return edges
}

func (c *TicketConnection) cursor(t *Ticket) string {
	if t.CreatedAt.IsZero() {
		return cursor{List: c.hash, ID: t.TicketID, Null: true}.String()
	}
	key, err := t.CreatedAt.UTC().MarshalBinary()
	if err != nil {
		panic(err) // only odd offsets fail
	}
	return cursor{List: c.hash, ID: t.TicketID, Key: key}.String()
}

// ticketListing is a [TicketQuery] that has been checked and completed.
type ticketListing struct {
	filter TicketFilter
	first  int
	after  *Ticket // where the page before ended; nil for the first page
	hash   uint64
}

func (q TicketQuery) listing(since Date) (l *ticketListing, err error) {
	l = &ticketListing{}
	if l.first, err = pageSize(q.First, DefaultFirst); err != nil {
		return nil, err
	}
	if q.Filter != nil {
		l.filter = *q.Filter
	}
	if err := l.filter.validate(since); err != nil {
		return nil, err
	}
	l.hash = listHash("tickets", l.filter)
	return l, l.start(orEmpty(q.After))
}

// start sets where the page begins.
func (l *ticketListing) start(after string) error {
	if after == "" {
		return nil
	}
	place, err := parseCursor(after)
	if err != nil || place.List != l.hash {
		return invalid(errCursor.Error(), "after")
	}
	l.after = &Ticket{TicketID: place.ID}
	if !place.Null && l.after.CreatedAt.UnmarshalBinary(place.Key) != nil {
		return invalid(errCursor.Error(), "after")
	}
	return nil
}

// page answers a listing.
func (b *ticketIndex) page(l *ticketListing) *TicketConnection {
	found, from := l.filter.keep(b.tickets), 0
	if l.after != nil {
		from = sort.Search(len(found), func(i int) bool { return newestFirst(found[i], l.after) > 0 })
	}
	connection := &TicketConnection{
		TotalCount: len(found), Since: b.since, AsOf: b.asOf, Versions: b.versions, hash: l.hash,
	}
	connection.Nodes, connection.PageInfo = takePage(len(found), from, min(l.first, len(found)), func(i int) (*Ticket, bool) {
		return found[i], true
	}, connection.cursor)
	return connection
}
