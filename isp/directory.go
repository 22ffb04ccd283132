package isp

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"wisphub-graphql/wisphub"
)

// directory is every client at one time, with indexes. It is immutable; a refresh makes another.
type directory struct {
	version uint64
	asOf    time.Time
	locale  locale
	clients []*Client // by service id

	byID       map[int]*Client
	byDocument map[string][]*Client
	byPhone    map[string][]*Client // by the last digits
	byUsername map[string][]*Client // folded
	rankings   map[ClientOrderField]ranking
	text       searchText
	zones      []*Zone
	routers    []*Router
	sectors    []*Sector
	stats      func() *ClientStats // of all clients, made once
	byPlan     func() map[int]int  // how many have each plan, made once
}

// newDirectory builds the directory of the rows that have an id, the first row of each.
func newDirectory(rows []wisphub.Client, where locale, asOf time.Time, version uint64) *directory {
	convert := newConverter(where, asOf)
	d := &directory{version: version, asOf: convert.asOf, locale: where, clients: make([]*Client, 0, len(rows))}
	for i := range rows {
		if rows[i].ID > 0 {
			d.clients = append(d.clients, convert.client(&rows[i]))
		}
	}
	slices.SortStableFunc(d.clients, func(a, b *Client) int { return cmp.Compare(a.ServiceID, b.ServiceID) })
	d.clients = slices.CompactFunc(d.clients, func(a, b *Client) bool { return a.ServiceID == b.ServiceID })
	d.index()
	d.rankings = make(map[ClientOrderField]ranking, len(sortKeys))
	for field, key := range sortKeys {
		d.rankings[field] = newRanking(d.clients, key)
	}
	d.text = newSearchText(d.clients)
	d.stats = sync.OnceValue(func() *ClientStats { return d.tally(allOf(len(d.clients))) })
	d.byPlan = sync.OnceValue(d.countByPlan)
	d.zones = distinct(convert.zones, func(z *Zone) int { return z.ZoneID })
	d.routers = distinct(convert.routers, func(r *Router) int { return r.RouterID })
	d.sectors = distinct(convert.sectors, func(s *Sector) int { return s.SectorID })
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
		if username := fold(string(client.Username)); username != "" {
			d.byUsername[username] = append(d.byUsername[username], client)
		}
		for _, phone := range client.Phones {
			key := phoneKey(phone)
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
		return some(d.byID[key.id])
	case byDocument:
		return d.byDocument[key.text]
	case byUsername:
		return d.byUsername[key.text]
	default:
		return d.locale.withPhone(d.byPhone[phoneKey(key.text)], key.text)
	}
}

func some(client *Client) []*Client {
	if client == nil {
		return nil
	}
	return []*Client{client}
}

// match returns the clients that meet filter and search.
func (d *directory) match(filter *ClientFilter, words []searchWord) matchSet {
	set := d.text.matches(words)
	for _, condition := range filter.conditions() {
		set.keep(func(i int) bool { return condition(d.clients[i]) })
	}
	return set
}

func (d *directory) tally(set matchSet) *ClientStats {
	t := newTally()
	for i := range set.each {
		t.add(d.clients[i])
	}
	return t.finish()
}

func (d *directory) countByPlan() map[int]int {
	counts := map[int]int{}
	for _, client := range d.clients {
		counts[client.planID()]++
	}
	return counts
}

// distinct lists records by id. Of two under one id (a router renamed while the list was read) one is as good as the other.
func distinct[R comparable, T any](known map[R]*T, id func(*T) int) []*T {
	byID := make(map[int]*T, len(known))
	for _, record := range known {
		byID[id(record)] = record
	}
	list := make([]*T, 0, len(byID))
	for _, record := range byID {
		list = append(list, record)
	}
	slices.SortFunc(list, func(a, b *T) int { return cmp.Compare(id(a), id(b)) })
	return list
}
