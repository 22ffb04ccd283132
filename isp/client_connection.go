package isp

import "time"

// ClientConnection is one page of a list of clients, and what is said of the list as a whole.
type ClientConnection struct {
	Nodes      []*Client
	PageInfo   *PageInfo
	TotalCount int
	AsOf       time.Time
	// Version changes with each reading of the list.
	Version uint64

	query *parsedClientQuery
	stats func() *ClientStats
}

// ClientEdge is a client with its place in the list.
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

// Stats counts over all matches. It is worked out when it is asked for.
func (c *ClientConnection) Stats() *ClientStats { return c.stats() }

func (c *ClientConnection) cursor(client *Client) string {
	return c.query.key.cursorOf(client, c.query.hash).String()
}
