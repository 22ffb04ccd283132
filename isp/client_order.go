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
	encode  func(*Client) string
	// decode sets on a blank client what text wrote.
	decode func(*Client, string) error
}

var sortKeys = map[ClientOrderField]sortKey{
	OrderByServiceID: {
		has:     func(*Client) bool { return true },
		compare: func(*Client, *Client) int { return 0 },
		encode:  func(*Client) string { return "" },
		decode:  func(*Client, string) error { return nil },
	},
	OrderByName: {
		has:     func(c *Client) bool { return c.nameKey != "" },
		compare: func(a, b *Client) int { return strings.Compare(a.nameKey, b.nameKey) },
		encode:  func(c *Client) string { return c.nameKey },
		decode:  func(c *Client, text string) error { c.nameKey = text; return nil },
	},
	OrderByBalance: {
		has:     func(c *Client) bool { return !c.Balance.IsZero() },
		compare: func(a, b *Client) int { return a.Balance.Compare(b.Balance) },
		encode:  func(c *Client) string { return c.Balance.String() },
		decode: func(c *Client, text string) (err error) {
			c.Balance, err = ParseDecimal(text)
			return err
		},
	},
	OrderByCutOffDate: {
		has:     func(c *Client) bool { return c.CutOffDate != "" },
		compare: func(a, b *Client) int { return cmp.Compare(a.CutOffDate, b.CutOffDate) },
		encode:  func(c *Client) string { return string(c.CutOffDate) },
		decode: func(c *Client, text string) (err error) {
			c.CutOffDate, err = ParseDate(text)
			return err
		},
	},
	OrderByInstalledAt: {
		has:     func(c *Client) bool { return !c.InstalledAt.IsZero() },
		compare: func(a, b *Client) int { return a.InstalledAt.Compare(b.InstalledAt) },
		// Not RFC 3339, which has no seconds in an offset: Bogotá's was -04:56:16 until 1914.
		encode: func(c *Client) string {
			text, err := c.InstalledAt.UTC().MarshalBinary()
			if err != nil {
				panic(err) // only odd offsets fail
			}
			return string(text)
		},
		decode: func(c *Client, text string) error { return c.InstalledAt.UnmarshalBinary([]byte(text)) },
	},
}

// compareWithID compares by key, then by service id.
func (k sortKey) compareWithID(a, b *Client) int {
	return cmp.Or(k.compare(a, b), cmp.Compare(a.ServiceID, b.ServiceID))
}

// ranking is the clients of a directory in one order, by position: those with a value, rising, and those without.
type ranking struct {
	sortKey
	clients      []*Client
	withValue    []int32
	withoutValue []int32
}

func newRanking(clients []*Client, key sortKey) ranking {
	r := ranking{sortKey: key, clients: clients}
	for i, client := range clients {
		if key.has(client) {
			r.withValue = append(r.withValue, int32(i))
		} else {
			r.withoutValue = append(r.withoutValue, int32(i)) // rising by service id, as clients are
		}
	}
	slices.SortFunc(r.withValue, func(a, b int32) int { return key.compareWithID(clients[a], clients[b]) })
	return r
}

// recordAt returns the position in the directory of the n-th client in the given direction.
func (r ranking) at(n int, direction OrderDirection) int {
	switch {
	case n >= len(r.withValue):
		return int(r.withoutValue[n-len(r.withValue)])
	case direction == Descending:
		return int(r.withValue[len(r.withValue)-1-n])
	}
	return int(r.withValue[n])
}

// After returns the n of the first client behind the given place, which need not be anybody's any more.
func (r ranking) after(place *Client, direction OrderDirection) int {
	if !r.has(place) {
		return len(r.withValue) + sort.Search(len(r.withoutValue), func(i int) bool {
			return r.clients[r.withoutValue[i]].ServiceID > place.ServiceID
		})
	}
	if direction == Descending {
		return len(r.withValue) - sort.Search(len(r.withValue), func(i int) bool {
			return r.compareWithID(r.clients[r.withValue[i]], place) >= 0
		})
	}
	return sort.Search(len(r.withValue), func(i int) bool {
		return r.compareWithID(r.clients[r.withValue[i]], place) > 0
	})
}
