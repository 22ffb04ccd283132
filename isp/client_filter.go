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

// conditions returns the conditions, cheapest first.
func (f *ClientFilter) conditions() []func(*Client) bool {
	var all []func(*Client) bool
	all = whereIn(all, f.Status, func(c *Client) ClientStatus { return c.Status })
	all = whereIn(all, f.InvoiceStatus, func(c *Client) InvoiceStatus { return c.InvoiceStatus })
	all = whereIn(all, f.ZoneID, (*Client).zoneID)
	all = whereIn(all, f.PlanID, (*Client).planID)
	all = whereIn(all, f.RouterID, (*Client).routerID)
	all = whereIn(all, f.TechnicianID, (*Client).technicianID)
	all = whereEqual(all, f.Document, documentKey, func(c *Client) string { return c.document })
	all = whereEqual(all, f.City, text.Fold, func(c *Client) string { return c.city })
	all = whereEqual(all, f.Locality, text.Fold, func(c *Client) string { return c.locality })
	all = whereDayBetween(all, f.CutOffFrom, f.CutOffTo, func(c *Client) Date { return c.CutOffDate })
	all = whereDayBetween(all, f.InstalledFrom, f.InstalledTo, func(c *Client) Date { return DateOf(c.InstalledAt) })
	if low := f.BalanceAtLeast; low != nil {
		all = append(all, func(c *Client) bool { return !c.Balance.IsZero() && c.Balance.Compare(*low) >= 0 })
	}
	if high := f.BalanceAtMost; high != nil {
		all = append(all, func(c *Client) bool { return !c.Balance.IsZero() && c.Balance.Compare(*high) <= 0 })
	}
	return all
}

func whereIn[T comparable](all []func(*Client) bool, wanted []T, of func(*Client) T) []func(*Client) bool {
	if wanted == nil {
		return all
	}
	set := make(map[T]bool, len(wanted))
	for _, value := range wanted {
		set[value] = true
	}
	var none T
	delete(set, none) // clients without the reference have 0, which is not a valid id
	return append(all, func(c *Client) bool { return set[of(c)] })
}

func whereEqual(all []func(*Client) bool, wanted *string, key func(string) string, of func(*Client) string) []func(*Client) bool {
	if wanted == nil || key(*wanted) == "" {
		return all
	}
	value := key(*wanted)
	return append(all, func(c *Client) bool { return of(c) == value })
}

// whereDayBetween excludes clients without the day if either limit is given.
func whereDayBetween(all []func(*Client) bool, from, to *Date, of func(*Client) Date) []func(*Client) bool {
	if from == nil && to == nil {
		return all
	}
	return append(all, func(c *Client) bool {
		day := of(c)
		return day != "" && (from == nil || day >= *from) && (to == nil || day <= *to)
	})
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
