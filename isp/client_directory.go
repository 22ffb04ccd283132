package isp

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/isp/phone"
	"wisphub-graphql/wisphub"
)

// directory is an indexed snapshot of all clients. It is immutable: a refresh builds a new one.
type directory struct {
	version    uint64
	asOf       time.Time
	freshFor   time.Duration // see refreshPacing.interval
	writesHash uint64        // of hashWrite, combined; 0 if it contains no overrides
	// crawls are those of the last hour, including its own.
	crawls  []crawlCost
	locale  locale
	clients []*Client // by service id
	// replaced is how many clients were replaced, by refreshes and writes, since the indexes were
	// built.
	replaced int
	ids      serviceIDs

	byDocument clientIndex
	byPhone    clientIndex // by phone.IndexKey
	byUsername clientIndex // folded
	rankings   map[ClientOrderField]ranking
	search     searchIndex
	columns    *clientColumns

	// What follows is computed on first use.

	zones   func() []*Zone
	routers func() []*Router
	sectors func() []*Sector
	stats   func() *ClientStats // of all clients
	byPlan  func() map[int]int  // clients per plan

	// merged is this directory with the overrides. It is for a directory that was crawled.
	merged atomic.Pointer[mergedDirectory]
}

// newDirectory builds a directory of the rows that have an id. A crawl converts its rows page by
// page and calls buildDirectory.
func newDirectory(rows []wisphub.Client, loc locale, asOf time.Time, version uint64) *directory {
	convert := newConverter(loc, asOf)
	clients := make([]*Client, 0, len(rows))
	for i := range rows {
		if rows[i].ID > 0 {
			clients = append(clients, convert.client(&rows[i]))
		}
	}
	return buildDirectory(clients, loc, asOf.In(loc.zone), version)
}

// buildDirectory sorts and indexes clients. Of clients with the same id it takes the first. It
// keeps the slice. Callers' requests go first, so that it takes its time for many clients.
func buildDirectory(clients []*Client, loc locale, asOf time.Time, version uint64) *directory {
	slices.SortStableFunc(clients, compareIDs)
	clients = slices.CompactFunc(clients, func(a, b *Client) bool { return a.ServiceID == b.ServiceID })
	pace := newWorkPace()
	d := &directory{
		version: version, asOf: asOf, locale: loc, clients: clients, ids: serviceIDsOf(clients),
		byDocument: newClientIndex(clients, documentKeys, pace),
		byPhone:    newClientIndex(clients, phoneKeys, pace),
		byUsername: newClientIndex(clients, usernameKeys, pace),
		rankings:   make(map[ClientOrderField]ranking, len(sortKeys)),
		search:     newSearchIndex(clients, pace),
		columns:    newClientColumns(clients, pace),
	}
	for field, key := range sortKeys {
		d.rankings[field] = newRanking(clients, key, pace)
	}
	d.countLater()
	return d
}

// countLater sets the functions that compute on first use.
func (d *directory) countLater() {
	d.stats = sync.OnceValue(func() *ClientStats { return d.countStats(fullBitset(len(d.clients))) })
	d.byPlan = sync.OnceValue(d.countByPlan)
	d.zones = sync.OnceValue(func() []*Zone {
		return distinct(d.clients, func(c *Client) *Zone { return c.Zone }, func(z *Zone) int { return z.ZoneID })
	})
	d.routers = sync.OnceValue(func() []*Router {
		return distinct(d.clients, func(c *Client) *Router { return c.Router }, func(r *Router) int { return r.RouterID })
	})
	d.sectors = sync.OnceValue(func() []*Sector {
		return distinct(d.clients, func(c *Client) *Sector { return c.Sector }, func(s *Sector) int { return s.SectorID })
	})
}

// byID returns the client with the service id, or nil.
func (d *directory) byID(id int) *Client {
	if at, known := d.ids.position(id); known {
		return d.clients[at]
	}
	return nil
}

// find returns the clients that match the key.
func (d *directory) find(key lookup) []*Client {
	switch key.field {
	case byServiceID:
		at, known := d.ids.position(key.id)
		if !known {
			return nil
		}
		return d.clients[at : at+1 : at+1]
	case byDocument:
		return d.byDocument.get(key.normalized)
	case byUsername:
		return d.byUsername.get(key.normalized)
	default:
		return d.locale.withPhone(d.byPhone.get(phone.IndexKey(key.normalized)), key.normalized)
	}
}

// oneOrNone returns a list of the client, empty if it is nil.
func oneOrNone(client *Client) []*Client {
	if client == nil {
		return nil
	}
	return []*Client{client}
}

func (d *directory) countByPlan() map[int]int {
	counts := map[int]int{}
	for code, group := range d.columns.plan.groups(fullBitset(len(d.clients)).members()) {
		if group.count > 0 {
			counts[d.columns.plan.values[code]] = group.count
		}
	}
	return counts
}

// distinct lists the records that clients refer to, by id. If two records have one id (a router
// was renamed during the crawl), it takes the first client's.
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

var (
	_ cache.Lasting = (*directory)(nil)
	_ cache.Dated   = (*directory)(nil)
)

// ReadSince implements [cache.Dated].
func (d *directory) ReadSince() time.Time { return d.asOf }

// OwnTTL implements [cache.Lasting].
func (d *directory) OwnTTL() time.Duration { return d.freshFor }
