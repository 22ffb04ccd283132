package isp

import (
	"sync"
	"wisphub-graphql/isp/text"
)

// parsedClientQuery is a [ClientQuery] that has been checked and completed.
type parsedClientQuery struct {
	filter ClientFilter
	words  []searchWord
	order  ClientOrder
	key    sortKey
	first  int
	after  *Client // where the page before ended; nil for the first page
	hash   uint64  // tells this list's cursors from another's
}

// parsedClientQuery refuses what cannot be meant.
func (q ClientQuery) parse(where locale) (*parsedClientQuery, error) {
	l := &parsedClientQuery{order: ClientOrder{Field: OrderByServiceID, Direction: Ascending}}
	var err error
	if l.first, err = pageSize(q.First, DefaultFirst); err != nil {
		return nil, err
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
	if l.words, err = where.searchWords(search); err != nil {
		return nil, err
	}
	if _, known := sortKeys[l.order.Field]; !known {
		return nil, invalid("is no order", "orderBy", "field")
	}
	l.key, l.hash = sortKeys[l.order.Field], hashOf(l.order, l.filter, text.Fold(search))
	return l, l.setStart(textOf(q.After))
}

// setStart sets where the page begins.
func (l *parsedClientQuery) setStart(after string) (err error) {
	if after == "" {
		return nil
	}
	if l.after, err = l.key.place(after, l.hash); err != nil {
		return invalid(err.Error(), "after")
	}
	return nil
}

// page answers a listing.
func (d *directory) page(l *parsedClientQuery) *ClientConnection {
	set := d.match(&l.filter, l.words)
	connection := &ClientConnection{
		TotalCount: set.count(),
		AsOf:       d.asOf,
		Version:    d.version,
		query:      l,
		stats:      sync.OnceValue(func() *ClientStats { return d.countStats(set) }),
	}
	if connection.TotalCount == len(d.clients) {
		connection.stats = d.stats
	}
	connection.fill(d, set)
	return connection
}

// fill fills the page with the matches from where it begins.
func (c *ClientConnection) fill(d *directory, set bitset) {
	ranking, direction, from := d.rankings[c.query.order.Field], c.query.order.Direction, 0
	if c.query.after != nil {
		from = ranking.after(c.query.after, direction)
	}
	c.Nodes, c.PageInfo = takePage(len(d.clients), from, min(c.query.first, c.TotalCount), func(n int) (*Client, bool) {
		position := ranking.at(n, direction)
		return d.clients[position], set.has(position)
	}, c.cursor)
}
