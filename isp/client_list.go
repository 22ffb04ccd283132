package isp

import (
	"sync"
	"time"

	"wisphub-graphql/isp/text"
)

// ClientConnection is one page of a list of clients, and facts about the whole list.
type ClientConnection struct {
	Nodes      []*Client
	PageInfo   *PageInfo
	TotalCount int
	AsOf       time.Time
	// Version changes with each crawl of the list.
	Version uint64

	query *parsedClientQuery
	stats func() *ClientStats
}

// ClientEdge is a client with its cursor.
type ClientEdge struct {
	Cursor string
	Node   *Client
}

// Edges returns the page's clients with their cursors.
func (c *ClientConnection) Edges() []*ClientEdge {
	edges := make([]*ClientEdge, len(c.Nodes))
	for i, client := range c.Nodes {
		edges[i] = &ClientEdge{Cursor: c.cursor(client), Node: client}
	}
	return edges
}

// Stats returns the statistics of all matches. It computes them on the first call.
func (c *ClientConnection) Stats() *ClientStats { return c.stats() }

func (c *ClientConnection) cursor(client *Client) string {
	return c.query.key.cursorOf(client, c.query.hash)
}

// parsedClientQuery is a [ClientQuery] with its defaults set. It is valid.
type parsedClientQuery struct {
	filter ClientFilter
	words  []searchWord
	order  ClientOrder
	key    sortKey
	first  int
	after  *Client // position of the cursor; nil for the first page
	search string  // folded
	hash   uint64  // ties cursors to this filter, search and order
}

// parse validates the query.
func (q ClientQuery) parse(loc locale) (*parsedClientQuery, error) {
	parsed := &parsedClientQuery{order: ClientOrder{Field: OrderByServiceID, Direction: Ascending}}
	var err error
	if parsed.first, err = pageSize(q.First, DefaultFirst); err != nil {
		return nil, err
	}
	if q.Order != nil {
		parsed.order = *q.Order
	}
	if q.Filter != nil {
		parsed.filter = *q.Filter
	}
	if err := parsed.filter.validate(); err != nil {
		return nil, err
	}
	search := orEmpty(q.Search)
	if parsed.words, err = loc.searchWords(search); err != nil {
		return nil, err
	}
	if _, known := sortKeys[parsed.order.Field]; !known {
		return nil, invalid("is not a field to sort by", "orderBy", "field")
	}
	parsed.key = sortKeys[parsed.order.Field]
	parsed.search = text.Fold(search)
	parsed.hash = hashClientList(parsed.order, &parsed.filter, parsed.search)
	return parsed, parsed.setStart(orEmpty(q.After))
}

// setStart decodes the cursor after which the page begins.
func (q *parsedClientQuery) setStart(after string) (err error) {
	if after == "" {
		return nil
	}
	after = upgradeCursor(after, q.hash, q.order, q.filter, q.search)
	if q.after, err = q.key.position(after, q.hash); err != nil {
		return invalid(err.Error(), "after")
	}
	return nil
}

// page answers a query.
func (d *directory) page(query *parsedClientQuery) *ClientConnection {
	set := d.match(&query.filter, query.words)
	connection := &ClientConnection{
		TotalCount: set.count(),
		AsOf:       d.asOf,
		Version:    d.version,
		query:      query,
		stats:      sync.OnceValue(func() *ClientStats { return d.countStats(set) }),
	}
	if connection.TotalCount == len(d.clients) {
		connection.stats = d.stats // shared by all pages of all clients
	}
	connection.fill(d, set)
	return connection
}

// sparseMatches is the share of a directory, one client in so many, below which the matches are
// ranked by themselves: the others are too many to skip. Matches by service id are ranked already.
const (
	sparseMatches     = 256
	sparseMatchesByID = 4
)

// fill sets the page's clients, from the cursor's position on.
func (c *ClientConnection) fill(d *directory, set bitset) {
	order, from, sparse := c.query.order, 0, sparseMatches
	if order.Field == OrderByServiceID {
		sparse = sparseMatchesByID
	}
	ranking := d.rankings[order.Field]
	if c.TotalCount < len(d.clients)/sparse {
		ranking = ranking.among(set.members())
	}
	if c.query.after != nil {
		from = ranking.after(c.query.after, order.Direction)
	}
	row := func(n int) (*Client, bool) {
		position := ranking.at(n, order.Direction)
		return d.clients[position], set.has(position)
	}
	c.Nodes, c.PageInfo = takePage(pageOfRows{ranking.size(), from, c.query.first, c.TotalCount}, row, c.cursor)
}
