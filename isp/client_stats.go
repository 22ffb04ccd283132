package isp

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// ClientStats counts over all clients that match, whatever the page. Groups nobody is in are left out; the largest
// comes first, except that states keep the order of their enum.
type ClientStats struct {
	ByStatus        []*ClientStatusCount
	ByInvoiceStatus []*InvoiceStatusCount
	ByZone          []*ZoneCount
	ByPlan          []*PlanCount
	TotalDebt       Decimal
	MonthlyRevenue  Decimal
}

// ClientStatusCount is the number of clients in a state.
type ClientStatusCount struct {
	Status ClientStatus
	Count  int
}

// InvoiceStatusCount is the number of clients whose invoices are in a state.
type InvoiceStatusCount struct {
	InvoiceStatus InvoiceStatus
	Count         int
}

// ZoneCount is the number of clients in a zone and what they owe. Zone is nil for those without one.
type ZoneCount struct {
	Zone  *Zone
	Count int
	Debt  Decimal
}

// PlanCount is the number of clients with a plan. Plan is nil for those without one.
type PlanCount struct {
	Plan  *Plan
	Count int
}

// statsBuilder adds up clients; finish makes the statistics of it.
type statsBuilder struct {
	status   map[ClientStatus]int
	invoices map[InvoiceStatus]int
	zones    map[int]*zoneStats
	plans    map[int]*PlanCount
	prices   map[Decimal]int // priceOf active clients; a provider has few, and adding up each is slow
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

func (t *statsBuilder) add(c *Client) {
	t.status[c.Status]++
	t.invoices[c.InvoiceStatus]++
	zone := t.zones[c.zoneID()]
	if zone == nil {
		zone = &zoneStats{zone: c.Zone}
		t.zones[c.zoneID()] = zone
	}
	zone.count++
	if debt := debtOf(c.Balance); !debt.IsZero() {
		zone.debt = zone.debt.Add(debt)
	}
	plan := t.plans[c.planID()]
	if plan == nil {
		plan = &PlanCount{Plan: c.Plan}
		t.plans[c.planID()] = plan
	}
	plan.Count++
	if c.Status == ClientActive {
		t.prices[c.PlanPrice]++
	}
}

func (t *statsBuilder) build() *ClientStats {
	stats := &ClientStats{MonthlyRevenue: t.revenue()}
	for _, status := range []ClientStatus{ClientActive, ClientSuspended, ClientCancelled, ClientFree, ClientUnknown} {
		if count := t.status[status]; count > 0 {
			stats.ByStatus = append(stats.ByStatus, &ClientStatusCount{status, count})
		}
	}
	for _, status := range []InvoiceStatus{InvoicesPaid, InvoicesPending, InvoicesOverdue, InvoicesUnknown} {
		if count := t.invoices[status]; count > 0 {
			stats.ByInvoiceStatus = append(stats.ByInvoiceStatus, &InvoiceStatusCount{status, count})
		}
	}
	debt := decimal.Zero
	for _, zone := range largestFirst(t.zones, func(z *zoneStats) int { return z.count }) {
		debt = debt.Add(zone.debt)
		stats.ByZone = append(stats.ByZone, &ZoneCount{zone.zone, zone.count, NewDecimal(zone.debt)})
	}
	stats.TotalDebt = NewDecimal(debt)
	stats.ByPlan = largestFirst(t.plans, func(p *PlanCount) int { return p.Count })
	return stats
}

func (t *statsBuilder) revenue() Decimal {
	sum := decimal.Zero
	for price, count := range t.prices {
		sum = sum.Add(price.value.Mul(decimal.NewFromInt(int64(count))))
	}
	return NewDecimal(sum)
}

// largestFirst lists groups by falling count, then by id.
func largestFirst[T any](groups map[int]T, count func(T) int) []T {
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
