package wisphub

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// clientsJSON is a page of two services: one with all 54 keys, one with no values.
//
//go:embed testdata/clients.json
var clientsJSON string

// Values that a filter may hold and no error may contain.
const (
	secretDocument = "1000000001"
	secretPhone    = "3000000001"
)

func TestClients_List(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/clientes/{$}", answer(t, "limit=2&offset=300", clientsJSON))

	page, err := api.Clients.List(t.Context(), ClientListOptions{ListOptions: ListOptions{Limit: 2, Offset: 300}})
	if err != nil {
		t.Fatalf("Clients.List = %v, want no error", err)
	}
	if page.Count != 7356 || len(page.Rows) != 2 {
		t.Fatalf("Clients.List = %d rows of %d, want 2 of 7356", len(page.Rows), page.Count)
	}
	checkRecord(t, page.Rows[0], Client{
		ID: 26, Username: "0026_cliente@demo-isp", Name: "Ana Pérez", Document: "1000000001", Email: "ana@example.com",
		Phone: "3000000001,3000000002", Address: "Calle 1 # 2-3\r\nCasa 4", Locality: "Centro", City: "Bogotá",
		State: "Activo", InvoiceState: "Pagadas",
		Balance: money("-10.00"), PlanPrice: money("65000.00"), Discount: money("0.00"),
		CutOff:    wall("8/05/2026", "2026-05-08T00:00:00"),
		Installed: wall("30/04/2026 11:07:00", "2026-04-30T11:07:00"),
		Cancelled: wall("1/06/2026", "2026-06-01T00:00:00"),
		Updated:   wall("30/04/2026 11:08:11", "2026-04-30T11:08:11"),
		IP:        "10.0.0.28", LocalIP: "10.0.0.1", MAC: "02:00:00:00:00:1a", LANInterface: "ether1", ONUSerial: "DEMO00000026",
		Comments: `Llamar "antes" de ir`, Coordinates: "4.6097,-74.0817",
		Plan: ref(1, "Plan 10"), Zone: ref(2, "Norte"),
		Router: Object[Router]{&Router{ID: 3, Name: "R3", GeneralFailure: true, GeneralFailureDescription: "Fibra cortada"}},
		Sector: ref(4, "S4"), Technician: ref(5, ""),
	})
	checkRecord(t, page.Rows[1], Client{
		ID: 27, State: "Cancelado", Balance: money("0.00"), PlanPrice: money("0.00"), Discount: money("0.00"),
	})
}

func TestClients_ListFailures(t *testing.T) {
	t.Parallel()
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Clients.List(ctx, ClientListOptions{Document: secretDocument, Phone: secretPhone})
		return err
	})
}

// A malformed row does not cost the others.
func TestClients_ListMalformedRows(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/clientes/{$}", answer(t, "", `{"count": "6", "results": [
		{"id_servicio": "1", "nombre": 5, "saldo": {}, "zona": "Norte", "router": [], "tecnico": 7, "fecha_corte": "hoy"},
		"row", 7, null, ["row"], {"id_servicio": 2, "nombre": "Ana"}]}`))

	page, err := api.Clients.List(t.Context(), ClientListOptions{})
	if err != nil {
		t.Fatalf("Clients.List = %v, want no error", err)
	}
	want := []Client{
		{ID: 1, Name: "5", Balance: Money{Malformed: true}, CutOff: Time{Text: "hoy", Malformed: true}}, {}, {}, {}, {}, {ID: 2, Name: "Ana"},
	}
	if page.Count != 6 || !reflect.DeepEqual(page.Rows, want) {
		t.Errorf("Clients.List = %d, %+v, want 6, %+v", page.Count, page.Rows, want)
	}
}

// Every row of WispHub holds four passwords and the router's user. No decoded row does.
func TestClients_ListHoldsNoSecret(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/clientes/{$}", answer(t, "", clientsJSON))
	if count := strings.Count(clientsJSON, "canary"); count != 6 {
		t.Fatalf("the page has %d secrets, want 6", count)
	}
	page, err := api.Clients.List(t.Context(), ClientListOptions{})
	if err != nil {
		t.Fatalf("Clients.List = %v, want no error", err)
	}
	encoded, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprintf("%+v %#v", page, page.Rows), string(encoded)} {
		if strings.Contains(text, "canary") {
			t.Errorf("Clients.List = %s, want no secret", text)
		}
	}
}

func TestClientListOptions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		options ClientListOptions
		want    string
	}{
		{ClientListOptions{}, ""},
		{ClientListOptions{ListOptions: ListOptions{Limit: -1, Offset: -1}}, ""},
		{ClientListOptions{ListOptions: ListOptions{Limit: 300, Offset: 600}}, "limit=300&offset=600"},
		{ClientListOptions{ServiceID: 26}, "id_servicio=26"},
		{ClientListOptions{Document: "1000000001"}, "cedula=1000000001"},
		{ClientListOptions{Phone: "3000000001,3000000002"}, "telefono=3000000001%2C3000000002"},
		{ClientListOptions{PhoneContains: "3000000001"}, "telefono__contains=3000000001"},
		{ClientListOptions{Username: "0026_cliente@demo-isp"}, "usuario=0026_cliente%40demo-isp"},
		{ClientListOptions{UsernameContains: "0026"}, "usuario__contains=0026"},
		{ClientListOptions{Name: "Ana & Pérez"}, "nombre=Ana+%26+P%C3%A9rez"},
		{ClientListOptions{NameContains: "Ana"}, "nombre__contains=Ana"},
		{ClientListOptions{LastNameContains: "Pérez"}, "apellido__contains=P%C3%A9rez&apellidos__contains=P%C3%A9rez"},
		{ClientListOptions{DocumentContains: "1000"}, "cedula__contains=1000"},
		{ClientListOptions{EmailContains: "@example.com"}, "email__contains=%40example.com"},
		{ClientListOptions{State: ClientSuspended}, "estado=2"},
		{ClientListOptions{PlanID: 3}, "plan_internet=3"},
		{ClientListOptions{RouterID: 4}, "router=4"},
		{ClientListOptions{TechnicianID: 5}, "tecnico=5"},
		{ClientListOptions{SectorID: 6}, "sectorial=6"},
		{ClientListOptions{City: "Bogotá"}, "ciudad=Bogot%C3%A1"},
		{ClientListOptions{Locality: "Centro"}, "localidad=Centro"},
		{ClientListOptions{ListOptions: ListOptions{Limit: 1}, State: ClientActive, RouterID: 4}, "estado=1&limit=1&router=4"},
	} {
		if got := test.options.values().Encode(); got != test.want {
			t.Errorf("%+v.values() = %q, want %q", test.options, got, test.want)
		}
	}
}

// WispHub ignores an unknown filter and answers with the whole list, so every key must be known.
func TestClientListOptions_AllSupported(t *testing.T) {
	t.Parallel()
	known := strings.Fields("limit offset id_servicio cedula telefono telefono__contains usuario nombre nombre__contains " +
		"usuario__contains cedula__contains email__contains apellidos__contains apellido__contains estado plan_internet router " +
		"tecnico sectorial ciudad localidad")
	all := reflect.New(reflect.TypeFor[ClientListOptions]()).Elem()
	fillFields(all)
	options := all.Interface().(ClientListOptions)
	for key := range options.values() {
		if !slices.Contains(known, key) {
			t.Errorf("values() has the filter %q, want only known ones", key)
		}
	}
	for i := range all.NumField() {
		one := reflect.New(all.Type()).Elem()
		one.Field(i).Set(all.Field(i))
		if options := one.Interface().(ClientListOptions); len(options.values()) == 0 {
			t.Errorf("values() without the filter %s, want it sent", all.Type().Field(i).Name)
		}
	}
}

// fillFields sets every string and int field of a struct, recursively.
func fillFields(record reflect.Value) {
	for _, field := range record.Fields() {
		switch field.Kind() {
		case reflect.String:
			field.SetString("x")
		case reflect.Int:
			field.SetInt(1)
		case reflect.Struct:
			fillFields(field)
		}
	}
}

func TestClient_MalformedFields(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		row  string
		want []string
	}{
		{`{"id_servicio": 1}`, nil},
		{`{"id_servicio": 1, "saldo": null, "precio_plan": "", "descuento": 0, "fecha_corte": "", "ultimo_cambio": null}`, nil},
		{`{"id_servicio": 1, "saldo": "diez", "precio_plan": [], "descuento": {}}`, []string{"saldo", "precio_plan", "descuento"}},
		{`{"id_servicio": 1, "fecha_corte": "31/02/2026", "fecha_instalacion": 5, "fecha_cancelacion": [], "ultimo_cambio": "ayer"}`,
			[]string{"fecha_corte", "fecha_instalacion", "fecha_cancelacion", "ultimo_cambio"}},
		{`{}`, []string{"id_servicio"}},
		{`{"id_servicio": -3}`, []string{"id_servicio"}},
		{`{"id_servicio": "x", "saldo": true}`, []string{"id_servicio", "saldo"}},
	} {
		var row Client
		if err := json.Unmarshal([]byte(test.row), &row); err != nil {
			t.Fatalf("Unmarshal(%s) = %v, want no error", test.row, err)
		}
		if got := row.MalformedFields(); !slices.Equal(got, test.want) {
			t.Errorf("MalformedFields() of %s = %q, want %q", test.row, got, test.want)
		}
	}
}

func TestClients_Get(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/clientes/26/{$}", answer(t, "", `{
		"id_servicio": 26, "usuario": null, "usuario_rb": "0026_cliente", "ip": "10.0.0.28", "estado": "Activo",
		"facturas_pagadas": true, "firewall": true, "auto_activar_servicio": true, "forma_contratacion": "-------------",
		"comentarios": "Portón azul", "fecha_registro": "29/04/2026 09:00:00", "fecha_instalacion": "30/04/2026 11:07:00",
		"fecha_cancelacion": "1/06/2026", "mac_cpe": "02:00:00:00:00:1a", "ip_router_wifi": null, "ssid_router_wifi": "",
		"plan_internet": {"id": 1, "nombre": "Plan 10"}, "zona": {"id": 2, "nombre": "Norte"},
		"router": {"id": 3, "nombre": "R3", "falla_general": false, "falla_general_descripcion": ""},
		"tecnico": {"id": 5, "nombre": "Luis"}}`))

	got, err := api.Clients.Get(t.Context(), 26)
	if err != nil {
		t.Fatalf("Clients.Get(26) = %v, want no error", err)
	}
	checkRecord(t, *got, ClientDetail{
		ID: 26, RouterUser: "0026_cliente", IP: "10.0.0.28", State: "Activo", InvoicesOK: true, AutoEnabled: true,
		Comments: "Portón azul", MAC: "02:00:00:00:00:1a",
		Registered: wall("29/04/2026 09:00:00", "2026-04-29T09:00:00"),
		Installed:  wall("30/04/2026 11:07:00", "2026-04-30T11:07:00"),
		Cancelled:  wall("1/06/2026", "2026-06-01T00:00:00"),
		Plan:       ref(1, "Plan 10"), Zone: ref(2, "Norte"), Technician: ref(5, "Luis"),
		Router: Object[Router]{&Router{ID: 3, Name: "R3"}},
	})
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Clients.Get(ctx, 26)
		return err
	})
}

func TestClients_Profile(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/clientes/26/perfil/{$}", answer(t, "", `{"nombre": "Ana", "apellidos": "Pérez ", "cedula": 1000000001,
		"direccion": "Calle 1", "localidad": "Centro", "ciudad": "Bogotá", "telefono": "3000000001", "saldo": 0.0}`))

	got, err := api.Clients.Profile(t.Context(), 26)
	if err != nil {
		t.Fatalf("Clients.Profile(26) = %v, want no error", err)
	}
	checkRecord(t, *got, Profile{
		Name: "Ana", LastName: "Pérez", Document: "1000000001", Address: "Calle 1", Locality: "Centro", City: "Bogotá",
		Phone: "3000000001", Balance: money("0.0"),
	})
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Clients.Profile(ctx, 26)
		return err
	})
}
