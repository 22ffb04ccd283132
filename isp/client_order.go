package isp

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"
)

// ClientOrder is the order of a list of clients.
type ClientOrder struct {
	Field     ClientOrderField
	Direction OrderDirection
}

// ClientOrderField is what a list of clients is sorted by. Equal clients are sorted by service
// id.
type ClientOrderField string

// The fields that clients can be sorted by.
const (
	OrderByServiceID   ClientOrderField = "SERVICE_ID"
	OrderByName        ClientOrderField = "NAME"
	OrderByBalance     ClientOrderField = "BALANCE"
	OrderByCutOffDate  ClientOrderField = "CUT_OFF_DATE"
	OrderByInstalledAt ClientOrderField = "INSTALLED_AT"
)

// OrderDirection is ascending or descending. Clients without a value come last in both.
type OrderDirection string

// The directions of an order.
const (
	Ascending  OrderDirection = "ASC"
	Descending OrderDirection = "DESC"
)

// sortKey compares clients by one field, and writes that field into cursors.
type sortKey struct {
	field   ClientOrderField
	has     func(*Client) bool
	compare func(a, b *Client) int
	// decode sets the value that appendKey has encoded on a blank client.
	decode func(*Client, string) error
}

var sortKeys = map[ClientOrderField]sortKey{
	OrderByServiceID: {
		field:   OrderByServiceID,
		has:     func(*Client) bool { return true },
		compare: func(*Client, *Client) int { return 0 },
		decode:  func(*Client, string) error { return nil },
	},
	OrderByName: {
		field:   OrderByName,
		has:     func(c *Client) bool { return c.nameKey != "" },
		compare: func(a, b *Client) int { return strings.Compare(a.nameKey, b.nameKey) },
		decode:  func(c *Client, text string) error { c.nameKey = text; return nil },
	},
	OrderByBalance: {
		field:   OrderByBalance,
		has:     func(c *Client) bool { return !c.Balance.IsZero() },
		compare: func(a, b *Client) int { return a.Balance.Compare(b.Balance) },
		decode: func(c *Client, text string) (err error) {
			c.Balance, err = ParseDecimal(text)
			return err
		},
	},
	OrderByCutOffDate: {
		field:   OrderByCutOffDate,
		has:     func(c *Client) bool { return c.CutOffDate != "" },
		compare: func(a, b *Client) int { return cmp.Compare(a.CutOffDate, b.CutOffDate) },
		decode: func(c *Client, text string) (err error) {
			c.CutOffDate, err = ParseDate(text)
			return err
		},
	},
	OrderByInstalledAt: {
		field:   OrderByInstalledAt,
		has:     func(c *Client) bool { return !c.InstalledAt.IsZero() },
		compare: func(a, b *Client) int { return a.InstalledAt.Compare(b.InstalledAt) },
		decode:  func(c *Client, text string) error { return c.InstalledAt.UnmarshalBinary([]byte(text)) },
	},
}

// appendKey appends the encoded value of a client that has one.
func (k sortKey) appendKey(buffer []byte, c *Client) []byte {
	switch k.field {
	case OrderByName:
		return append(buffer, c.nameKey...)
	case OrderByBalance:
		return append(buffer, c.Balance.String()...)
	case OrderByCutOffDate:
		return append(buffer, c.CutOffDate...)
	case OrderByInstalledAt:
		return appendInstant(buffer, c.InstalledAt)
	}
	return buffer
}

// appendInstant appends a time in a binary form. RFC 3339 has no seconds in an offset, but Bogotá's
// was -04:56:16 until 1914.
func appendInstant(buffer []byte, at time.Time) []byte {
	buffer, err := at.UTC().AppendBinary(buffer)
	if err != nil {
		panic(err) // never happens in UTC
	}
	return buffer
}

// compareWithID compares by key, then by service id.
func (k sortKey) compareWithID(a, b *Client) int {
	return cmp.Or(k.compare(a, b), cmp.Compare(a.ServiceID, b.ServiceID))
}

// ranking holds the positions of a directory's clients in one order: first those with a value,
// ascending, then those without.
type ranking struct {
	sortKey
	clients      []*Client
	withValue    []int32
	withoutValue []int32
}

func newRanking(clients []*Client, key sortKey, pace *workPace) ranking {
	with := 0
	for _, client := range clients {
		if key.has(client) {
			with++
		}
	}
	positions := make([]int32, len(clients))
	r := ranking{sortKey: key, clients: clients, withValue: positions[:0:with], withoutValue: positions[with:with]}
	for i, client := range clients {
		if key.has(client) {
			r.withValue = append(r.withValue, int32(i))
		} else {
			r.withoutValue = append(r.withoutValue, int32(i)) // ascending by service id, as clients are
		}
	}
	slices.SortFunc(r.withValue, func(a, b int32) int {
		pace.step()
		return key.compareWithID(clients[a], clients[b])
	})
	return r
}

// replace returns the ranking after changes. It shares the positions if none has changed.
func (r ranking) replace(c *changes) ranking {
	r.clients = c.clients
	if !slices.ContainsFunc(c.list, r.isMoved) {
		return r
	}
	var with, without []int32
	for _, change := range c.list {
		if r.has(change.now) {
			with = append(with, int32(change.position))
		} else {
			without = append(without, int32(change.position))
		}
	}
	compare := func(a, b int32) int { return r.compareWithID(c.clients[a], c.clients[b]) }
	slices.SortFunc(with, compare)
	r.withValue = c.mergePositions(r.withValue, with, compare)
	r.withoutValue = c.mergePositions(r.withoutValue, without, cmp.Compare[int32])
	return r
}

// isMoved reports whether a client may have another rank than before.
func (r ranking) isMoved(c change) bool {
	return c.was == nil || r.has(c.was) != r.has(c.now) || r.compare(c.was, c.now) != 0
}

// at returns the directory position of the n-th client in the direction.
func (r ranking) at(n int, direction OrderDirection) int {
	switch {
	case n >= len(r.withValue):
		return int(r.withoutValue[n-len(r.withValue)])
	case direction == Descending:
		return int(r.withValue[len(r.withValue)-1-n])
	}
	return int(r.withValue[n])
}

// after returns the rank of the first client after the cursor's position. The cursor's own
// client may be gone.
func (r ranking) after(position *Client, direction OrderDirection) int {
	if !r.has(position) {
		return len(r.withValue) + sort.Search(len(r.withoutValue), func(i int) bool {
			return r.clients[r.withoutValue[i]].ServiceID > position.ServiceID
		})
	}
	if direction == Descending {
		return len(r.withValue) - sort.Search(len(r.withValue), func(i int) bool {
			return r.compareWithID(r.clients[r.withValue[i]], position) >= 0
		})
	}
	return sort.Search(len(r.withValue), func(i int) bool {
		return r.compareWithID(r.clients[r.withValue[i]], position) > 0
	})
}

// size returns how many clients are ranked.
func (r ranking) size() int { return len(r.withValue) + len(r.withoutValue) }

// among returns the ranking of a few clients, by their positions, ascending.
func (r ranking) among(positions []uint32) ranking {
	few := ranking{sortKey: r.sortKey, clients: r.clients}
	for _, position := range positions {
		if r.has(r.clients[position]) {
			few.withValue = append(few.withValue, int32(position))
		} else {
			few.withoutValue = append(few.withoutValue, int32(position))
		}
	}
	if r.field != OrderByServiceID { // by which positions are sorted
		slices.SortFunc(few.withValue, func(a, b int32) int { return r.compareWithID(r.clients[a], r.clients[b]) })
	}
	return few
}

// between returns the ranks of the clients with a value from the first that has begun to before the
// first that has ended. Both functions must be true for all clients behind the first for which they are.
func (r ranking) between(begun, ended func(*Client) bool) (from, to int) {
	rank := func(is func(*Client) bool) int {
		return sort.Search(len(r.withValue), func(i int) bool { return is(r.clients[r.withValue[i]]) })
	}
	from = rank(begun)
	return from, max(from, rank(ended))
}

// keep removes from a set the clients out of a range of ranks. It looks at the smaller part.
func (r ranking) keep(set bitset, from, to int) {
	if 2*(to-from) < len(r.clients) {
		within := newBitset(len(r.clients))
		for _, position := range r.withValue[from:to] {
			within.add(int(position))
		}
		set.intersect(within)
		return
	}
	for _, outside := range [][]int32{r.withValue[:from], r.withValue[to:], r.withoutValue} {
		for _, position := range outside {
			set.remove(int(position))
		}
	}
}
