package isp

import (
	"slices"
	"sort"
	"time"
)

// TicketFilter has conditions that a ticket must all meet. Nil is no condition. No ticket meets an
// empty list.
type TicketFilter struct {
	Status      []TicketStatus
	Priority    []TicketPriority
	ZoneID      []int
	ServiceID   []int
	CreatedFrom *Date
	CreatedTo   *Date
}

// TicketQuery describes a page of tickets, newest first. Nil fields count as absent.
type TicketQuery struct {
	Filter *TicketFilter
	// First is the size of the page, 1 to [MaxFirst], [DefaultFirst] if absent.
	First *int
	// After is the cursor after which the page begins. Absent or "" means the first page.
	After *string
}

// validate rejects conditions that no ticket can meet. It also rejects days before the horizon,
// because an empty answer would look as if there were no tickets.
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

// apply returns the tickets that meet the filter, in their order.
func (f *TicketFilter) apply(tickets []*Ticket) []*Ticket {
	matching, days := make([]*Ticket, 0, len(tickets)), newDayRange(f.CreatedFrom, f.CreatedTo)
	for _, ticket := range tickets {
		if among(f.Status, ticket.Status) && among(f.Priority, ticket.Priority) && among(f.ZoneID, ticket.zoneID()) &&
			among(f.ServiceID, ticket.ServiceID) && days.has(ticket.CreatedAt) {
			matching = append(matching, ticket)
		}
	}
	return matching
}

// isEmpty reports whether the filter has no condition.
func (f *TicketFilter) isEmpty() bool {
	return f.Status == nil && f.Priority == nil && f.ZoneID == nil && f.ServiceID == nil && f.CreatedFrom == nil && f.CreatedTo == nil
}

// among reports whether a value meets a condition. The zero value, which stands for none, meets
// only nil.
func among[T comparable](wanted []T, value T) bool {
	var none T
	return wanted == nil || value != none && slices.Contains(wanted, value)
}

// TicketConnection is one page of a list of tickets, with facts about the whole list.
type TicketConnection struct {
	Nodes      []*Ticket
	PageInfo   *PageInfo
	TotalCount int
	// Since is the first day within the horizon.
	Since Date
	AsOf  time.Time
	// Versions change when a part of the list was read again.
	Versions []uint64

	hash uint64
}

// TicketEdge is a ticket with its cursor.
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
	var short [32]byte
	return cursor{List: c.hash, ID: t.TicketID, Key: appendInstant(short[:0], t.CreatedAt)}.String()
}

// parsedTicketQuery is a [TicketQuery] that was validated and completed.
type parsedTicketQuery struct {
	filter TicketFilter
	first  int
	after  *Ticket // where the previous page ended; nil for the first page
	hash   uint64
}

func (q TicketQuery) parse(since Date) (l *parsedTicketQuery, err error) {
	l = &parsedTicketQuery{}
	if l.first, err = pageSize(q.First, DefaultFirst); err != nil {
		return nil, err
	}
	if q.Filter != nil {
		l.filter = *q.Filter
	}
	if err := l.filter.validate(since); err != nil {
		return nil, err
	}
	l.hash = hashTicketList(&l.filter)
	return l, l.start(orEmpty(q.After))
}

// start sets where the page begins.
func (l *parsedTicketQuery) start(after string) error {
	if after == "" {
		return nil
	}
	place, err := parseCursor(upgradeCursor(after, l.hash, "tickets", l.filter))
	if err != nil || place.List != l.hash {
		return invalid(errCursor.Error(), "after")
	}
	l.after = &Ticket{TicketID: place.ID}
	if !place.Null && l.after.CreatedAt.UnmarshalBinary(place.Key) != nil {
		return invalid(errCursor.Error(), "after")
	}
	return nil
}

// page returns the page of a query.
func (i *ticketIndex) page(l *parsedTicketQuery) *TicketConnection {
	found, from := i.match(&l.filter), 0
	if l.after != nil {
		from = sort.Search(len(found.rows), func(n int) bool { return newestFirst(found.rows[n], l.after) > 0 })
	}
	connection := &TicketConnection{
		TotalCount: found.total, Since: i.since, AsOf: i.asOf, Versions: i.versions, hash: l.hash,
	}
	connection.Nodes, connection.PageInfo = takePage(pageOfRows{len(found.rows), from, l.first, found.total}, found.row, connection.cursor)
	return connection
}
