package isp

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// directory is every client at one time, with indexes. It is immutable; a refresh makes another.
type directory struct {
	version    uint64
	asOf       time.Time
	freshFor   time.Duration // how long it counts as fresh, see pace
	writesHash uint64        // priceOf the writes in it, see hashWrites; 0 for none
	// refreshers are those of the hour before it was read, its own the last.
	crawls  []crawlCost
	locale  locale
	clients []*Client // by service id

	byID       map[int]*Client
	byDocument map[string][]*Client
	byPhone    map[string][]*Client // by the last digits
	byUsername map[string][]*Client // folded
	rankings   map[ClientOrderField]ranking
	search     searchIndex
	zones      []*Zone
	routers    []*Router
	sectors    []*Sector
	stats      func() *ClientStats // priceOf all clients, made once
	byPlan     func() map[int]int  // how many have each plan, made once
}

// newDirectory converts the rows that have an id and builds the directory of them.
func newDirectory(rows []wisphub.Client, where locale, asOf time.Time, version uint64) *directory {
	convert := newConverter(where, asOf)
	clients := make([]*Client, 0, len(rows))
	for i := range rows {
		if rows[i].ID > 0 {
			clients = append(clients, convert.client(&rows[i]))
		}
	}
	return buildDirectory(clients, where, convert.asOf, version)
}

// buildDirectory sorts and indexes clients, the first of each id. It keeps the slice.
func buildDirectory(clients []*Client, where locale, asOf time.Time, version uint64) *directory {
	slices.SortStableFunc(clients, func(a, b *Client) int { return cmp.Compare(a.ServiceID, b.ServiceID) })
	clients = slices.CompactFunc(clients, func(a, b *Client) bool { return a.ServiceID == b.ServiceID })
	d := &directory{version: version, asOf: asOf, locale: where, clients: clients, search: where.newSearchIndex(clients)}
	d.index()
	d.rankings = make(map[ClientOrderField]ranking, len(sortKeys))
	for field, key := range sortKeys {
		d.rankings[field] = newRanking(d.clients, key)
	}
	d.stats = sync.OnceValue(func() *ClientStats { return d.countStats(fullBitset(len(d.clients))) })
	d.byPlan = sync.OnceValue(d.countByPlan)
	d.zones = distinct(clients, func(c *Client) *Zone { return c.Zone }, func(z *Zone) int { return z.ZoneID })
	d.routers = distinct(clients, func(c *Client) *Router { return c.Router }, func(r *Router) int { return r.RouterID })
	d.sectors = distinct(clients, func(c *Client) *Sector { return c.Sector }, func(s *Sector) int { return s.SectorID })
	return d
}

func (d *directory) index() {
	d.byID = make(map[int]*Client, len(d.clients))
	d.byDocument = make(map[string][]*Client, len(d.clients))
	d.byPhone = make(map[string][]*Client, len(d.clients))
	d.byUsername = make(map[string][]*Client, len(d.clients))
	for _, client := range d.clients {
		d.byID[client.ServiceID] = client
		if client.document != "" {
			d.byDocument[client.document] = append(d.byDocument[client.document], client)
		}
		if username := text.Fold(string(client.Username)); username != "" {
			d.byUsername[username] = append(d.byUsername[username], client)
		}
		for _, number := range client.Phones {
			key := phone.IndexKey(number)
			if with := d.byPhone[key]; len(with) == 0 || with[len(with)-1] != client {
				d.byPhone[key] = append(with, client)
			}
		}
	}
}

// find returns the clients that the key fits.
func (d *directory) find(key lookup) []*Client {
	switch key.field {
	case byServiceID:
		return oneOrNone(d.byID[key.id])
	case byDocument:
		return d.byDocument[key.normalized]
	case byUsername:
		return d.byUsername[key.normalized]
	default:
		return d.locale.withPhone(d.byPhone[phone.IndexKey(key.normalized)], key.normalized)
	}
}

func oneOrNone(client *Client) []*Client {
	if client == nil {
		return nil
	}
	return []*Client{client}
}

// match returns the clients that meet filter and search.
func (d *directory) match(filter *ClientFilter, words []searchWord) bitset {
	set := d.search.match(words)
	for _, condition := range filter.conditions() {
		set.filter(func(i int) bool { return condition(d.clients[i]) })
	}
	return set
}

func (d *directory) countStats(set bitset) *ClientStats {
	t := newStatsBuilder()
	for i := range set.each {
		t.add(d.clients[i])
	}
	return t.build()
}

func (d *directory) countByPlan() map[int]int {
	counts := map[int]int{}
	for _, client := range d.clients {
		counts[client.planID()]++
	}
	return counts
}

// distinct lists the records that clients name, by id. Of two under one id (a router renamed while the list was read) one
// is as good as the other, and the first client's is taken.
func distinct[T any](clients []*Client, of func(*Client) *T, id func(*T) int) []*T {
	seen, list := map[int]bool{}, []*T{}
	for _, client := range clients {
		if record := of(client); record != nil && !seen[id(record)] {
			seen[id(record)] = true
			list = append(list, record)
		}
	}
	slices.SortFunc(list, func(a, b *T) int { return cmp.Compare(id(a), id(b)) })
	return list
}

// FreshFor tells the cache how long the directory counts as fresh.
func (d *directory) Lasts() time.Duration { return d.freshFor }
