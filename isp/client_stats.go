package isp

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// ClientStats are statistics of all clients that match, on every page. Empty groups are left
// out. The largest group comes first, except that states keep the order of their enum.
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

// ZoneCount is the number of clients in a zone and their debt. Zone is nil for clients without a
// zone.
type ZoneCount struct {
	Zone  *Zone
	Count int
	Debt  Decimal
}

// PlanCount is the number of clients with a plan. Plan is nil for clients without a plan.
type PlanCount struct {
	Plan  *Plan
	Count int
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
	for _, zone := range largestFirst(b.zones, func(z *zoneStats) int { return z.count }) {
		debt = debt.Add(zone.debt)
		stats.ByZone = append(stats.ByZone, &ZoneCount{zone.zone, zone.count, NewDecimal(zone.debt)})
	}
	stats.TotalDebt = NewDecimal(debt)
	stats.ByPlan = largestFirst(b.plans, func(p *PlanCount) int { return p.Count })
	return stats
}

func (b *statsBuilder) revenue() Decimal {
	sum := decimal.Zero
	for price, count := range b.prices {
		sum = sum.Add(price.value.Mul(decimal.NewFromInt(int64(count))))
	}
	return NewDecimal(sum)
}

// largestFirst sorts groups by descending count, then by id.
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
