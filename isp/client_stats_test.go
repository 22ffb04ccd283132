package isp

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// wantConsistent fails the test unless the statistics agree with each other and with the
// clients.
func wantConsistent(tb rapid.TB, stats *ClientStats, clients []*Client) {
	tb.Helper()
	var byStatus, byInvoice, byZone, byPlan int
	zoneDebts, debts, revenue := decimal.Zero, decimal.Zero, decimal.Zero
	for _, group := range stats.ByStatus {
		byStatus += group.Count
	}
	for _, group := range stats.ByInvoiceStatus {
		byInvoice += group.Count
	}
	for _, group := range stats.ByZone {
		byZone += group.Count
		zoneDebts = zoneDebts.Add(group.Debt.Value())
	}
	for _, group := range stats.ByPlan {
		byPlan += group.Count
	}
	for _, client := range clients {
		debts = debts.Add(decimal.Max(client.Balance.Value(), decimal.Zero))
		if client.Status == ClientActive {
			revenue = revenue.Add(client.PlanPrice.Value())
		}
	}
	if n := len(clients); byStatus != n || byInvoice != n || byZone != n || byPlan != n {
		tb.Errorf("counts by status %d, by invoices %d, by zone %d, by plan %d, want %d each", byStatus, byInvoice, byZone, byPlan, n)
	}
	if !stats.TotalDebt.Value().Equal(debts) || !zoneDebts.Equal(debts) {
		tb.Errorf("total debt %s, of zones %s, want the sum of positive balances, %s", stats.TotalDebt, zoneDebts, debts)
	}
	if !stats.MonthlyRevenue.Value().Equal(revenue) {
		tb.Errorf("monthly revenue %s, want the active clients' prices, %s", stats.MonthlyRevenue, revenue)
	}
}

func TestClientStats_AddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		directory, filter := drawFilterDirectory(t, rt), drawFilter(t, rt)
		page := pageOf(t, directory, ClientQuery{Filter: filter, First: new(1)})
		wantConsistent(rt, page.Stats(), walk(t, directory, ClientQuery{Filter: filter}))
	})
}

func TestClientStats_Simulated(t *testing.T) {
	t.Parallel()
	directory := simulatedDirectory(1000)
	for _, filter := range []*ClientFilter{nil, {}, {Status: []ClientStatus{ClientActive}}, {ZoneID: []int{1, 2}}, {ZoneID: []int{}}} {
		page := pageOf(t, directory, ClientQuery{Filter: filter, First: new(2000)})
		wantConsistent(t, page.Stats(), page.Nodes)
		if filter != nil && filter.ZoneID != nil && len(page.Stats().ByZone) != len(filter.ZoneID) {
			t.Errorf("%d zones, want %d", len(page.Stats().ByZone), len(filter.ZoneID))
		}
	}
}

func TestClientStats_Groups(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t,
		map[string]any{"id_servicio": 1, "estado": "Gratis", "zona": ref(7), "saldo": "0.10", "precio_plan": "5.00"},
		map[string]any{"id_servicio": 2, "estado": "Activo", "zona": ref(7), "saldo": "0.20", "precio_plan": "65000.00", "plan_internet": ref(3)},
		map[string]any{"id_servicio": 3, "estado": "Activo", "zona": ref(2), "saldo": "-5.00", "estado_facturas": "Vencidas"},
		map[string]any{"id_servicio": 4},
		map[string]any{"id_servicio": 5, "estado": "Suspendido", "zona": ref(2), "precio_plan": "7.00", "estado_facturas": "Pagadas"},
	)
	stats := pageOf(t, directory, ClientQuery{}).Stats()
	var states []ClientStatusCount
	for _, group := range stats.ByStatus {
		states = append(states, *group)
	}
	if want := []ClientStatusCount{{ClientActive, 2}, {ClientSuspended, 1}, {ClientFree, 1}, {ClientUnknown, 1}}; !slices.Equal(states, want) {
		t.Errorf("ByStatus = %v, want %v", states, want)
	}
	var invoices []InvoiceStatusCount
	for _, group := range stats.ByInvoiceStatus {
		invoices = append(invoices, *group)
	}
	if want := []InvoiceStatusCount{{InvoicesPaid, 1}, {InvoicesOverdue, 1}, {InvoicesUnknown, 3}}; !slices.Equal(invoices, want) {
		t.Errorf("ByInvoiceStatus = %v, want %v", invoices, want)
	}
	type zone struct {
		id, count int
		debt      string
	}
	var zones []zone
	for _, group := range stats.ByZone {
		id := 0
		if group.Zone != nil {
			id = group.Zone.ZoneID
		}
		zones = append(zones, zone{id, group.Count, group.Debt.String()})
	}
	if want := []zone{{2, 2, "0.00"}, {7, 2, "0.30"}, {0, 1, "0.00"}}; !slices.Equal(zones, want) {
		t.Errorf("ByZone = %v, want %v", zones, want)
	}
	if len(stats.ByPlan) != 2 || stats.ByPlan[0].Plan != nil || stats.ByPlan[0].Count != 4 || stats.ByPlan[1].Plan.PlanID != 3 {
		t.Errorf("ByPlan = %+v, want 4 without a plan, then plan 3", stats.ByPlan)
	}
	if got := stats.TotalDebt.String() + " " + stats.MonthlyRevenue.String(); got != "0.30 65000.00" {
		t.Errorf("debt and revenue = %s, want 0.30 65000.00", got)
	}
}

func TestClientStats_NoClients(t *testing.T) {
	t.Parallel()
	stats := pageOf(t, directoryOf(t), ClientQuery{}).Stats()
	if len(stats.ByStatus)+len(stats.ByInvoiceStatus)+len(stats.ByZone)+len(stats.ByPlan) != 0 {
		t.Errorf("stats of no clients = %+v, want no groups", stats)
	}
	if stats.TotalDebt.String() != "0.00" || stats.MonthlyRevenue.String() != "0.00" {
		t.Errorf("stats of no clients = debt %q, revenue %q, want 0.00", stats.TotalDebt, stats.MonthlyRevenue)
	}
}

// The statistics of all clients are computed once per directory.
func TestClientStats_SharedByPages(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t, map[string]any{"id_servicio": 1})
	first, second := pageOf(t, directory, ClientQuery{}), pageOf(t, directory, ClientQuery{Filter: &ClientFilter{}})
	if first.Stats() != second.Stats() {
		t.Error("two pages of all clients have separate statistics, want shared ones")
	}
}
