package isp

import "slices"

const (
	// maxChangedShare is the share of a directory, one in so many, up to which clients are replaced
	// one by one. For more, building a new directory is faster.
	maxChangedShare = 8
	// maxInserted limits the services that are inserted one by one: each moves all clients behind it.
	maxInserted = 8
)

// changes are clients that take the place of others in a directory.
type changes struct {
	list     []change  // by service id
	clients  []*Client // of the directory after the changes
	ids      serviceIDs
	changed  bitset  // the positions in list
	inserted []int   // those of new services that are not behind all others, ascending
	moved    []int32 // new positions by old ones; nil if none moved
}

// change is one client that takes the place of another.
type change struct {
	was      *Client // nil for a new service
	now      *Client
	position int // in the directory after all changes
}

// replace returns the directory with these clients in place of those with the same ids. Clients
// with other ids are added. The new directory shares with d what did not change.
func (d *directory) replace(clients []*Client, version uint64) *directory {
	c := d.changesTo(clients)
	if len(c.list) > len(d.clients)/maxChangedShare+1 || len(c.inserted) > maxInserted {
		next := buildDirectory(c.clients, d.locale, d.asOf, version)
		next.freshFor, next.crawls = d.freshFor, d.crawls
		return next
	}
	return d.apply(c, version)
}

// apply returns the directory after the changes, of any number.
func (d *directory) apply(c *changes, version uint64) *directory {
	next := &directory{
		version: version, asOf: d.asOf, freshFor: d.freshFor, crawls: d.crawls, locale: d.locale,
		clients: c.clients, ids: c.ids, replaced: d.replaced + len(c.list),
		byDocument: d.byDocument.replace(c.list),
		byPhone:    d.byPhone.replace(c.list),
		byUsername: d.byUsername.replace(c.list),
		rankings:   make(map[ClientOrderField]ranking, len(d.rankings)),
		search:     d.search.replace(c),
		columns:    d.columns.replace(c),
	}
	for field, ranking := range d.rankings {
		next.rankings[field] = ranking.replace(c)
	}
	next.countLater()
	return next
}

// changesTo lists the changes. Of clients with the same id it takes the first.
func (d *directory) changesTo(clients []*Client) *changes {
	clients = slices.Clone(clients)
	slices.SortStableFunc(clients, compareIDs)
	clients = slices.CompactFunc(clients, func(a, b *Client) bool { return a.ServiceID == b.ServiceID })
	c := &changes{ids: d.ids, clients: make([]*Client, 0, len(d.clients)+len(clients))}
	from := 0
	for _, client := range clients {
		at, known := d.ids.position(client.ServiceID)
		c.clients = append(c.clients, d.clients[from:at]...)
		change := change{now: client, position: len(c.clients)}
		from = at
		if known {
			change.was = d.clients[at]
			from++
		} else if at < len(d.clients) {
			c.inserted = append(c.inserted, change.position)
		}
		c.list, c.clients = append(c.list, change), append(c.clients, client)
	}
	c.clients = append(c.clients, d.clients[from:]...)
	c.mapPositions(len(d.clients))
	return c
}

// mapPositions sets what follows from the list. Before is the former number of clients.
func (c *changes) mapPositions(before int) {
	c.changed = newBitset(len(c.clients))
	for _, change := range c.list {
		c.changed.add(change.position)
	}
	if len(c.clients) > before {
		c.ids = serviceIDsOf(c.clients)
	}
	if len(c.inserted) == 0 {
		return
	}
	c.moved = make([]int32, before)
	inserted := c.inserted
	for old := range c.moved {
		position := old + len(c.inserted) - len(inserted)
		for len(inserted) > 0 && inserted[0] == position {
			inserted = inserted[1:]
			position++
		}
		c.moved[old] = int32(position)
	}
}

// mergePositions returns positions after the changes: the old ones of the clients that did not
// change, and the new ones of those that did. Both lists are sorted.
func (c *changes) mergePositions(old, changed []int32, compare func(a, b int32) int) []int32 {
	merged := make([]int32, 0, len(old)+len(changed))
	for _, position := range old {
		if c.moved != nil {
			position = c.moved[position]
		}
		if !c.changed.has(int(position)) {
			merged = append(merged, position)
		}
	}
	// From the back, so that each position moves once.
	from, to := len(merged), len(merged)+len(changed)
	merged = slices.Grow(merged, len(changed))[:to]
	for i, position := range slices.Backward(changed) {
		before, _ := slices.BinarySearchFunc(merged[:from], position, compare)
		copy(merged[before+i+1:], merged[before:from])
		merged[before+i] = position
		from = before
	}
	return merged
}
