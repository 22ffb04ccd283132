package isp

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/isp/text"
)

// roundTrip encodes and decodes the directory.
func roundTrip(tb rapid.TB, d *directory) *directory {
	tb.Helper()
	data, err := encodeDirectory(d)
	if err != nil {
		tb.Fatalf("encodeDirectory() = %v", err)
	}
	again, err := decodeDirectory(data, d.locale, d.version+1)
	if err != nil {
		tb.Fatalf("decodeDirectory() = %v", err)
	}
	return again
}

// comparableClient returns the client without what may differ: amounts in another form, and the
// monotonic clock.
func comparableClient(c *Client) Client {
	copied := *c
	copied.Balance, copied.PlanPrice, copied.Discount = Decimal{}, Decimal{}, Decimal{}
	copied.read = atomic.Value{}
	copied.read.Store(&reading{c.AsOf().Round(0)})
	return copied
}

func amounts(c *Client) [3]Decimal { return [3]Decimal{c.Balance, c.PlanPrice, c.Discount} }

// wantSameDirectory fails the test if the directories differ in more than the version.
func wantSameDirectory(tb rapid.TB, got, want *directory) {
	tb.Helper()
	if !got.asOf.Equal(want.asOf) || got.asOf.Format(time.RFC3339Nano) != want.asOf.Format(time.RFC3339Nano) {
		tb.Errorf("asOf %v, want %v", got.asOf, want.asOf)
	}
	if !slices.Equal(idsOf(got.clients), idsOf(want.clients)) {
		tb.Fatalf("clients %v, want %v", idsOf(got.clients), idsOf(want.clients))
	}
	for i, client := range want.clients {
		wantSameClient(tb, got.clients[i], client)
	}
	for name, pair := range map[string][2]any{
		"zones": {got.zones(), want.zones()}, "routers": {got.routers(), want.routers()}, "sectors": {got.sectors(), want.sectors()},
		"search index": {searchState(got), searchState(want)}, "plans": {got.byPlan(), want.byPlan()},
		"statistics": {mustJSON(tb, got.stats()), mustJSON(tb, want.stats())},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			tb.Errorf("%s = %+v, want %+v", name, pair[0], pair[1])
		}
	}
	for field := range sortKeys {
		if a, b := got.rankings[field], want.rankings[field]; !slices.Equal(a.withValue, b.withValue) || !slices.Equal(a.withoutValue, b.withoutValue) {
			tb.Errorf("ranking by %s = %v, %v, want %v, %v", field, a.withValue, a.withoutValue, b.withValue, b.withoutValue)
		}
	}
}

func wantSameClient(tb rapid.TB, got, want *Client) {
	tb.Helper()
	if a, b := comparableClient(got), comparableClient(want); !reflect.DeepEqual(a, b) {
		tb.Errorf("client %d = %+v, want %+v", want.ServiceID, a, b)
	}
	for i, amount := range amounts(want) {
		read := amounts(got)[i]
		if read.String() != amount.String() || !read.Value().Equal(amount.Value()) || read.IsZero() != amount.IsZero() {
			tb.Errorf("client %d: amount %d = %q, want %q", want.ServiceID, i, read, amount)
		}
	}
}

func mustJSON(tb rapid.TB, value any) string {
	tb.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		tb.Fatalf("json.Marshal() = %v", err)
	}
	return string(text)
}

var (
	edgeTimes = rapid.SampledFrom([]any{
		"", nil, "8/05/2026", "30/04/2026 11:07:00", "2026-05-01T10:00:00.123456789Z", "1901-02-03 04:05:06",
		"01/01/0001", "0001-01-01T10:00:00Z",
		"9999-12-31 23:59:59", "1970-01-01T00:00:00Z", "1969-12-31T18:59:59.9-05:00", "mañana",
	})
	edgeAmounts = rapid.SampledFrom([]any{
		nil, "", "x", 0, "-0.00", -10.5, "65000", "65000.000", "0.001", "1e20",
		"12345678901234567890123456e30", "1e-30", "99999999999999.99",
	})
	edgeNames     = rapid.SampledFrom([]any{"", nil, "Ana", "ana", "Ñáñez \u2028 <b>&amp;", "a\"\\\n\x00b", "\ufffd", "Zoë 漢 😀", 7, true})
	edgePhones    = rapid.SampledFrom([]any{"", nil, "300 000 0001,+573000000002", "3000000001", "12", "x", 3000000003})
	edgeLocations = rapid.SampledFrom([]any{"", "6.25,-75.5", "0,-0.0", "0.1,1e-7", "91,0", nil})
	edgeRefs      = rapid.SampledFrom([]any{
		nil, "text", ref(0), ref(1), ref(2), map[string]any{"id": 2, "nombre": "another name"}, map[string]any{"id": 3},
		map[string]any{"id": 1, "nombre": "R1", "falla_general": true, "falla_general_descripcion": "Fibra"},
	})
)

// columns are keys of a row whose values come from one generator. They are in a list because
// rapid needs a fixed order.
type columns struct {
	keys   string
	values *rapid.Generator[any]
}

func drawColumns(t *rapid.T, row map[string]any, all ...columns) map[string]any {
	for _, some := range all {
		for key := range strings.FieldsSeq(some.keys) {
			row[key] = some.values.Draw(t, key)
		}
	}
	return row
}

// drawEdgeRow draws every column of a row. Ids may repeat.
func drawEdgeRow(t *rapid.T) map[string]any {
	return drawColumns(t, map[string]any{"id_servicio": rapid.IntRange(0, 30).Draw(t, "id")},
		columns{"usuario nombre apellidos cedula email direccion localidad ciudad", edgeNames},
		columns{"ip ip_local mac_cpe interfaz_lan sn_onu comentarios", edgeNames},
		columns{"telefono", edgePhones},
		columns{"coordenadas", edgeLocations},
		columns{"saldo precio_plan descuento", edgeAmounts},
		columns{"estado", rapid.SampledFrom([]any{"Activo", "suspendido", 3, "Gratis", "Retirado", nil})},
		columns{"estado_facturas", rapid.SampledFrom([]any{"Pagadas", "Pendiente de Pago", "Vencidas", "Anuladas", nil})},
		columns{"fecha_corte fecha_instalacion fecha_cancelacion ultimo_cambio", edgeTimes},
		columns{"plan_internet zona router sectorial tecnico", edgeRefs},
	)
}

// someZones has a zone whose offset had seconds, and one where WispHub's days are other days in
// UTC.
var someZones = func() []*time.Location {
	zones := []*time.Location{bogota, time.UTC, time.FixedZone("", 14*60*60)}
	if real, err := time.LoadLocation("America/Bogota"); err == nil {
		zones = append(zones, real)
	}
	return zones
}()

func drawEdgeDirectory(tb testing.TB, t *rapid.T) *directory {
	rows := decodeRows(tb, rapid.SliceOfN(rapid.Custom(drawEdgeRow), 0, 30).Draw(t, "rows")...)
	loc := locale{zone: rapid.SampledFrom(someZones).Draw(t, "zone"), countryCode: "57"}
	return newDirectory(rows, loc, time.Now(), 1)
}

func TestDirectory_RoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		want := drawEdgeDirectory(t, rt)
		got := roundTrip(rt, want)
		wantSameDirectory(rt, got, want)
		wantSameSharing(rt, got, want)
		wantSameDirectory(rt, roundTrip(rt, got), want)
	})
}

// wantSameSharing fails the test unless clients that share a record in want do so in got.
func wantSameSharing(tb rapid.TB, got, want *directory) {
	tb.Helper()
	pairs := map[any]any{}
	for i, client := range want.clients {
		a, b := referencesOf(got.clients[i]), referencesOf(client)
		for j := range b {
			if known, ok := pairs[b[j]]; ok && known != a[j] {
				tb.Errorf("client %d has a copy of %+v, want the shared record", client.ServiceID, b[j])
			}
			pairs[b[j]] = a[j]
		}
	}
}

func referencesOf(c *Client) [5]any { return [5]any{c.Plan, c.Zone, c.Router, c.Sector, c.Technician} }

// Pages, searches, statistics and look-ups are the same before and after a round trip.
func TestDirectory_RoundTripAnswersAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		want := drawFilterDirectory(t, rt)
		if rapid.Bool().Draw(rt, "search texts") {
			want = drawSearchDirectory(t, rt)
		}
		got := roundTrip(rt, want)
		filter, order, first := drawFilter(t, rt), drawOrder(rt), rapid.IntRange(1, 9).Draw(rt, "first")
		search := rapid.StringOfN(letters, 0, 3, -1).Draw(rt, "search")
		query := ClientQuery{Filter: filter, Search: &search, Order: &order, First: &first}
		a, b := pageOf(t, got, query), pageOf(t, want, query)
		wantSamePage(rt, a, b)
		if query.After = b.PageInfo.EndCursor; query.After != nil {
			wantSamePage(rt, pageOf(t, got, query), pageOf(t, want, query))
		}
		for _, client := range want.clients {
			for _, key := range []lookup{
				{field: byServiceID, id: client.ServiceID}, {field: byDocument, normalized: client.document},
				{field: byUsername, normalized: text.Fold(string(client.Username))}, {field: byPhone, normalized: phone.Digits(string(client.Phone))},
			} {
				if a, b := idsOf(got.find(key)), idsOf(want.find(key)); !slices.Equal(a, b) {
					rt.Errorf("find(%+v) = %v, want %v", key, a, b)
				}
			}
		}
	})
}

func wantSamePage(tb rapid.TB, got, want *ClientConnection) {
	tb.Helper()
	a, b := mustJSON(tb, []any{got.Edges(), got.PageInfo, got.TotalCount, got.AsOf, got.Stats()}),
		mustJSON(tb, []any{want.Edges(), want.PageInfo, want.TotalCount, want.AsOf, want.Stats()})
	if a != b {
		tb.Errorf("page =\n%s, want\n%s", a, b)
	}
}

// The values are times at both ends of the calendar, the Unix epoch, and zero and absent
// amounts.
func TestDirectory_RoundTripEdgeValues(t *testing.T) {
	t.Parallel()
	want := directoryOf(t,
		map[string]any{"id_servicio": 1, "fecha_instalacion": "0001-01-01 00:00:01", "ultimo_cambio": "9999-12-31 23:59:59"},
		map[string]any{"id_servicio": 2, "fecha_instalacion": "1970-01-01T00:00:00Z", "ultimo_cambio": "2026-05-01T10:00:00.000000001Z"},
		map[string]any{"id_servicio": 3, "saldo": 0, "precio_plan": "", "descuento": "0.001"},
		map[string]any{"id_servicio": 4},
	)
	got := roundTrip(t, want)
	wantSameDirectory(t, got, want)
	if got.version != want.version+1 {
		t.Errorf("version %d, want %d", got.version, want.version+1)
	}
	if c := got.byID(3); c.Balance.IsZero() || !c.PlanPrice.IsZero() || c.Balance.String() != "0.00" {
		t.Errorf("client 3: balance %q, price %q, want 0.00 and no amount", c.Balance, c.PlanPrice)
	}
	if c := got.byID(4); c.Phones == nil || !c.InstalledAt.IsZero() || c.Location != nil {
		t.Errorf("client 4 = %+v, want no values", c)
	}
}

// A field that the codec forgets would be lost at a restart.
func TestDirectory_RoundTripEveryField(t *testing.T) {
	t.Parallel()
	want := directoryOf(t, map[string]any{
		"id_servicio": 26, "usuario": "u", "nombre": "n", "cedula": "1", "email": "e", "telefono": "3000000001", "direccion": "d",
		"localidad": "l", "ciudad": "c", "estado": "Activo", "estado_facturas": "Pagadas", "saldo": 1, "precio_plan": 2, "descuento": 3,
		"fecha_corte": "8/05/2026", "fecha_instalacion": "8/05/2026", "fecha_cancelacion": "8/05/2026", "ultimo_cambio": "8/05/2026",
		"ip": "i", "ip_local": "il", "mac_cpe": "m", "interfaz_lan": "la", "sn_onu": "s", "comentarios": "co", "coordenadas": "1,2",
		"plan_internet": ref(1), "zona": ref(2), "router": ref(3), "sectorial": ref(4), "tecnico": ref(5),
	})
	fields := reflect.ValueOf(*want.clients[0])
	for i := range fields.NumField() {
		if fields.Field(i).IsZero() {
			t.Errorf("%s is empty, want a value from the row", fields.Type().Field(i).Name)
		}
	}
	wantSameDirectory(t, roundTrip(t, want), want)
}

func TestDirectory_RoundTripSharesValues(t *testing.T) {
	t.Parallel()
	row := map[string]any{
		"ciudad": "Rionegro", "localidad": "Centro", "ip_local": "192.168.1.1", "estado": "Activo",
		"fecha_corte": "8/05/2026", "saldo": "10.00",
		"estado_facturas": "Pagadas",
	}
	first, second := map[string]any{"id_servicio": 1}, map[string]any{"id_servicio": 2}
	for key, value := range row {
		first[key], second[key] = value, value
	}
	read := roundTrip(t, directoryOf(t, first, second)).clients
	a, b := read[0], read[1]
	for name, texts := range map[string][2]string{
		"city": {string(a.City), string(b.City)}, "locality": {string(a.Locality), string(b.Locality)}, "folded city": {a.city, b.city},
		"local IP": {string(a.LocalIP), string(b.LocalIP)}, "status": {a.StatusLabel, b.StatusLabel}, "cut-off": {a.CutOffText, b.CutOffText},
		"balance": {a.Balance.String(), b.Balance.String()}, "invoices": {string(a.InvoiceStatus), string(b.InvoiceStatus)},
	} {
		if unsafe.StringData(texts[0]) != unsafe.StringData(texts[1]) {
			t.Errorf("two clients have copies of the %s %q, want a shared string", name, texts[0])
		}
	}
	if a.Balance != b.Balance {
		t.Error("two clients have copies of one balance, want a shared amount")
	}
}
