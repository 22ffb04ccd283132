package isp

import "sync"

const (
	defaultFirst = 50
	maxFirst     = 2000
)

// listing is a [ClientQuery] that has been checked and completed.
type listing struct {
	filter ClientFilter
	words  []searchWord
	order  ClientOrder
	key    sortKey
	first  int
	after  *Client // where the page before ended; nil for the first page
	hash   uint64  // tells this list's cursors from another's
}

// listing refuses what cannot be meant.
func (q ClientQuery) listing(where locale) (*listing, error) {
	l := &listing{order: ClientOrder{Field: OrderByServiceID, Direction: Ascending}, first: defaultFirst}
	if q.First != nil {
		l.first = *q.First
	}
	if l.first < 1 || l.first > maxFirst {
		return nil, invalid("must be 1 to 2000", "first")
	}
	if q.Order != nil {
		l.order = *q.Order
	}
	if q.Filter != nil {
		l.filter = *q.Filter
	}
	if err := l.filter.validate(); err != nil {
		return nil, err
	}
	search := textOf(q.Search)
	words, err := where.searchWords(search)
	if err != nil {
		return nil, err
	}
	if _, known := sortKeys[l.order.Field]; !known {
		return nil, invalid("is no order", "orderBy", "field")
	}
	l.words, l.key, l.hash = words, sortKeys[l.order.Field], hashOf(l.order, l.filter, search)
	return l, l.start(textOf(q.After))
}

// start sets where the page begins.
func (l *listing) start(after string) (err error) {
	if after == "" {
		return nil
	}
	if l.after, err = l.key.place(after, l.hash); err != nil {
		return invalid(err.Error(), "after")
	}
	return nil
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// page answers a listing.
func (d *directory) page(l *listing) *ClientConnection {
	set := d.match(&l.filter, l.words)
	connection := &ClientConnection{
		TotalCount: set.count(),
		AsOf:       d.asOf,
		Version:    d.version,
		listing:    l,
		stats:      sync.OnceValue(func() *ClientStats { return d.tally(set) }),
	}
	if connection.TotalCount == len(d.clients) {
		connection.stats = d.stats
	}
	connection.take(d, set)
	return connection
}

// take fills the page with the matches from where it begins.
func (c *ClientConnection) take(d *directory, set matchSet) {
	ranking, direction, from := d.rankings[c.listing.order.Field], c.listing.order.Direction, 0
	if c.listing.after != nil {
		from = ranking.after(c.listing.after, direction)
	}
	c.Nodes = make([]*Client, 0, min(c.listing.first, c.TotalCount))
	c.PageInfo = &PageInfo{}
	for n := from; n < len(d.clients) && !c.PageInfo.HasNextPage; n++ {
		switch position := ranking.at(n, direction); {
		case !set.has(position):
		case len(c.Nodes) == c.listing.first:
			c.PageInfo.HasNextPage = true
		default:
			c.Nodes = append(c.Nodes, d.clients[position])
		}
	}
	for n := from - 1; n >= 0 && !c.PageInfo.HasPreviousPage; n-- {
		c.PageInfo.HasPreviousPage = set.has(ranking.at(n, direction))
	}
	if len(c.Nodes) > 0 {
		start, end := c.cursor(c.Nodes[0]), c.cursor(c.Nodes[len(c.Nodes)-1])
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &start, &end
	}
}
