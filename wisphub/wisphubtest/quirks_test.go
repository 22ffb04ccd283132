package wisphubtest

import (
	"crypto/tls"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Each quirk of responses is on by default, and has an effect when it is off.
var responseQuirks = map[string]struct {
	off    func(*Quirks)
	target string
	with   string // in the status and body while the quirk is on
	no     string // in the status and body while it is off
}{
	"PlainHTTPLinks": {
		func(q *Quirks) { q.PlainHTTPLinks = false },
		"https://here/api/clientes/?limit=1", `"http://`, `"https://`,
	},
	"LinksToOtherHost": {
		func(q *Quirks) { q.LinksToOtherHost = false },
		"http://here/api/clientes/?limit=1", `//wisphub.invalid/api`, `//here/api`,
	},
	"CapLimit": {
		func(q *Quirks) { q.CapLimit = false },
		"/api/clientes/?limit=400", `limit=300&offset=300`, `"next":null`,
	},
	"IgnoreUnknownFilters": {
		func(q *Quirks) { q.IgnoreUnknownFilters = false },
		"/api/clientes/?zona=99&limit=1", `{"count":310,`, `400 {"zona":["Filtro desconocido."]}`,
	},
	"EmptyOnWrongType": {
		func(q *Quirks) { q.EmptyOnWrongType = false },
		"/api/clientes/?estado=Activo", `{"count":0,`, `400 {"estado":["\"Activo\" no es una elección válida."]}`,
	},
	"ExactPhone": {
		func(q *Quirks) { q.ExactPhone = false },
		"/api/clientes/?telefono=3000000002", `{"count":0,`, `{"count":1,`,
	},
	"HTMLErrors": {
		func(q *Quirks) { q.HTMLErrors = false },
		"/api/pagos/", "404 <!DOCTYPE html>", `404 {"detail"`,
	},
	"RefuseWrongHost": {
		func(q *Quirks) { q.RefuseWrongHost = false },
		"http://www.here/api/zonas/", "403 <html>", `200 {"count"`,
	},
	"RedirectMissingSlash": {
		func(q *Quirks) { q.RedirectMissingSlash = false },
		"/api/zonas", "301 ", `200 {"count"`,
	},
	"OtherDetail": {
		func(q *Quirks) { q.OtherDetail = false },
		"/api/clientes/7/", `"usuario_rb":`, `"telefono":`,
	},
	"NullNamesInDetail": {
		func(q *Quirks) { q.NullNamesInDetail = false },
		"/api/clientes/7/", `"nombre":null,`, `{"id_servicio":7,"usuario_rb"`,
	},
	"NoCutOffInDetail": {
		func(q *Quirks) { q.NoCutOffInDetail = false },
		"/api/clientes/7/", `"fecha_cancelacion":null,"mac_cpe"`, `"fecha_corte":"8/05/2026"`,
	},
	"PlanFamilies": {
		func(q *Quirks) { q.PlanFamilies = false },
		"/api/plan-internet/queue/15/", `404 {"detail"`, `200 {"nombre":"PCQ Veredas"`,
	},
	"NumbersInBalance": {
		func(q *Quirks) { q.NumbersInBalance = false },
		"/api/clientes/7/saldo/", `"saldo":65000,`, `"saldo":"65000.00",`,
	},
	"BalanceOfInvoices": {
		func(q *Quirks) { q.BalanceOfInvoices = false },
		"/api/clientes/7/saldo/", `"saldo":65000,`, `"saldo":65300.5,`,
	},
	"TicketWindow": {
		func(q *Quirks) { q.TicketWindow = false },
		"/api/tickets/?limit=1", `{"count":16,`, `{"count":216,`,
	},
	"RefuseWideRange": {
		func(q *Quirks) { q.RefuseWideRange = false },
		"/api/tickets/?fecha_creacion_0=2025-12-01&fecha_creacion_1=2026-04-30", `400 {"error":"El rango`, `200 {"count":`,
	},
}

// clientSeven is a client for the tests above.
func clientSeven(s *Server) map[string]any {
	row := s.Row(s.IDs()[0])
	row["id_servicio"] = 7
	row["telefono"] = "3000000001, +57 300 0000002"
	row["precio_plan"], row["saldo"] = "65000.00", "300.50"
	row["estado_facturas"], row["fecha_corte"], row["fecha_cancelacion"] = "Pendiente de Pago", "8/05/2026", nil
	return row
}

func TestQuirks_OfResponses(t *testing.T) {
	t.Parallel()
	for name, test := range responseQuirks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(309, nil)
			s.PutRow(clientSeven(s))
			if got := statusAndBody(s, test.target); !strings.Contains(got, test.with) || strings.Contains(got, test.no) {
				t.Errorf("GET %s = %.300s, want %q and not %q", test.target, got, test.with, test.no)
			}
			q := DefaultQuirks()
			test.off(&q)
			s.SetQuirks(q)
			if got := statusAndBody(s, test.target); !strings.Contains(got, test.no) || strings.Contains(got, test.with) {
				t.Errorf("GET %s without the quirk = %.300s, want %q and not %q", test.target, got, test.no, test.with)
			}
		})
	}
}

// statusAndBody returns the status and the body of a GET.
func statusAndBody(s *Server, target string) string {
	r := httptest.NewRequest("GET", target, nil)
	if strings.HasPrefix(target, "https:") {
		r.TLS = &tls.ConnectionState{}
	}
	w := serve(s, r)
	return strings.Join([]string{w.Result().Status[:3], w.Body.String()}, " ")
}

func TestQuirks_ForbidBadKeyOff(t *testing.T) {
	t.Parallel()
	s := newServer(1, func(q *Quirks) { q.ForbidBadKey = false })
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/api/clientes/", nil))
	wantResponse(t, w, 401, jsonPrefix, `{"detail":`)
	if got := w.Header().Get("WWW-Authenticate"); got != "Api-Key" {
		t.Errorf("WWW-Authenticate = %q, want Api-Key", got)
	}
	s.Forbid("/api/clientes/")
	wantResponse(t, do(s, "GET", "/api/clientes/"), 403, jsonPrefix, noPermission)
}

// dataQuirks tells which rows show a quirk of the data.
var dataQuirks = map[string]struct {
	off   func(*Quirks)
	shows func(row map[string]any) bool
}{
	"TextMoney": {func(q *Quirks) { q.TextMoney = false }, func(row map[string]any) bool {
		_, text := row["saldo"].(string)
		_, price := row["precio_plan"].(string)
		return text && price
	}},
	"PhoneLists": {func(q *Quirks) { q.PhoneLists = false }, func(row map[string]any) bool {
		return strings.ContainsAny(row["telefono"].(string), ",+ ")
	}},
	"LooseCutOff": {func(q *Quirks) { q.LooseCutOff = false }, func(row map[string]any) bool {
		text, _ := row["fecha_corte"].(string)
		return len(text) < len("08/05/2026")
	}},
	"NullValues": {func(q *Quirks) { q.NullValues = false }, func(row map[string]any) bool {
		technician, _ := row["tecnico"].(map[string]any)
		return technician["nombre"] == nil || technician["nombre"] == "" || row["sectorial"] == nil || row["usuario"] == nil
	}},
	"SecretsInRows": {func(q *Quirks) { q.SecretsInRows = false }, func(row map[string]any) bool {
		return row["password_servicio"] != "" || row["password_router_wifi"] != "" || row["coordenadas"] != ""
	}},
	"LooseNames": {func(q *Quirks) { q.LooseNames = false }, func(row map[string]any) bool {
		name := row["nombre"].(string)
		return strings.HasSuffix(name, " ") || strings.Contains(name, "  ")
	}},
}

func TestQuirks_OfData(t *testing.T) {
	t.Parallel()
	for name, test := range dataQuirks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := countShowing(t, newServer(300, nil), test.shows); n == 0 {
				t.Errorf("no row shows %s, want some", name)
			}
			if n := countShowing(t, newServer(300, test.off), test.shows); n != 0 {
				t.Errorf("%d rows show %s while off, want 0", n, name)
			}
		})
	}
}

func countShowing(t *testing.T, s *Server, shows func(map[string]any) bool) int {
	t.Helper()
	n := 0
	for _, row := range list(t, s, "/api/clientes/").Results {
		if shows(row) {
			n++
		}
	}
	return n
}

func TestQuirks_OfCatalogues(t *testing.T) {
	t.Parallel()
	plain := func(q *Quirks) {
		q.MixedPlanCase, q.SharedIDs, q.TextMoney, q.NullValues = false, false, false, false
		q.NullDescriptions = true
	}
	for _, test := range []struct{ target, with, without string }{
		{"/api/plan-internet/", `"tipo":"PPPOE"`, `{"id":3,"nombre":"Plan 50 Fibra","tipo":"PPPoE"}`},
		{"/api/router/", `{"id":1,"nombre":"Marinilla","ip":"192.0.2.1"`, `{"id":101,"nombre":"Marinilla"`},
		{"/api/plan-internet/pppoe/7/", `"precio":"199900.00"`, `"precio":199900,`},
		{"/api/staff/", `"nombre":""`, `"nombre":"Soporte"`},
		{"/api/sectorial/", `"falla_general_descripcion":""`, `"falla_general_descripcion":null`},
		{"/api/clientes/", `"informacion_adicional":""`, `"informacion_adicional":null`},
	} {
		if got := statusAndBody(newServer(1, nil), test.target); !strings.Contains(got, test.with) || strings.Contains(got, test.without) {
			t.Errorf("GET %s = %.400s, want %q and not %q", test.target, got, test.with, test.without)
		}
		if got := statusAndBody(newServer(1, plain), test.target); !strings.Contains(got, test.without) || strings.Contains(got, test.with) {
			t.Errorf("GET %s without the quirk = %.400s, want %q and not %q", test.target, got, test.without, test.with)
		}
	}
}

// Every attested quirk is on by default.
func TestDefaultQuirks(t *testing.T) {
	t.Parallel()
	quirks := reflect.ValueOf(DefaultQuirks())
	for field := range quirks.Type().Fields() {
		off := []string{"NullDescriptions", "TextSubjects", "NoUnknownTask", "EmptyProfileAnswer", "WarningSentences"}
		want := !slices.Contains(off, field.Name)
		if got := quirks.FieldByName(field.Name).Bool(); got != want {
			t.Errorf("DefaultQuirks().%s = %t, want %t", field.Name, got, want)
		}
	}
}
