package isp

import (
	"slices"

	"wisphub-graphql/isp/text"
)

// ClientFilter is a set of conditions. A client must meet all of them. Nil lists, nil pointers
// and "" are no condition. No client meets an empty list.
type ClientFilter struct {
	Status         []ClientStatus
	InvoiceStatus  []InvoiceStatus
	ZoneID         []int
	PlanID         []int
	RouterID       []int
	TechnicianID   []int
	Document       *string
	City           *string
	Locality       *string
	BalanceAtLeast *Decimal
	BalanceAtMost  *Decimal
	CutOffFrom     *Date
	CutOffTo       *Date
	InstalledFrom  *Date
	InstalledTo    *Date
}

// validate refuses filters that no client can meet.
func (f *ClientFilter) validate() error {
	for _, text := range []struct {
		field string
		value *string
		key   func(string) string
	}{{"document", f.Document, documentKey}, {"city", f.City, text.Fold}, {"locality", f.Locality, text.Fold}} {
		if text.value != nil && *text.value != "" && text.key(*text.value) == "" {
			return invalid("must hold a letter or digit", "filter", text.field)
		}
	}
	switch {
	case slices.Contains(f.Status, ClientUnknown):
		return invalidUnknown("filter", "status")
	case slices.Contains(f.InvoiceStatus, InvoicesUnknown):
		return invalidUnknown("filter", "invoiceStatus")
	case f.BalanceAtLeast != nil && f.BalanceAtMost != nil && f.BalanceAtLeast.Compare(*f.BalanceAtMost) > 0:
		return invalid("is more than balanceAtMost", "filter", "balanceAtLeast")
	case f.CutOffFrom != nil && f.CutOffTo != nil && *f.CutOffFrom > *f.CutOffTo:
		return invalid("is after cutOffTo", "filter", "cutOffFrom")
	case f.InstalledFrom != nil && f.InstalledTo != nil && *f.InstalledFrom > *f.InstalledTo:
		return invalid("is after installedTo", "filter", "installedFrom")
	}
	return nil
}

// excludesAll reports whether no client can meet the filter, because one of its lists has no id
// that a record can have.
func (f *ClientFilter) excludesAll() bool {
	return slices.ContainsFunc([][]int{f.ZoneID, f.PlanID, f.RouterID, f.TechnicianID}, func(ids []int) bool {
		return ids != nil && !slices.ContainsFunc(ids, isID)
	})
}

// isEmpty reports whether the filter has no condition.
func (f *ClientFilter) isEmpty() bool {
	isBlank := func(wanted *string) bool { return wanted == nil || *wanted == "" }
	return f.Status == nil && f.InvoiceStatus == nil && f.ZoneID == nil && f.PlanID == nil && f.RouterID == nil &&
		f.TechnicianID == nil && isBlank(f.Document) && isBlank(f.City) && isBlank(f.Locality) &&
		f.BalanceAtLeast == nil && f.BalanceAtMost == nil && f.CutOffFrom == nil && f.CutOffTo == nil &&
		f.InstalledFrom == nil && f.InstalledTo == nil
}

// match returns the clients that meet the filter and contain all words.
func (d *directory) match(filter *ClientFilter, words []searchWord) bitset {
	set := d.search.match(words)
	if filter.isEmpty() {
		return set
	}
	keepIn(set, d.columns.status, filter.Status)
	keepIn(set, d.columns.invoiceStatus, filter.InvoiceStatus)
	keepIn(set, d.columns.zone, filter.ZoneID)
	keepIn(set, d.columns.plan, filter.PlanID)
	keepIn(set, d.columns.router, filter.RouterID)
	keepIn(set, d.columns.technician, filter.TechnicianID)
	keepEqual(set, d.columns.city, filter.City)
	keepEqual(set, d.columns.locality, filter.Locality)
	d.keepDocument(set, filter.Document)
	d.keepBalances(set, filter.BalanceAtLeast, filter.BalanceAtMost)
	d.keepCutOffs(set, filter.CutOffFrom, filter.CutOffTo)
	d.keepInstalled(set, newDayRange(filter.InstalledFrom, filter.InstalledTo))
	return set
}

// keepIn removes the rows that have none of the values. Nil is no condition.
func keepIn[R any, V comparable](set bitset, column *column[R, V], wanted []V) {
	if wanted != nil {
		set.intersect(column.having(wanted))
	}
}

// keepEqual removes the clients with another text. Nil and blank text are no condition.
func keepEqual(set bitset, column *column[*Client, string], wanted *string) {
	if wanted == nil {
		return
	}
	if key := text.Fold(*wanted); key != "" {
		keepIn(set, column, []string{key})
	}
}

// keepDocument removes the clients with another document. Nil and blank text are no condition.
func (d *directory) keepDocument(set bitset, wanted *string) {
	if wanted == nil || documentKey(*wanted) == "" {
		return
	}
	found := newBitset(len(d.clients))
	for _, client := range d.byDocument.get(documentKey(*wanted)) {
		position, _ := d.ids.position(client.ServiceID)
		found.add(position)
	}
	set.intersect(found)
}

// keepBalances removes the clients with a balance out of the range, or none. Nil is no limit.
func (d *directory) keepBalances(set bitset, low, high *Decimal) {
	if low == nil && high == nil {
		return
	}
	ranking := d.rankings[OrderByBalance]
	from, to := ranking.between(
		func(c *Client) bool { return low == nil || c.Balance.Compare(*low) >= 0 },
		func(c *Client) bool { return high != nil && c.Balance.Compare(*high) > 0 },
	)
	ranking.keep(set, from, to)
}

// keepCutOffs removes the clients with a day out of the range, or none. Nil is no limit.
func (d *directory) keepCutOffs(set bitset, first, last *Date) {
	if first == nil && last == nil {
		return
	}
	ranking := d.rankings[OrderByCutOffDate]
	from, to := ranking.between(
		func(c *Client) bool { return first == nil || c.CutOffDate >= *first },
		func(c *Client) bool { return last != nil && c.CutOffDate > *last },
	)
	ranking.keep(set, from, to)
}

// keepInstalled removes the clients that were installed out of the range, or have no such day.
func (d *directory) keepInstalled(set bitset, days dayRange) {
	if days.isOpen() {
		return
	}
	ranking := d.rankings[OrderByInstalledAt]
	from, to := ranking.between(
		func(c *Client) bool { return !c.InstalledAt.Before(days.outer.start) },
		func(c *Client) bool { return !c.InstalledAt.Before(days.outer.end) },
	)
	ranking.keep(set, from, to)
	first, last := ranking.between(
		func(c *Client) bool { return !c.InstalledAt.Before(days.inner.start) },
		func(c *Client) bool { return !c.InstalledAt.Before(days.inner.end) },
	)
	first = min(first, to)
	for _, edge := range [][]int32{ranking.withValue[from:first], ranking.withValue[max(first, min(last, to)):to]} {
		for _, position := range edge {
			if !days.has(d.clients[position].InstalledAt) {
				set.remove(int(position))
			}
		}
	}
}

// The ids of a client's references are 0 if it has none.

func (c *Client) zoneID() int {
	if c.Zone == nil {
		return 0
	}
	return c.Zone.ZoneID
}

func (c *Client) planID() int {
	if c.Plan == nil {
		return 0
	}
	return c.Plan.PlanID
}

func (c *Client) routerID() int {
	if c.Router == nil {
		return 0
	}
	return c.Router.RouterID
}

func (c *Client) technicianID() int {
	if c.Technician == nil {
		return 0
	}
	return c.Technician.StaffID
}
