package isp

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	someAmounts = rapid.SampledFrom([]any{
		"-10.00", "-0.01", "0.00", 0, "0.5", "0.005", 20000, "65000.00", "10995116277.75", "10995116277.76", "1e30", "-1e30", nil, "x",
	})
	someInstants = rapid.SampledFrom([]any{
		"8/05/2026", "9/05/2026", "31/12/2025", "8/05/2026 00:00:00", "8/05/2026 23:59:59", "9/05/2026 00:00:00", "2026-05-09T02:00:00Z",
		"01/11/2026 23:30:00", "2026-11-01T04:30:00Z", "2026-11-01T05:30:00Z", "01/01/1900 00:00:00", "", nil,
	})
	somePlaces = rapid.SampledFrom([]any{"", "Ana", "ána", "Ñame", "Oca  2", nil})
)

// drawColumnRow draws a row with all fields by which filters and statistics group.
func drawColumnRow(t *rapid.T) map[string]any {
	return map[string]any{
		"id_servicio": rapid.IntRange(1, 60).Draw(t, "id"), "nombre": someNames.Draw(t, "name"),
		"saldo": someAmounts.Draw(t, "balance"), "precio_plan": someAmounts.Draw(t, "price"),
		"estado": someStates.Draw(t, "state"), "fecha_corte": someDays.Draw(t, "cut off"),
		"estado_facturas":   rapid.SampledFrom([]any{"Pagadas", "Vencidas", nil}).Draw(t, "invoices"),
		"fecha_instalacion": someInstants.Draw(t, "installed"), "cedula": rapid.SampledFrom([]any{"1.0", "10", "7", ""}).Draw(t, "document"),
		"zona": someRefs.Draw(t, "zone"), "plan_internet": someRefs.Draw(t, "plan"), "router": someRefs.Draw(t, "router"),
		"tecnico": someRefs.Draw(t, "technician"), "ciudad": somePlaces.Draw(t, "city"), "localidad": somePlaces.Draw(t, "locality"),
	}
}

// drawAny returns nil or a value that draw draws.
func drawAny[T any](t *rapid.T, name string, from *rapid.Generator[T]) *T {
	if rapid.IntRange(0, 3).Draw(t, "by "+name) > 0 {
		return nil
	}
	return new(from.Draw(t, name))
}

func drawList[T any](t *rapid.T, name string, from *rapid.Generator[T]) []T {
	if rapid.IntRange(0, 3).Draw(t, "by "+name) > 0 {
		return nil
	}
	return rapid.SliceOfN(from, 0, 3).Draw(t, name)
}

func drawWholeFilter(tb testing.TB, t *rapid.T) *ClientFilter {
	ids := rapid.IntRange(0, 4)
	amounts := rapid.Map(rapid.SampledFrom([]string{"-10", "0", "0.50", "65000", "1e30"}), func(text string) Decimal {
		return *decimalOf(tb, text)
	})
	days := rapid.SampledFrom([]Date{"1900-01-01", "2025-12-31", "2026-01-01", "2026-05-08", "2026-05-09", "2026-11-01", "2026-11-02"})
	places := rapid.SampledFrom([]string{"", "ANA", "name", "oca 2", "x"})
	return &ClientFilter{
		Status:        drawList(t, "status", rapid.SampledFrom([]ClientStatus{"", ClientActive, ClientSuspended, ClientFree})),
		InvoiceStatus: drawList(t, "invoices", rapid.SampledFrom([]InvoiceStatus{InvoicesPaid, InvoicesOverdue, InvoicesPending})),
		ZoneID:        drawList(t, "zone", ids), PlanID: drawList(t, "plan", ids),
		RouterID: drawList(t, "router", ids), TechnicianID: drawList(t, "technician", ids),
		Document: drawAny(t, "document", rapid.SampledFrom([]string{"", ".", "1.0", "10", "8"})),
		City:     drawAny(t, "city", places), Locality: drawAny(t, "locality", places),
		BalanceAtLeast: drawAny(t, "least balance", amounts), BalanceAtMost: drawAny(t, "most balance", amounts),
		CutOffFrom: drawAny(t, "cut off from", days), CutOffTo: drawAny(t, "cut off to", days),
		InstalledFrom: drawAny(t, "installed from", days), InstalledTo: drawAny(t, "installed to", days),
	}
}

// drawColumnDirectory draws a directory in a zone, some with clocks that are put back at midnight.
func drawColumnDirectory(tb testing.TB, t *rapid.T) *directory {
	rows := rapid.SliceOfNDistinct(rapid.Custom(drawColumnRow), 0, 40, func(row map[string]any) int {
		return row["id_servicio"].(int)
	}).Draw(t, "rows")
	name := rapid.SampledFrom([]string{"America/Bogota", "America/Havana", "Pacific/Kiritimati", "Pacific/Pago_Pago"}).Draw(t, "zone")
	zone, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return newDirectory(decodeRows(tb, rows...), locale{zone: zone, countryCode: colombia.countryCode}, time.Now(), 1)
}

// Any filter finds the clients, and any statistics have the numbers, that a look at each client
// gives. That is so in a new directory and after any writes.
func Test16_5_ColumnsEqualAScan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := drawColumnDirectory(t, rt)
		for range rapid.IntRange(0, 4).Draw(rt, "writes") {
			wantSameAsScan(t, rt, d)
			row := rapid.Custom(drawColumnRow)
			rows := rapid.SliceOfN(row, 1, 3).Draw(rt, "written")
			for _, row := range rows {
				row["id_servicio"] = row["id_servicio"].(int) + rapid.SampledFrom([]int{0, 0, 60}).Draw(rt, "behind")
			}
			d = d.apply(d.changesTo(convertedRows(t, d.locale, rows...)), 2)
		}
		wantSameAsScan(t, rt, d)
	})
}

func wantSameAsScan(tb testing.TB, rt *rapid.T, d *directory) {
	filter := drawWholeFilter(tb, rt)
	got, want := d.match(filter, nil), d.scan(filter, nil)
	if !slices.Equal(d.idsIn(got), d.idsIn(want)) {
		rt.Fatalf("match(%s) = %v, want %v", mustJSON(rt, filter), d.idsIn(got), d.idsIn(want))
	}
	if got, want := mustJSON(rt, d.countStats(want)), mustJSON(rt, d.scanStats(want)); got != want {
		rt.Fatalf("statistics of %s =\n%s, want\n%s", mustJSON(rt, filter), got, want)
	}
}

// A column of more rows than a page finds each row before and after changes on any page.
func Test16_5_ColumnsOfManyPages(t *testing.T) {
	t.Parallel()
	var clients []*Client
	for id := range 3*pageRows + 5 {
		clients = append(clients, &Client{ServiceID: 2 * (id + 1), city: fmt.Sprint(id % 700), Status: ClientActive})
	}
	d := buildDirectory(clients, colombia, time.Now(), 1)
	rapid.Check(t, func(rt *rapid.T) {
		next := d
		for range rapid.IntRange(1, 3).Draw(rt, "writes") {
			var written []*Client
			last := 2*len(clients) + 2*pageRows
			for _, id := range rapid.SliceOfN(rapid.IntRange(1, last), 1, 5).Draw(rt, "ids") {
				written = append(written, &Client{ServiceID: id, city: rapid.SampledFrom([]string{"0", "69", "new"}).Draw(rt, "city")})
			}
			next = next.apply(next.changesTo(written), 2)
			for _, city := range []string{"0", "69", "new", "none"} {
				filter := &ClientFilter{City: &city}
				if got, want := next.idsIn(next.match(filter, nil)), next.idsIn(next.scan(filter, nil)); !slices.Equal(got, want) {
					rt.Fatalf("clients in %s = %v, want %v", city, got, want)
				}
			}
			if got := next.columns.status.count(fullBitset(len(next.clients)), ClientActive); got != next.columns.status.posting(0).countIn(fullBitset(len(next.clients))) {
				rt.Fatalf("%d active clients", got)
			}
		}
	})
}

// A write that leaves a field alone shares its column with the former directory.
func Test16_5_WritesShareUnchangedColumns(t *testing.T) {
	t.Parallel()
	row := func(city string) map[string]any {
		return map[string]any{"id_servicio": 1, "zona": ref(1), "ciudad": city}
	}
	d := directoryOf(t, row("Bello"), map[string]any{"id_servicio": 2})
	next := d.apply(d.changesTo(convertedRows(t, colombia, row("Itagüí"))), 2)
	if next.columns.zone != d.columns.zone || next.columns.status != d.columns.status {
		t.Error("a write of the city copied the columns of zones and states")
	}
	if next.columns.city == d.columns.city {
		t.Error("a write of the city changed the column of the former directory")
	}
}
