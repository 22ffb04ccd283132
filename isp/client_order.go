package isp

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// ClientOrder is the order of a list of clients.
type ClientOrder struct {
	Field     ClientOrderField
	Direction OrderDirection
}

// ClientOrderField is what a list of clients is ordered by. Equal clients are ordered by service id.
type ClientOrderField string

// The fields that clients can be ordered by.
const (
	OrderByServiceID   ClientOrderField = "SERVICE_ID"
	OrderByName        ClientOrderField = "NAME"
	OrderByBalance     ClientOrderField = "BALANCE"
	OrderByCutOffDate  ClientOrderField = "CUT_OFF_DATE"
	OrderByInstalledAt ClientOrderField = "INSTALLED_AT"
)

// OrderDirection says which end comes first. Clients without a value come last both ways.
type OrderDirection string

// The directions of an order.
const (
	Ascending  OrderDirection = "ASC"
	Descending OrderDirection = "DESC"
)

// sortKey is how clients compare in one order, and how a client's place is written into a cursor and read back.
type sortKey struct {
	has     func(*Client) bool
	compare func(a, b *Client) int
	text    func(*Client) string
	// parse sets on a blank client what text wrote.
	parse func(*Client, string) error
}

var sortKeys = map[ClientOrderField]sortKey{
	OrderByServiceID: {
		has:     func(*Client) bool { return true },
		compare: func(*Client, *Client) int { return 0 },
		text:    func(*Client) string { return "" },
		parse:   func(*Client, string) error { return nil },
	},
	OrderByName: {
		has:     func(c *Client) bool { return c.nameKey != "" },
		compare: func(a, b *Client) int { return strings.Compare(a.nameKey, b.nameKey) },
		text:    func(c *Client) string { return c.nameKey },
		parse:   func(c *Client, text string) error { c.nameKey = text; return nil },
	},
	OrderByBalance: {
		has:     func(c *Client) bool { return !c.Balance.IsZero() },
		compare: func(a, b *Client) int { return a.Balance.Compare(b.Balance) },
		text:    func(c *Client) string { return c.Balance.String() },
		parse: func(c *Client, text string) (err error) {
			c.Balance, err = ParseDecimal(text)
			return err
		},
	},
	OrderByCutOffDate: {
		has:     func(c *Client) bool { return c.CutOffDate != "" },
		compare: func(a, b *Client) int { return cmp.Compare(a.CutOffDate, b.CutOffDate) },
		text:    func(c *Client) string { return string(c.CutOffDate) },
		parse: func(c *Client, text string) (err error) {
			c.CutOffDate, err = ParseDate(text)
			return err
		},
	},
	OrderByInstalledAt: {
		has:     func(c *Client) bool { return !c.InstalledAt.IsZero() },
		compare: func(a, b *Client) int { return a.InstalledAt.Compare(b.InstalledAt) },
		// Not RFC 3339, which has no seconds in an offset: Bogotá's was -04:56:16 until 1914.
		text: func(c *Client) string {
			text, err := c.InstalledAt.UTC().MarshalBinary()
			if err != nil {
				panic(err) // only odd offsets fail
			}
			return string(text)
		},
		parse: func(c *Client, text string) error { return c.InstalledAt.UnmarshalBinary([]byte(text)) },
	},
}

// order compares by key, then by service id.
func (k sortKey) order(a, b *Client) int {
	return cmp.Or(k.compare(a, b), cmp.Compare(a.ServiceID, b.ServiceID))
}

// ranking is the clients of a directory in one order, by position: those with a value, rising, and those without.
type ranking struct {
	sortKey
	clients []*Client
	valued  []int32
	empty   []int32
}

func newRanking(clients []*Client, key sortKey) ranking {
	r := ranking{sortKey: key, clients: clients}
	for i, client := range clients {
		if key.has(client) {
			r.valued = append(r.valued, int32(i))
		} else {
			r.empty = append(r.empty, int32(i)) // rising by service id, as clients are
		}
	}
	slices.SortFunc(r.valued, func(a, b int32) int { return key.order(clients[a], clients[b]) })
	return r
}

// at returns the position in the directory of the n-th client in the given direction.
func (r ranking) at(n int, direction OrderDirection) int {
	switch {
	case n >= len(r.valued):
		return int(r.empty[n-len(r.valued)])
	case direction == Descending:
		return int(r.valued[len(r.valued)-1-n])
	}
	return int(r.valued[n])
}

// After returns the n of the first client behind the given place, which need not be anybody's any more.
func (r ranking) after(place *Client, direction OrderDirection) int {
	if !r.has(place) {
		return len(r.valued) + sort.Search(len(r.empty), func(i int) bool {
			return r.clients[r.empty[i]].ServiceID > place.ServiceID
		})
	}
	if direction == Descending {
		return len(r.valued) - sort.Search(len(r.valued), func(i int) bool {
			return r.order(r.clients[r.valued[i]], place) >= 0
		})
	}
	return sort.Search(len(r.valued), func(i int) bool {
		return r.order(r.clients[r.valued[i]], place) > 0
	})
}
