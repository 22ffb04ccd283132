package wisphubtest

import (
	"bytes"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestNew_SameSeedGivesSameClients(t *testing.T) {
	t.Parallel()
	body := func(seed uint64, clients int) []byte {
		return do(New(Config{Clients: clients, Seed: seed, Now: today}), "GET", "/api/clientes/?limit=100").Body.Bytes()
	}
	if !bytes.Equal(body(1, 500), body(1, 500)) {
		t.Error("the same seed gives different clients, want equal")
	}
	if bytes.Equal(body(1, 500), body(2, 500)) {
		t.Error("another seed gives the same clients, want different ones")
	}
	results := func(b []byte) []byte { return b[bytes.Index(b, []byte(`"results"`)):] }
	if !bytes.Equal(results(body(1, 500)), results(body(1, 2_000))) {
		t.Error("a larger provider has different first clients, want equal")
	}
}

// clientShares are the believable ranges of a property, per thousand rows.
var clientShares = map[string]struct {
	from, to int
	has      func(row map[string]any) bool
}{
	"active":            {760, 840, fieldEquals("estado", "Activo")},
	"suspended":         {90, 150, fieldEquals("estado", "Suspendido")},
	"cancelled":         {40, 80, fieldEquals("estado", "Cancelado")},
	"free":              {8, 35, fieldEquals("estado", "Gratis")},
	"phone list":        {300, 500, func(row map[string]any) bool { return strings.Contains(row["telefono"].(string), ",") }},
	"phone with prefix": {50, 250, func(row map[string]any) bool { return strings.Contains(row["telefono"].(string), "+57") }},
	"no phone":          {20, 70, fieldEquals("telefono", "")},
	"no document":       {15, 60, fieldEquals("cedula", "")},
	"no email":          {800, 950, fieldEquals("email", "")},
	"no balance":        {800, 900, fieldEquals("saldo", "0.00")},
	"credit":            {30, 80, func(row map[string]any) bool { return strings.HasPrefix(row["saldo"].(string), "-") }},
	"nothing to pay":    {600, 800, fieldEquals("estado_facturas", "Pagadas")},
	"one to pay":        {150, 350, fieldEquals("estado_facturas", "Pendiente de Pago")},
	"late":              {20, 120, fieldEquals("estado_facturas", "Vencidas")},
	"no cut-off":        {15, 50, fieldEquals("fecha_corte", "")},
	"null cut-off":      {8, 45, fieldEquals("fecha_corte", nil)},
	"no technician":     {440, 560, fieldEquals("tecnico", nil)},
	"no sector":         {540, 660, fieldEquals("sectorial", nil)},
	"no zone":           {3, 25, fieldEquals("zona", nil)},
	"no plan":           {3, 25, fieldEquals("plan_internet", nil)},
	"no user":           {1, 15, fieldEquals("usuario", nil)},
	"trailing space":    {20, 90, func(row map[string]any) bool { return strings.HasSuffix(row["nombre"].(string), " ") }},
	"accent": {850, 1000, func(row map[string]any) bool {
		return accentPattern.MatchString(text(row["nombre"]))
	}},
	"unpadded cut-off":   {300, 650, func(row map[string]any) bool { return cutOffPattern.MatchString(text(row["fecha_corte"])) }},
	"technician no name": {100, 250, func(row map[string]any) bool { return relationName(row["tecnico"]) == "" }},
	"coordinates":        {600, 800, func(row map[string]any) bool { return row["coordenadas"] != "" }},
	"password":           {1000, 1000, func(row map[string]any) bool { return row["password_servicio"] != "" }},
}

var (
	cutOffPattern = regexp.MustCompile(`^[58]/0[2-6]/2026$`)
	accentPattern = regexp.MustCompile(`[áéíóúüñÁÉÍÓÚÜÑ]`)
)

// relationName returns nil for a null relation.
func relationName(relation any) any {
	r, _ := relation.(map[string]any)
	return r["nombre"]
}

func fieldEquals(key string, want any) func(map[string]any) bool {
	return func(row map[string]any) bool { return row[key] == want }
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

func TestNew_ClientsAreBelievable(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 3_000, Seed: 7, Now: today})
	have := make(map[string]int)
	services := make(map[string]int)
	for _, id := range s.IDs() {
		row := s.Row(id)
		for name, share := range clientShares {
			if share.has(row) {
				have[name]++
			}
		}
		services[text(row["cedula"])]++
		checkDates(t, row)
	}
	for name, share := range clientShares {
		if got := have[name] / 3; got < share.from || got > share.to {
			t.Errorf("%s: %d of 1000 rows, want %d to %d", name, got, share.from, share.to)
		}
	}
	checkSharedDocuments(t, services)
	if ids := s.IDs(); ids[len(ids)-1]-ids[0] < 3_300 {
		t.Errorf("ids run from %d to %d, want gaps", ids[0], ids[len(ids)-1])
	}
}

func checkSharedDocuments(t *testing.T, services map[string]int) {
	t.Helper()
	delete(services, "")
	shared := 0
	for document, n := range services {
		if n > 3 {
			t.Errorf("document %s has %d services, want at most 3", document, n)
		}
		if n > 1 {
			shared++
		}
	}
	if rate := shared * 1000 / len(services); rate < 50 || rate > 110 {
		t.Errorf("%d of 1000 customers have several services, want about 80", rate)
	}
}

func checkDates(t *testing.T, row map[string]any) {
	t.Helper()
	installed, err := time.ParseInLocation(rowTimeLayout, text(row["fecha_instalacion"]), bogota)
	if err != nil || installed.After(today) {
		t.Errorf("fecha_instalacion = %v, want a time before today", row["fecha_instalacion"])
	}
	changed, err := time.ParseInLocation(rowTimeLayout, text(row["ultimo_cambio"]), bogota)
	if err != nil || changed.After(today) || changed.Before(installed) {
		t.Errorf("ultimo_cambio = %v, want after %v and before today", row["ultimo_cambio"], installed)
	}
	if cancelled := row["fecha_cancelacion"] != nil; cancelled != (row["estado"] == "Cancelado") {
		t.Errorf("fecha_cancelacion = %v in state %v, want it only for Cancelado", row["fecha_cancelacion"], row["estado"])
	}
	if day := text(row["fecha_corte"]); day != "" {
		if at, err := time.Parse(cutOffLayout, day); err != nil || at.Sub(today).Abs() > 100*24*time.Hour {
			t.Errorf("fecha_corte = %q, want a day near today", day)
		}
	}
}

func TestSharedIDs_NameDifferentPlaces(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	zones, routers := list(t, s, "/api/zonas/").Results, list(t, s, "/api/router/").Results
	different := 0
	for i := range zones {
		if zones[i]["id"] != routers[i]["id"] {
			t.Errorf("zone id %v with router id %v, want equal ids", zones[i]["id"], routers[i]["id"])
		}
		if zones[i]["nombre"] != routers[i]["nombre"] {
			different++
		}
	}
	if different == 0 {
		t.Error("every router has the name of the zone with its id, want some different")
	}
	for i, town := range towns {
		if routerTowns[town.router] != town.city || zones[i]["nombre"] != town.city {
			t.Errorf("town %s has router %s and zone %v, want equal names", town.city, routerTowns[town.router], zones[i]["nombre"])
		}
	}
}

func TestNew_SixtyThousandClients(t *testing.T) {
	t.Parallel()
	s := New(Config{Clients: 60_000, Now: today})
	p := list(t, s, "/api/clientes/?limit=300&offset=59700")
	if p.Count != 60_000 || len(p.Results) != 300 || p.Next != nil {
		t.Errorf("last page: count %d with %d rows, want 60000 with 300 and no next", p.Count, len(p.Results))
	}
}

// The race detector needs this test. Without it, the test checks that every request counts.
func TestServer_ConcurrentUse(t *testing.T) {
	t.Parallel()
	s := newServer(600, nil)
	var callers sync.WaitGroup
	for n := range 8 {
		callers.Go(func() {
			for range 20 {
				do(s, "GET", "/api/clientes/?limit=300&offset=0&estado=1")
				do(s, "GET", "/api/clientes/?limit=300&offset=300")
				do(s, "GET", "/api/clientes/26/saldo/")
				s.PutRow(map[string]any{"id_servicio": 10_000 + n})
				s.SetFaults(Faults{ErrorRate: 0.1, AppearBetweenPages: n%2 == 0})
				s.SetQuirks(DefaultQuirks())
				s.Forbid("/api/staff/")
				s.DeleteRow(10_000 + n)
				s.Log()
				s.Requests()
			}
		})
	}
	callers.Wait()
	if got := s.Total(); got != 8*20*3 {
		t.Errorf("Total() = %d, want %d", got, 8*20*3)
	}
}

func BenchmarkNew60000(b *testing.B) {
	for b.Loop() {
		New(Config{Clients: 60_000, Now: today})
	}
}

func BenchmarkPage(b *testing.B) {
	s := New(Config{Clients: 60_000, Now: today})
	for b.Loop() {
		serve(s, httptest.NewRequest("GET", "/api/clientes/?limit=300&offset=30000", nil))
	}
}

func BenchmarkFilter(b *testing.B) {
	s := New(Config{Clients: 60_000, Now: today})
	for b.Loop() {
		serve(s, httptest.NewRequest("GET", "/api/clientes/?limit=300&nombre__contains=nadie", nil))
	}
}
