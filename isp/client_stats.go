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

// countStats returns the statistics of the clients in a set.
func (d *directory) countStats(set bitset) *ClientStats {
	status, invoices := d.columns.status, d.columns.invoiceStatus
	stats := &ClientStats{ByPlan: []*PlanCount{}}
	for _, state := range []ClientStatus{ClientActive, ClientSuspended, ClientCancelled, ClientFree, ClientUnknown} {
		if count := status.count(set, state); count > 0 {
			stats.ByStatus = append(stats.ByStatus, &ClientStatusCount{state, count})
		}
	}
	for _, state := range []InvoiceStatus{InvoicesPaid, InvoicesPending, InvoicesOverdue, InvoicesUnknown} {
		if count := invoices.count(set, state); count > 0 {
			stats.ByInvoiceStatus = append(stats.ByInvoiceStatus, &InvoiceStatusCount{state, count})
		}
	}
	members := set.members()
	stats.ByZone, stats.TotalDebt = d.countZones(members)
	for _, group := range largestFirst(d.columns.plan, members) {
		stats.ByPlan = append(stats.ByPlan, &PlanCount{d.clients[group.first].Plan, group.count})
	}
	stats.MonthlyRevenue = d.sumRevenue(members)
	return stats
}

// countZones returns the zones of clients, and the debt in all zones.
func (d *directory) countZones(members []uint32) (zones []*ZoneCount, debt Decimal) {
	sums, total := make([]amountSum, len(d.columns.zone.values)), amountSum{}
	for _, i := range members {
		if cents := d.columns.debt.at(i); cents != 0 {
			sums[d.columns.zone.codes.at(i)].add(cents, d.clients[i].Balance)
		}
	}
	for _, group := range largestFirst(d.columns.zone, members) {
		of := sums[d.columns.zone.codes.at(group.first)]
		total.cents, total.rest = total.cents+of.cents, total.rest.Add(of.rest)
		zones = append(zones, &ZoneCount{d.clients[group.first].Zone, group.count, of.decimal()})
	}
	return zones, total.decimal()
}

func (d *directory) sumRevenue(members []uint32) Decimal {
	var total amountSum
	for _, i := range members {
		if cents := d.columns.revenue.at(i); cents != 0 {
			total.add(cents, d.clients[i].PlanPrice)
		}
	}
	return total.decimal()
}

// amountSum is an exact sum of amounts. The zero value is 0.
type amountSum struct {
	cents int64
	rest  decimal.Decimal // of amounts that are not whole cents, or large
}

// add adds an amount in cents, or the amount itself for inexactCents.
func (s *amountSum) add(cents int64, amount Decimal) {
	if cents == inexactCents {
		s.rest = s.rest.Add(amount.Value())
	} else {
		s.cents += cents
	}
}

func (s *amountSum) decimal() Decimal {
	value := decimal.New(s.cents, -2)
	if !s.rest.IsZero() {
		value = value.Add(s.rest)
	}
	return NewDecimal(value)
}

// largestFirst returns the groups of clients by descending count, then by ascending value. It leaves
// out empty ones.
func largestFirst(by *column[*Client, int], members []uint32) []group {
	groups := slices.DeleteFunc(by.groups(members), func(g group) bool { return g.count == 0 })
	value := func(g group) int { return by.values[by.codes.at(g.first)] }
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(value(a), value(b)))
	})
	return groups
}
