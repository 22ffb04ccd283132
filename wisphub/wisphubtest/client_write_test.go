package wisphubtest

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// send sends a body with the API key.
func send(s *Server, method, target, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return serve(s, r)
}

// newClientServer returns a server with one known client, 26.
func newClientServer(change func(*Quirks)) *Server {
	s := newServer(1, change)
	row := s.Row(firstID)
	row["nombre"], row["telefono"], row["saldo"], row["estado"] = "Ana María Pérez ", "3000000001", "0.00", "Activo"
	row["estado_facturas"], row["ip"], row["mac_cpe"] = "Pendiente de Pago", "10.0.0.77", "02:00:00:00:00:77"
	row["notificacion_sms"], row["comentarios"] = false, ""
	s.PutRow(row)
	return s
}

const profilePath = "/api/clientes/26/perfil/"

func TestPutProfile(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"PUT", "PATCH"} {
		s := newClientServer(nil)
		before := s.Row(firstID)
		wantResponse(t, send(s, method, profilePath, jsonType,
			`{"telefono": "3000000009", "cedula": 1000000009, "direccion": "Calle <1>", "localidad": "", "ciudad": "Cali",
			"saldo": "-1200.5", "estado": 2, "email": "otra@example.com", "nada": null}`), 200, jsonPrefix, `"telefono":"3000000009"`)
		want := map[string]any{
			"telefono": "3000000009", "cedula": "1000000009", "direccion": "Calle <1>", "localidad": "", "ciudad": "Cali",
			"saldo": "-1200.50",
		}
		row := list(t, s, "/api/clientes/?telefono=3000000009").Results[0]
		for key, value := range before {
			if changed, is := want[key]; is {
				value = changed
			}
			if fmt.Sprint(row[key]) != fmt.Sprint(value) {
				t.Errorf("%s: %s in the list = %v, want %v", method, key, row[key], value)
			}
		}
		if profile := get(t, s, profilePath); profile["saldo"] != "-1200.50" || profile["nombre"] != "Ana" {
			t.Errorf("%s: profile = %v, want saldo -1200.50 and the old name", method, profile)
		}
	}
}

// The row shows one name, the profile its two parts as they were written.
func TestPutProfile_Name(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	for _, step := range []struct{ body, full, given, family string }{
		{`{"nombre": "Luz Dary"}`, "Luz Dary María Pérez", "Luz Dary", "María Pérez"},
		{`{"apellidos": "Gil"}`, "Luz Dary Gil", "Luz Dary", "Gil"},
		{`{"telefono": "1"}`, "Luz Dary Gil", "Luz Dary", "Gil"},
		{`{"apellidos": ""}`, "Luz Dary", "Luz Dary", ""},
		{`{"nombre": "Eva", "apellidos": "Paz"}`, "Eva Paz", "Eva", "Paz"},
	} {
		wantResponse(t, send(s, "PUT", profilePath, jsonType, step.body), 200, jsonPrefix, `"nombre":"`+step.given+`"`)
		profile := get(t, s, profilePath)
		if s.Row(firstID)["nombre"] != step.full || profile["nombre"] != step.given || profile["apellidos"] != step.family {
			t.Errorf("after %s: row %q, profile %v, want %q, %q and %q",
				step.body, s.Row(firstID)["nombre"], profile, step.full, step.given, step.family)
		}
	}
	row := s.Row(firstID)
	row["nombre"] = "Otro Nombre Entero"
	s.PutRow(row)
	if profile := get(t, s, profilePath); profile["nombre"] != "Otro" || profile["apellidos"] != "Nombre Entero" {
		t.Errorf("profile after PutRow = %v, want the name of the row", profile)
	}
}

func TestPutProfile_RejectsBadInput(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	before := fmt.Sprint(s.Row(firstID))
	for _, test := range []struct {
		target, contentType, body string
		status                    int
		want                      string
	}{
		{profilePath, jsonType, `{"telefono": null}`, 400, `{"telefono":["Este campo no puede ser nulo."]}`},
		{profilePath, jsonType, `{"ciudad": "Cali", "telefono": true, "saldo": "mucho"}`, 400,
			`{"saldo":["Se requiere un número válido."],"telefono":["No es una cadena válida."]}`},
		{profilePath, jsonType, `{"saldo": "1.234"}`, 400, "saldo"},
		{profilePath, jsonType, `{"saldo": []}`, 400, "saldo"},
		{profilePath, jsonType, `{"ciudad": "Cali"`, 400, `{"detail":"JSON parse error`},
		{profilePath, jsonType, `[]`, 400, "non_field_errors"},
		{profilePath, urlEncoded, `ciudad=Cali`, 415, `{"detail":`},
		{profilePath, "", `{"ciudad": "Cali"}`, 415, `{"detail":`},
		{"/api/clientes/9/perfil/", jsonType, `{"ciudad": "Cali"}`, 404, "No encontrado."},
		{profilePath, jsonType, strings.Repeat(" ", maxBody+1), 413, ""},
	} {
		wantResponse(t, send(s, "PUT", test.target, test.contentType, test.body), test.status, "", test.want)
	}
	if got := fmt.Sprint(s.Row(firstID)); got != before {
		t.Errorf("row after rejected updates = %s, want it unchanged", got)
	}
	wantResponse(t, send(s, "PUT", strings.TrimSuffix(profilePath, "/"), jsonType, `{"ciudad": "Cali"}`), 301, htmlPrefix, "")
}

func TestPutProfile_EmptyProfileAnswer(t *testing.T) {
	t.Parallel()
	s := newClientServer(func(q *Quirks) { q.EmptyProfileAnswer, q.TextMoney = true, false })
	row := s.Row(firstID)
	row["saldo"] = 0
	s.PutRow(row)
	if w := send(s, "PUT", profilePath, jsonType, `{"saldo": 1200}`); w.Code != 204 || w.Body.Len() != 0 || len(w.Header()) != 0 {
		t.Errorf("response = %d %q %v, want 204 without a body or headers", w.Code, w.Body, w.Header())
	}
	if got := s.Row(firstID)["saldo"]; got != 1200.0 {
		t.Errorf("saldo = %v, want the number 1200, because the row had a number", got)
	}
}

func TestPutClient_EchoDetail(t *testing.T) {
	t.Parallel()
	const body = `{"telefono": "1", "estado": 2, "saldo": "5.00", "email": "x", "direccion": "y", "comentarios": "Nuevo",
		"auto_activar_servicio": "z", "notificacion_sms": true, "id_servicio": 5}`
	for _, method := range []string{"PUT", "PATCH"} {
		s := newClientServer(nil)
		before := s.Row(firstID)
		wantResponse(t, send(s, method, "/api/clientes/26/", jsonType, body), 200, jsonPrefix, `"telefono":"1"`)
		row := s.Row(firstID)
		for _, key := range []string{"telefono", "estado", "saldo", "email", "direccion"} {
			if row[key] != before[key] {
				t.Errorf("%s: %s = %v, want %v, because it is only echoed", method, key, row[key], before[key])
			}
		}
		if row["comentarios"] != "Nuevo" || row["auto_activar_servicio"] != "z" || row["notificacion_sms"] != true {
			t.Errorf("%s: row = %v, want the three persisted fields changed", method, row)
		}
	}
	s := newClientServer(func(q *Quirks) { q.EchoDetail = false })
	send(s, "PUT", "/api/clientes/26/", jsonType, body)
	if row := s.Row(firstID); row["telefono"] != "1" || s.Row(5) != nil {
		t.Errorf("row without the quirk = %v, want telefono changed and no new id", row)
	}
	wantResponse(t, send(s, "PUT", "/api/clientes/9/", jsonType, body), 404, jsonPrefix, "")
	wantResponse(t, send(s, "PATCH", "/api/clientes/26/", urlEncoded, "a=b"), 415, jsonPrefix, "")
}

func TestPatchClient_BreakOnZone(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	wantResponse(t, send(s, "PATCH", "/api/clientes/26/", jsonType, `{"zona": 3, "comentarios": "x"}`), 500, htmlPrefix, "")
	if got := s.Row(firstID)["comentarios"]; got != "" {
		t.Errorf("comentarios after a 500 = %v, want it unchanged", got)
	}
	wantResponse(t, send(s, "PUT", "/api/clientes/26/", jsonType, `{"zona": 3}`), 200, jsonPrefix, `"zona":3`)
	s = newClientServer(func(q *Quirks) { q.BreakOnZone = false })
	wantResponse(t, send(s, "PATCH", "/api/clientes/26/", jsonType, `{"zona": 3}`), 200, jsonPrefix, `"zona":3`)
}
