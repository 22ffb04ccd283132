package wisphubtest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// wantClientKeys are the 54 keys of a row. The lines are those of the specification's table.
var wantClientKeys = strings.Fields(`
	id_servicio
	usuario
	nombre
	email email_cc razon_social
	tipo_persona
	cedula direccion localidad ciudad
	telefono
	descuento saldo
	rfc
	informacion_adicional
	notificacion_sms aviso_pantalla notificaciones_push auto_activar_servicio firewall
	servicio
	password_servicio
	server_hotspot
	ip
	ip_local
	estado
	modelo_antena
	password_cpe mac_cpe interfaz_lan modelo_router_wifi
	ip_router_wifi
	mac_router_wifi usuario_router_wifi password_router_wifi ssid_router_wifi password_ssid_router_wifi
	comentarios coordenadas costo_instalacion
	precio_plan
	forma_contratacion
	sn_onu
	estado_facturas
	fecha_instalacion
	fecha_cancelacion
	fecha_corte
	ultimo_cambio
	plan_internet zona
	router
	sectorial
	tecnico`)

// keyOrder returns the keys of a JSON object in their order.
func keyOrder(t *testing.T, data []byte) []string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	var order []string
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, key.(string))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return order
}

func TestListClients_Keys(t *testing.T) {
	t.Parallel()
	if len(wantClientKeys) != 54 {
		t.Fatalf("wantClientKeys has %d keys, want 54", len(wantClientKeys))
	}
	s := newServer(100, nil)
	var p struct{ Results []json.RawMessage }
	decode(t, do(s, "GET", "/api/clientes/"), &p)
	for i, row := range p.Results {
		if got := keyOrder(t, row); !slices.Equal(got, wantClientKeys) {
			t.Fatalf("keys of row %d = %v, want %v", i, got, wantClientKeys)
		}
	}
}

func TestListClients_CompactUTF8(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	row := s.Row(26)
	row["nombre"] = "Íñigo <Peña> & Cía"
	s.PutRow(row)
	body := do(s, "GET", "/api/clientes/").Body.String()
	if !strings.Contains(body, `"nombre":"Íñigo <Peña> & Cía","email":`) {
		t.Errorf("body = %.300s, want UTF-8 letters and no spaces", body)
	}
}

func TestGetClient_Detail(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	s.PutRow(clientSeven(s))
	want := strings.Fields(`id_servicio usuario nombre usuario_rb ip estado facturas_pagadas firewall auto_activar_servicio
		forma_contratacion comentarios fecha_registro fecha_instalacion fecha_cancelacion mac_cpe ip_router_wifi
		ssid_router_wifi plan_internet zona router tecnico`)
	if got := keyOrder(t, do(s, "GET", "/api/clientes/7/").Body.Bytes()); !slices.Equal(got, want) {
		t.Errorf("keys of the detail = %v, want %v", got, want)
	}
	row, detail := s.Row(7), get(t, s, "/api/clientes/7/")
	if detail["usuario_rb"] != row["servicio"] || detail["ip"] != row["ip"] || detail["estado"] != row["estado"] {
		t.Errorf("detail = %v, want user, address and state of row %v", detail, row)
	}
	if detail["facturas_pagadas"] != false {
		t.Errorf("facturas_pagadas = %v with an open invoice, want false", detail["facturas_pagadas"])
	}
}

func TestGetProfile(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	s.PutRow(filterClient())
	profile := get(t, s, "/api/clientes/7/perfil/")
	for key, want := range map[string]any{
		"nombre": "Ana Sofía", "apellidos": "Peñalver Ñustes", "cedula": "77-1", "saldo": "0.00", "ciudad": "Sutatausa",
		"telefono": "3000000001,3000000002",
	} {
		if profile[key] != want {
			t.Errorf("profile[%q] = %v, want %v", key, profile[key], want)
		}
	}
}

func TestSplitName(t *testing.T) {
	t.Parallel()
	for full, want := range map[string][2]string{
		"": {"", ""}, "Ana": {"Ana", ""}, "Ana Pérez ": {"Ana", "Pérez"}, "Ana  Pérez Gil": {"Ana", "Pérez Gil"},
		"Ana del Carmen Pérez Gil": {"Ana del Carmen", "Pérez Gil"},
	} {
		if given, family := splitName(full); given != want[0] || family != want[1] {
			t.Errorf("splitName(%q) = %q, %q, want %q", full, given, family, want)
		}
	}
}

func TestGetBalance(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	row := clientSeven(s)
	row["estado_facturas"] = "Vencidas"
	row["router"] = map[string]any{"id": 6, "nombre": "Guatapé", "falla_general": true}
	row["sectorial"] = nil
	s.PutRow(row)
	balance := get(t, s, "/api/clientes/7/saldo/")
	if balance["saldo"] != 130_000.0 || balance["sectorial"] != nil || balance["username"] != row["usuario"] {
		t.Errorf("balance = %v, want 130000, no sector and the row's user", balance)
	}
	invoices := balance["facturas"].([]any)
	if len(invoices) != 2 {
		t.Fatalf("invoices = %v, want two", invoices)
	}
	last := invoices[1].(map[string]any)
	if last["total"] != 65_000.0 || last["fecha_emision"] != "2026-04-28" || last["fecha_vencimiento"] != "2026-05-08" {
		t.Errorf("invoice = %v, want 65000 from 2026-04-28 to 2026-05-08", last)
	}
	router := balance["router"].(map[string]any)
	if router["ip"] != "192.0.2.6" || router["falla_general"] != true {
		t.Errorf("router = %v, want its address and its failure", router)
	}
	if url := balance["url_pago"].(string); !strings.HasPrefix(url, "http://clientes.portalinternet.net/saldo/demo-isp/") {
		t.Errorf("url_pago = %q, want the portal's", url)
	}

	row["estado_facturas"], row["router"] = "Pagadas", nil
	s.PutRow(row)
	body := do(s, "GET", "/api/clientes/7/saldo/").Body.String()
	if !strings.Contains(body, `"saldo":0,"facturas":[],"router":null`) {
		t.Errorf("balance of client with a carried debt and no invoice = %s, want 0, [] and null", body)
	}
}

func TestGetPlan_Families(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	for target, status := range map[string]int{
		"/api/plan-internet/pppoe/3/": 200, "/api/plan-internet/queue/3/": 404,
		"/api/plan-internet/queue/8/": 200, "/api/plan-internet/pppoe/8/": 404,
		"/api/plan-internet/pppoe/15/": 404, "/api/plan-internet/queue/15/": 404, "/api/plan-internet/pppoe/99/": 404,
	} {
		if got := do(s, "GET", target).Code; got != status {
			t.Errorf("GET %s = %d, want %d", target, got, status)
		}
	}
	plan := get(t, s, "/api/plan-internet/pppoe/3/")
	if plan["nombre"] != "Plan 50 Fibra" || plan["precio"] != "65000.00" || plan["bajada"] != "50M" || plan["perfil"] != "fibra-50" {
		t.Errorf("plan 3 = %v, want its name, price, speed and profile", plan)
	}
	if queue := get(t, s, "/api/plan-internet/queue/8/"); queue["perfil"] != nil || queue["bajada"] != "4" {
		t.Errorf("plan 8 = %v, want no profile and a speed without a unit", queue)
	}
}

func TestCatalogues_Keys(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	for target, want := range map[string]string{
		"/api/plan-internet/":  "id nombre tipo",
		"/api/zonas/":          "id nombre",
		"/api/router/":         "id nombre ip falla_general falla_general_descripcion",
		"/api/sectorial/":      "id nombre falla_general falla_general_descripcion",
		"/api/staff/":          "id username nombre email",
		"/api/formas-de-pago/": "id nombre",
	} {
		var p struct{ Results []json.RawMessage }
		decode(t, do(s, "GET", target), &p)
		for _, row := range p.Results {
			if got := strings.Join(keyOrder(t, row), " "); got != want {
				t.Errorf("keys of %s = %q, want %q", target, got, want)
			}
		}
	}
}
