package isp

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wisphub-graphql/isp/text"
)

func decimalOf(tb testing.TB, text string) *Decimal {
	tb.Helper()
	value, err := ParseDecimal(text)
	if err != nil {
		tb.Fatalf("ParseDecimal(%q) = %v", text, err)
	}
	return &value
}

func day(text string) *Date { return new(Date(text)) }

func ref(id int) map[string]any { return map[string]any{"id": id, "nombre": fmt.Sprint("R", id)} }

// filterDirectory has three clients: 1 meets the conditions of TestClientFilter, 2 does not, and
// 3 has no values.
func filterDirectory(tb testing.TB) *directory {
	return directoryOf(tb,
		map[string]any{
			"id_servicio": 1, "estado": "Activo", "estado_facturas": "Pagadas", "zona": ref(1), "plan_internet": ref(2),
			"router": ref(3), "tecnico": ref(4), "cedula": "1.000.001", "ciudad": "El Peñol", "localidad": "Vereda  Ñame",
			"saldo": "20000.00", "fecha_corte": "8/05/2026", "fecha_instalacion": "30/04/2026 23:30:00",
		},
		map[string]any{
			"id_servicio": 2, "estado": "Suspendido", "estado_facturas": "Vencidas", "zona": ref(5), "plan_internet": ref(5),
			"router": ref(5), "tecnico": ref(5), "cedula": "5", "ciudad": "Rionegro", "localidad": "Centro",
			"saldo": "-0.01", "fecha_corte": "9/06/2026", "fecha_instalacion": "01/06/2026 00:00:00",
		},
		map[string]any{"id_servicio": 3},
	)
}

func TestClientFilter(t *testing.T) {
	t.Parallel()
	directory := filterDirectory(t)
	tests := []struct {
		name   string
		filter ClientFilter
		want   []int
	}{
		{"none", ClientFilter{}, []int{1, 2, 3}},
		{"status", ClientFilter{Status: []ClientStatus{ClientActive, ClientFree}}, []int{1}},
		{"two states", ClientFilter{Status: []ClientStatus{ClientActive, ClientSuspended}}, []int{1, 2}},
		{"no states", ClientFilter{Status: []ClientStatus{}}, nil},
		{"invoices", ClientFilter{InvoiceStatus: []InvoiceStatus{InvoicesPaid}}, []int{1}},
		{"no invoices", ClientFilter{InvoiceStatus: []InvoiceStatus{}}, nil},
		{"zone", ClientFilter{ZoneID: []int{1, 9}}, []int{1}},
		{"no zones", ClientFilter{ZoneID: []int{}}, nil},
		{"plan", ClientFilter{PlanID: []int{2}}, []int{1}},
		{"no plans", ClientFilter{PlanID: []int{}}, nil},
		{"router", ClientFilter{RouterID: []int{3}}, []int{1}},
		{"no routers", ClientFilter{RouterID: []int{}}, nil},
		{"technician", ClientFilter{TechnicianID: []int{4}}, []int{1}},
		{"no technicians", ClientFilter{TechnicianID: []int{}}, nil},
		{"document", ClientFilter{Document: new("1000001")}, []int{1}},
		{"blank document", ClientFilter{Document: new(" . ")}, []int{1, 2, 3}},
		{"city", ClientFilter{City: new("el penol")}, []int{1}},
		{"part of a city", ClientFilter{City: new("penol")}, nil},
		{"blank city", ClientFilter{City: new("")}, []int{1, 2, 3}},
		{"locality", ClientFilter{Locality: new(" vereda ÑAME ")}, []int{1}},
		{"least balance", ClientFilter{BalanceAtLeast: decimalOf(t, "20000")}, []int{1}},
		{"least balance below", ClientFilter{BalanceAtLeast: decimalOf(t, "-1")}, []int{1, 2}},
		{"most balance", ClientFilter{BalanceAtMost: decimalOf(t, "-0.01")}, []int{2}},
		{"balance between", ClientFilter{BalanceAtLeast: decimalOf(t, "0"), BalanceAtMost: decimalOf(t, "20000.00")}, []int{1}},
		{"cut off from", ClientFilter{CutOffFrom: day("2026-05-09")}, []int{2}},
		{"cut off to", ClientFilter{CutOffTo: day("2026-05-08")}, []int{1}},
		{"cut off on", ClientFilter{CutOffFrom: day("2026-05-08"), CutOffTo: day("2026-05-08")}, []int{1}},
		{"installed from", ClientFilter{InstalledFrom: day("2026-06-01")}, []int{2}},
		{"installed to", ClientFilter{InstalledTo: day("2026-04-30")}, []int{1}}, // 1 May in UTC
		{"all", ClientFilter{
			Status: []ClientStatus{ClientActive}, InvoiceStatus: []InvoiceStatus{InvoicesPaid}, ZoneID: []int{1}, PlanID: []int{2},
			RouterID: []int{3}, TechnicianID: []int{4}, Document: new("1.000.001"), City: new("EL PEÑOL"),
			Locality: new("vereda name"), BalanceAtLeast: decimalOf(t, "1"), BalanceAtMost: decimalOf(t, "20000"),
			CutOffFrom: day("2026-05-01"), CutOffTo: day("2026-05-31"), InstalledFrom: day("2026-04-30"), InstalledTo: day("2026-04-30"),
		}, []int{1}},
		{"all but one", ClientFilter{Status: []ClientStatus{ClientActive}, ZoneID: []int{5}}, nil},
	}
	for _, test := range tests {
		if got := directory.idsIn(directory.match(&test.filter, nil)); !slices.Equal(got, test.want) {
			t.Errorf("match(%s) = %v, want %v", test.name, got, test.want)
		}
	}
}

func textPointer(text string) *string { return &text }

func TestClientFilter_Invalid(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	tests := []struct {
		filter ClientFilter
		field  string
	}{
		{ClientFilter{Status: []ClientStatus{ClientActive, ClientUnknown}}, "status"},
		{ClientFilter{InvoiceStatus: []InvoiceStatus{InvoicesUnknown}}, "invoiceStatus"},
		{ClientFilter{BalanceAtLeast: decimalOf(t, "2"), BalanceAtMost: decimalOf(t, "1.99")}, "balanceAtLeast"},
		{ClientFilter{CutOffFrom: day("2026-05-09"), CutOffTo: day("2026-05-08")}, "cutOffFrom"},
		{ClientFilter{InstalledFrom: day("2026-05-09"), InstalledTo: day("2025-12-31")}, "installedFrom"},
		{ClientFilter{Document: textPointer(".")}, "document"},
		{ClientFilter{City: textPointer(" \x00")}, "city"},
		{ClientFilter{Locality: textPointer("\t")}, "locality"},
	}
	for _, test := range tests {
		_, err := provider.Clients.List(t.Context(), ClientQuery{Filter: &test.filter})
		wantInputError(t, "List()", err, "filter", test.field)
	}
	wantCalls(t, upstream, 0)
}

var (
	somePrices = rapid.SampledFrom([]any{"-10.00", "0.00", 0, "0.5", 20000, "65000.00", nil, "x"})
	someDays   = rapid.SampledFrom([]any{"8/05/2026", "9/05/2026", "31/12/2025", "8/05/2026 23:59:59", "", nil})
	someNames  = rapid.SampledFrom([]any{"", "Ana", "ana", "Ána", "Nadia", "Ñame", "Oca", nil})
	someStates = rapid.SampledFrom([]any{"Activo", "Suspendido", "Gratis", "Retirado", nil})
	someRefs   = rapid.SampledFrom([]any{nil, ref(1), ref(2), ref(3)})
)

// drawFilterRow draws a row with few possible values, so that clients often have equal values.
func drawFilterRow(t *rapid.T) map[string]any {
	return map[string]any{
		"id_servicio": rapid.IntRange(1, 60).Draw(t, "id"), "nombre": someNames.Draw(t, "name"),
		"saldo": somePrices.Draw(t, "balance"), "precio_plan": somePrices.Draw(t, "price"),
		"estado": someStates.Draw(t, "state"), "fecha_corte": someDays.Draw(t, "cut off"),
		"fecha_instalacion": someDays.Draw(t, "installed"),
		"zona":              someRefs.Draw(t, "zone"), "plan_internet": someRefs.Draw(t, "plan"), "ciudad": someNames.Draw(t, "city"),
	}
}

func drawFilterDirectory(tb testing.TB, t *rapid.T) *directory {
	rows := rapid.SliceOfNDistinct(rapid.Custom(drawFilterRow), 0, 40, func(row map[string]any) int {
		return row["id_servicio"].(int)
	}).Draw(t, "rows")
	return directoryOf(tb, rows...)
}

func drawFilter(tb testing.TB, t *rapid.T) *ClientFilter {
	filter := &ClientFilter{}
	if rapid.Bool().Draw(t, "by status") {
		filter.Status = rapid.SliceOf(rapid.SampledFrom([]ClientStatus{ClientActive, ClientSuspended, ClientFree})).Draw(t, "states")
	}
	if rapid.Bool().Draw(t, "by zone") {
		filter.ZoneID = rapid.SliceOf(rapid.IntRange(0, 4)).Draw(t, "zones")
	}
	if rapid.Bool().Draw(t, "by city") {
		filter.City = new(rapid.SampledFrom([]string{"", "ANA", "name"}).Draw(t, "city"))
	}
	if rapid.Bool().Draw(t, "by balance") {
		filter.BalanceAtLeast = decimalOf(tb, rapid.SampledFrom([]string{"-10", "0", "0.50"}).Draw(t, "least"))
	}
	if rapid.Bool().Draw(t, "by cut off") {
		filter.CutOffTo = day(rapid.SampledFrom([]string{"2026-05-08", "2026-01-01"}).Draw(t, "to"))
	}
	return filter
}

// naiveFilter repeats the filter of the GraphQL contract in the simplest code.
func naiveFilter(f *ClientFilter, c *Client) bool {
	switch {
	case f.Status != nil && !slices.Contains(f.Status, c.Status):
		return false
	case f.ZoneID != nil && (c.Zone == nil || !slices.Contains(f.ZoneID, c.Zone.ZoneID)):
		return false
	case f.City != nil && *f.City != "" && text.Fold(*f.City) != text.Fold(string(c.City)):
		return false
	case f.BalanceAtLeast != nil && (c.Balance.IsZero() || c.Balance.Value().LessThan(f.BalanceAtLeast.Value())):
		return false
	}
	if f.CutOffTo == nil {
		return true
	}
	cutOff, err := time.Parse(time.DateOnly, string(c.CutOffDate))
	last, _ := time.Parse(time.DateOnly, string(*f.CutOffTo))
	return err == nil && !cutOff.After(last)
}

func TestClientFilter_EqualsNaiveFilter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		directory, filter := drawFilterDirectory(t, rt), drawFilter(t, rt)
		var want []int
		for _, client := range directory.clients {
			if naiveFilter(filter, client) {
				want = append(want, client.ServiceID)
			}
		}
		if got := directory.idsIn(directory.match(filter, nil)); !slices.Equal(got, want) {
			rt.Errorf("match(%+v) = %v, want %v", filter, got, want)
		}
	})
}
