package isp

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"wisphub-graphql/isp/text"
)

// scan is the reference of [directory.match]: it looks at each client.
func (d *directory) scan(filter *ClientFilter, words []searchWord) bitset {
	set := d.search.match(words)
	for _, condition := range filter.conditions() {
		set.filter(func(i int) bool { return condition(d.clients[i]) })
	}
	return set
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

// scanStats is the reference of [directory.countStats].
func (d *directory) scanStats(set bitset) *ClientStats {
	builder := newStatsBuilder()
	for i := range set.each {
		builder.add(d.clients[i])
	}
	return builder.build()
}

// statsBuilder counts clients. The method build returns the statistics.
type statsBuilder struct {
	status   map[ClientStatus]int
	invoices map[InvoiceStatus]int
	zones    map[int]*zoneStats
	plans    map[int]*PlanCount
	prices   map[Decimal]int // clients per price; few prices, so this saves many additions
}

type zoneStats struct {
	zone  *Zone
	count int
	debt  decimal.Decimal
}

func newStatsBuilder() *statsBuilder {
	return &statsBuilder{
		status:   map[ClientStatus]int{},
		invoices: map[InvoiceStatus]int{},
		zones:    map[int]*zoneStats{},
		plans:    map[int]*PlanCount{},
		prices:   map[Decimal]int{},
	}
}

func (b *statsBuilder) add(c *Client) {
	b.status[c.Status]++
	b.invoices[c.InvoiceStatus]++
	zone := b.zones[c.zoneID()]
	if zone == nil {
		zone = &zoneStats{zone: c.Zone}
		b.zones[c.zoneID()] = zone
	}
	zone.count++
	if debt := debtOf(c.Balance); !debt.IsZero() {
		zone.debt = zone.debt.Add(debt)
	}
	plan := b.plans[c.planID()]
	if plan == nil {
		plan = &PlanCount{Plan: c.Plan}
		b.plans[c.planID()] = plan
	}
	plan.Count++
	if c.Status == ClientActive {
		b.prices[c.PlanPrice]++
	}
}

func (b *statsBuilder) build() *ClientStats {
	stats := &ClientStats{MonthlyRevenue: b.revenue()}
	for _, status := range []ClientStatus{ClientActive, ClientSuspended, ClientCancelled, ClientFree, ClientUnknown} {
		if count := b.status[status]; count > 0 {
			stats.ByStatus = append(stats.ByStatus, &ClientStatusCount{status, count})
		}
	}
	for _, status := range []InvoiceStatus{InvoicesPaid, InvoicesPending, InvoicesOverdue, InvoicesUnknown} {
		if count := b.invoices[status]; count > 0 {
			stats.ByInvoiceStatus = append(stats.ByInvoiceStatus, &InvoiceStatusCount{status, count})
		}
	}
	debt := decimal.Zero
	for _, zone := range largestGroups(b.zones, func(z *zoneStats) int { return z.count }) {
		debt = debt.Add(zone.debt)
		stats.ByZone = append(stats.ByZone, &ZoneCount{zone.zone, zone.count, NewDecimal(zone.debt)})
	}
	stats.TotalDebt = NewDecimal(debt)
	stats.ByPlan = largestGroups(b.plans, func(p *PlanCount) int { return p.Count })
	return stats
}

func (b *statsBuilder) revenue() Decimal {
	sum := decimal.Zero
	for price, count := range b.prices {
		sum = sum.Add(price.Value().Mul(decimal.NewFromInt(int64(count))))
	}
	return NewDecimal(sum)
}

// largestGroups sorts groups by descending count, then by id.
func largestGroups[T any](groups map[int]T, count func(T) int) []T {
	ids := make([]int, 0, len(groups))
	for id := range groups {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b int) int {
		return cmp.Or(cmp.Compare(count(groups[b]), count(groups[a])), cmp.Compare(a, b))
	})
	list := make([]T, len(ids))
	for i, id := range ids {
		list[i] = groups[id]
	}
	return list
}
