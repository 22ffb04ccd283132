package isp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// loadedDirectory returns the provider's directory, loaded if necessary.
func loadedDirectory(tb testing.TB, provider *Provider) *directory {
	tb.Helper()
	directory, err := provider.Clients.currentDirectory(tb.Context())
	if err != nil {
		tb.Fatalf("currentDirectory() = %v", err)
	}
	return directory
}

// simulatedDirectory returns a directory of simulated clients. Unlike a crawl, it does not depend on
// how fast this machine is.
func simulatedDirectory(clients int) *directory {
	return newDirectory(rowsOf(pagesOf(clients)), colombia, time.Now(), 1)
}

func idsOf(clients []*Client) []int {
	ids := make([]int, len(clients))
	for i, client := range clients {
		ids[i] = client.ServiceID
	}
	return ids
}

func TestDirectory_HasEveryRow(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 2000)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		directory := loadedDirectory(t, provider)
		wantCalls(t, upstream, 7) // 300 rows, then 299 new ones a page
		if got, want := idsOf(directory.clients), upstream.IDs(); !slices.Equal(got, want) {
			t.Fatalf("the directory has %d clients, want the %d of upstream", len(got), len(want))
		}
		for _, client := range directory.clients {
			row := upstream.Row(client.ServiceID)
			if got, want := string(client.Document), row["cedula"]; got != want {
				t.Errorf("client %d: document %q, want %q", client.ServiceID, got, want)
			}
			if got, want := client.Name, strings.TrimSpace(row["nombre"].(string)); got != want {
				t.Errorf("client %d: name %q, want %q", client.ServiceID, got, want)
			}
			if client.Status == ClientUnknown || client.InvoiceStatus == InvoicesUnknown {
				t.Errorf("client %d: status %s, invoice status %s, want known ones", client.ServiceID, client.Status, client.InvoiceStatus)
			}
			if got, want := client.Zone == nil, row["zona"] == nil; got != want {
				t.Errorf("client %d: has no zone = %t, want %t", client.ServiceID, got, want)
			}
		}
	})
}

// The row has each field in one of WispHub's formats.
func TestDirectory_ConvertsEveryField(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t, map[string]any{
		"id_servicio": "26", "usuario": "0026_ana@demo-isp", "nombre": "Ana Ñáñez ", "cedula": 1000001.0,
		"telefono": "300 000 0001,+573000000002", "estado": "activo", "estado_facturas": "Pendiente de Pago",
		"saldo": -10.5, "precio_plan": "65000", "descuento": nil,
		"fecha_corte": "8/05/2026", "fecha_instalacion": "30/04/2026 11:07:00", "ultimo_cambio": "2026-05-01T10:00:00Z",
		"coordenadas": "6.25, -75.56", "ip_local": nil, "comentarios": true,
		"plan_internet": map[string]any{"id": "3", "nombre": "Plan 50"}, "zona": map[string]any{"id": 4, "nombre": "Norte"},
		"router":  map[string]any{"id": 9, "nombre": "R9", "falla_general": "true", "falla_general_descripcion": "Fibra"},
		"tecnico": map[string]any{"id": 2, "nombre": ""}, "sectorial": "S1",
	})
	got, err := json.Marshal(directory.byID(26))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"ID":"client:26","ServiceID":26,"Username":"0026_ana@demo-isp","Name":"Ana Ñáñez","Document":"1000001",` +
		`"Email":"","Phone":"300 000 0001,+573000000002","Phones":["3000000001","573000000002"],"Address":"","Locality":"",` +
		`"City":"","Status":"ACTIVE","StatusLabel":"activo","InvoiceStatus":"PENDING","Balance":"-10.50",` +
		`"PlanPrice":"65000.00","Discount":"","CutOffDate":"2026-05-08","CutOffText":"8/05/2026",` +
		`"InstalledAt":"2026-04-30T11:07:00-05:00","CancelledAt":"0001-01-01T00:00:00Z","UpdatedAt":"2026-05-01T05:00:00-05:00",` +
		`"IP":"","LocalIP":"","MACAddress":"","LANInterface":"","ONUSerial":"","Comments":"true",` +
		`"Location":{"Latitude":6.25,"Longitude":-75.56},"Plan":{"ID":"plan:3","PlanID":3,"Name":"Plan 50"},` +
		`"Zone":{"ID":"zone:4","ZoneID":4,"Name":"Norte"},"Router":{"ID":"router:9","RouterID":9,"Name":"R9",` +
		`"GeneralFailure":true,"GeneralFailureDescription":"Fibra"},"Sector":null,` +
		`"Technician":{"ID":"staff:2","StaffID":2,"Name":"","Username":"","Email":""}}`
	if string(got) != want || directory.byID(26).AsOf() != directory.asOf {
		t.Errorf("client 26 as of %v =\n%s, want as of %v\n%s", directory.byID(26).AsOf(), got, directory.asOf, want)
	}
}

// A row with malformed values is still a client, and does not hide others.
func TestDirectory_KeepsMalformedRows(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 400)
	rows := map[int]map[string]any{
		1: {"id_servicio": 1},
		2: {"id_servicio": 2, "saldo": "veinte mil", "precio_plan": []int{1}, "descuento": "1e999999999", "estado": "Retirado"},
		3: {"id_servicio": 3, "fecha_corte": "mañana", "fecha_instalacion": "31/02/2026", "ultimo_cambio": []int{1},
			"plan_internet": "Plan 10", "zona": map[string]any{"id": nil}, "router": 7, "tecnico": []int{}, "coordenadas": "x"},
		4: {"id_servicio": 4, "nombre": nil, "telefono": 3000000001.0, "estado": 2, "estado_facturas": nil, "saldo": true},
	}
	for _, row := range rows {
		upstream.PutRow(row)
	}
	upstream.PutRow(map[string]any{"nombre": "Sin id"})
	upstream.PutRow(map[string]any{"id_servicio": 1 << 40, "nombre": "Id enorme"})
	provider, log := connect(t, address)
	directory := loadedDirectory(t, provider)
	if got, want := len(directory.clients), 404; got != want {
		t.Fatalf("%d clients, want %d", got, want)
	}
	for id := range rows {
		c := directory.byID(id)
		if c == nil || !c.Discount.IsZero() || c.CutOffDate != "" || !c.InstalledAt.IsZero() ||
			c.Plan != nil || c.Zone != nil || c.Router != nil || c.Technician != nil || c.Location != nil || c.Phones == nil {
			t.Errorf("client %d = %+v, want only its valid values", id, c)
		}
	}
	if c := directory.byID(2); c.Status != ClientUnknown || c.StatusLabel != "Retirado" {
		t.Errorf("client 2: status %s (%q), want UNKNOWN (Retirado)", c.Status, c.StatusLabel)
	}
	if c := directory.byID(4); c.Status != ClientSuspended || c.InvoiceStatus != InvoicesUnknown || c.Phones[0] != "3000000001" {
		t.Errorf("client 4: %s, %s, %q, want SUSPENDED, UNKNOWN, its phone", c.Status, c.InvoiceStatus, c.Phones)
	}
	if lines := log.matching(`"count":3`, `"services":[2,3,4]`, `"saldo":2`, `"fecha_corte":1`); len(lines) != 1 {
		t.Errorf("%d log lines about malformed services, want 1: %q", len(lines), log.matching())
	}
	if lines := log.matching("without a service id", `"count":2`, `"positions":[404,405]`); len(lines) != 1 {
		t.Errorf("%d log lines about rows without an id, want 1: %q", len(lines), log.matching())
	}
	if err := refresh(t, provider); err != nil {
		t.Fatalf("refresh() = %v", err)
	}
	if lines := log.matching("unknown label", "estado", "Retirado"); len(lines) != 1 {
		t.Errorf("the unknown label was logged %d times in two crawls, want 1", len(lines))
	}
	if got := provider.Clients.labels.counts["clientes.estado"]["retirado"]; got != 2 {
		t.Errorf("the unknown label was counted %d times, want 2", got)
	}
}

// The simulator cannot return list elements that are not objects, so this test does.
func TestDirectory_IgnoresElementsThatAreNotRows(t *testing.T) {
	t.Parallel()
	address := serve(t, respondJSON(`{"count":6,"next":null,"results":[{"id_servicio":1,"nombre":"Ana"},null,7,"row",[],{"id_servicio":2}]}`))
	provider, log := connect(t, address)
	if got := idsOf(loadedDirectory(t, provider).clients); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("services %v, want [1 2]", got)
	}
	if lines := log.matching("without a service id", `"count":4`, `"positions":[1,2,3,4]`); len(lines) != 1 {
		t.Errorf("%d log lines about rows without an id, want 1: %q", len(lines), log.matching())
	}
}

// A log line names 20 malformed rows at most, and the report remembers as many labels.
func TestReport_IsLimited(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	for id := range 50 {
		upstream.PutRow(map[string]any{"id_servicio": 1000 + id, "saldo": "x", "estado": fmt.Sprintf("Estado %d", id)})
	}
	provider, log := connect(t, address)
	loadedDirectory(t, provider)
	if lines := log.matching(`"count":50`, `1018,1019]`); len(lines) != 1 {
		t.Errorf("%d log lines that count 50 services and name 20, want 1: %q", len(lines), log.matching())
	}
	if got := len(log.matching("unknown label")); got != maxReported {
		t.Errorf("logged %d unknown labels, want %d", got, maxReported)
	}
}

func TestDirectory_References(t *testing.T) {
	t.Parallel()
	reference := func(id int, name string) map[string]any { return map[string]any{"id": id, "nombre": name} }
	directory := directoryOf(t,
		map[string]any{"id_servicio": 3, "zona": reference(2, "Sur"), "router": reference(5, "R5"), "sectorial": reference(8, "S8")},
		map[string]any{"id_servicio": 1, "zona": reference(1, "Norte"), "router": reference(4, "R4")},
		map[string]any{"id_servicio": 2, "zona": reference(1, "Norte"), "zona_otra": 1, "sectorial": reference(0, "none")},
	)
	if len(directory.zones()) != 2 || directory.zones()[0].Name != "Norte" || directory.zones()[1].ID != "zone:2" {
		t.Errorf("zones = %+v, want Norte, Sur", directory.zones())
	}
	if len(directory.routers()) != 2 || len(directory.sectors()) != 1 {
		t.Errorf("%d routers and %d sectors, want 2 and 1", len(directory.routers()), len(directory.sectors()))
	}
	if directory.byID(1).Zone != directory.byID(2).Zone {
		t.Error("two clients have copies of one zone, want a shared record")
	}
}

// Databases write "no date" as year 1. Old time zones were not whole minutes.
func TestDirectory_DateFormats(t *testing.T) {
	t.Parallel()
	forms := map[string]Date{
		"8/05/2026": "2026-05-08", "08/05/2026": "2026-05-08", "8/5/2026 10:30": "2026-05-08", "08/05/2026 10:30:15": "2026-05-08",
		"2026-05-08": "2026-05-08", "2026-05-08 10:30:15": "2026-05-08", "2026-05-08T10:30:15": "2026-05-08",
		"2026-05-08T10:30:15-05:00": "2026-05-08", "2026-05-08T02:00:00Z": "2026-05-07", "05/31/2026": "2026-05-31",
		"01/01/0001": "", "0000-00-00": "", "": "", "8 de mayo": "", "2026-13-01": "",
	}
	for text, want := range forms {
		directory := directoryOf(t, map[string]any{"id_servicio": 1, "fecha_corte": text, "fecha_instalacion": text})
		client := directory.clients[0]
		if client.CutOffDate != want || DateOf(client.InstalledAt) != want {
			t.Errorf("date %q = cut-off %q, installed %v, want %q", text, client.CutOffDate, client.InstalledAt, want)
		}
		if client.CutOffText != text {
			t.Errorf("date %q: CutOffText = %q, want the original text", text, client.CutOffText)
		}
	}
}

func TestDirectory_VersionsIncrease(t *testing.T) {
	t.Parallel()
	_, provider := open(t, 5)
	before := loadedDirectory(t, provider)
	if err := refresh(t, provider); err != nil {
		t.Fatal(err)
	}
	if after := loadedDirectory(t, provider); after.version <= before.version || after.asOf.Before(before.asOf) {
		t.Errorf("version %d, AsOf %v, want later than version %d, AsOf %v", after.version, after.asOf, before.version, before.asOf)
	}
	if _, offset := before.asOf.Zone(); offset != -5*60*60 {
		t.Errorf("asOf = %v, want the provider's time zone", before.asOf)
	}
	if time.Since(before.asOf) > time.Minute {
		t.Errorf("asOf = %v, want now", before.asOf)
	}
}
