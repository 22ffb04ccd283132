package rest

import (
	"strings"
	"testing"
)

// cleoJSON and evaJSON are the clients that addClients adds.
const (
	cleoJSON = `{"service_id":31,"name":"Cleo Ríos","document":"31","phone":null,"address":"B/ El Centro","city":null,"locality":null,
		"payment_status":"Cancelado","zone_id":2,"antenna_ip":null,"cut_off_date":null,"outstanding_balance":0,"lan_interface":null,
		"internet_plan_name":"Plan 20","internet_plan_price":55000.5,"technician_id":null}`
	evaJSON = `{"service_id":32,"name":"Eva Mora","document":"32","phone":"3000000032, 604 555 0032","address":null,"city":null,"locality":null,
		"payment_status":"Gratis","zone_id":4,"antenna_ip":null,"cut_off_date":"31/12/2026","outstanding_balance":12.5,"lan_interface":null,
		"internet_plan_name":null,"internet_plan_price":null,"technician_id":null}`
)

// addClients makes four clients of the two: one of each state.
func addClients(_ *testing.T, s *testServer) {
	s.upstream.PutRow(row{
		"id_servicio": 31, "nombre": "Cleo Ríos", "cedula": "31", "direccion": "B/ El Centro", "estado": "Cancelado", "saldo": "0.00",
		"precio_plan": "55000.50", "plan_internet": row{"id": 2, "nombre": "Plan 20"}, "zona": row{"id": 2, "nombre": "Marinilla"},
	})
	s.upstream.PutRow(row{
		"id_servicio": 32, "nombre": "Eva Mora", "cedula": "32", "telefono": "3000000032, 604 555 0032", "estado": "Gratis", "saldo": "12.5",
		"precio_plan": "", "fecha_corte": "31/12/2026", "zona": row{"id": 4, "nombre": "Guatapé"},
	})
}

// change changes fields of Ana's row at WispHub.
func change(fields row) func(*testing.T, *testServer) {
	return func(_ *testing.T, s *testServer) {
		ana := s.upstream.Row(26)
		for name, value := range fields {
			ana[name] = value
		}
		s.upstream.PutRow(ana)
	}
}

// with replaces members of a JSON object. Each is written as `"name":value`.
func with(object string, members ...string) string {
	for _, member := range members {
		name, _, _ := strings.Cut(member, ":")
		at := strings.Index(object, name+":")
		if at < 0 {
			panic("no member " + name)
		}
		end := at + len(name) + 1
		quoted := object[end] == '"'
		for i := end + 1; ; i++ {
			if c := object[i]; quoted && c == '"' && object[i-1] != '\\' {
				quoted = false
			} else if !quoted && (c == ',' || c == '}') {
				object = object[:at] + member + object[i:]
				break
			}
		}
	}
	return object
}

var listCases = []suiteCase{
	get("every client", "/clients", listed("CLIENTS_LISTED", "4", anaJSON, boJSON, cleoJSON, evaJSON)).after(addClients),
	get("status Activo", "/clients?status=Activo", listed("CLIENTS_LISTED", "1", anaJSON)).after(addClients),
	get("status Suspendido", "/clients?status=Suspendido", listed("CLIENTS_LISTED", "1", boJSON)).after(addClients),
	get("status Cancelado", "/clients?status=Cancelado", listed("CLIENTS_LISTED", "1", cleoJSON)).after(addClients),
	get("status Gratis", "/clients?status=Gratis", listed("CLIENTS_LISTED", "1", evaJSON)).after(addClients),
	get("no such status", "/clients?status=Moroso", invalid("status")).after(addClients),
	get("zone_id", "/clients?zone_id=2", listed("CLIENTS_LISTED", "2", anaJSON, cleoJSON)).after(addClients),
	get("zone_id of no client", "/clients?zone_id=77", listed("CLIENTS_LISTED", "0")).after(addClients),
	get("status and zone_id", "/clients?status=Cancelado&zone_id=2", listed("CLIENTS_LISTED", "1", cleoJSON)).after(addClients),
	get("zone_id that is no number", "/clients?zone_id=x", invalid("zone_id")),
	get("limit", "/clients?limit=2", listed("CLIENTS_LISTED", "4", anaJSON, boJSON)).after(addClients),
	get("limit above the number", "/clients?limit=500", listed("CLIENTS_LISTED", "4", anaJSON, boJSON, cleoJSON, evaJSON)).after(addClients),
	get("limit that is no number", "/clients?limit=x", invalid("limit")),
	get("offset", "/clients?offset=3", listed("CLIENTS_LISTED", "4", evaJSON)).after(addClients),
	get("offset beyond the end", "/clients?offset=9", listed("CLIENTS_LISTED", "4")).after(addClients),
	get("negative offset", "/clients?offset=-1", invalid("offset")),
	get("limit and offset", "/clients?limit=1&offset=1", listed("CLIENTS_LISTED", "4", boJSON)).after(addClients),
	get("limit and status", "/clients?limit=1&status=Activo", listed("CLIENTS_LISTED", "1", anaJSON)).after(addClients),
	get("all that is wrong", "/clients?status=x&limit=x&offset=x&zone_id=x", invalid("status", "zone_id", "limit", "offset")),
	get("an unknown parameter", "/clients?name=eva", listed("CLIENTS_LISTED", "2", anaJSON, boJSON)),
	get("no clients", "/clients", listed("CLIENTS_LISTED", "0")).after(removeClients),
}

func removeClients(_ *testing.T, s *testServer) {
	s.upstream.DeleteRow(26)
	s.upstream.DeleteRow(30)
}

var searchCases = []suiteCase{
	get("part of a name", "/clients/search?q=ana", listed("CLIENTS_LISTED", "1", anaJSON)),
	get("part of a word", "/clients/search?q=pér", listed("CLIENTS_LISTED", "1", anaJSON)),
	get("words in any order", "/clients/search?q=PEREZ%20ana", listed("CLIENTS_LISTED", "1", anaJSON)),
	get("parts of words", "/clients/search?q=an+per", listed("CLIENTS_LISTED", "1", anaJSON)),
	get("address", "/clients/search?q=chapa", listed("CLIENTS_LISTED", "1", anaJSON)),
	get("a word that no client has", "/clients/search?q=ana+zzz", listed("CLIENT_NOT_FOUND", "0")),
	get("no client", "/clients/search?q=nadie", listed("CLIENT_NOT_FOUND", "0")),
	get("several clients", "/clients/search?q=o", listed("CLIENTS_LISTED", "2", boJSON, cleoJSON)).after(func(t *testing.T, s *testServer) {
		addClients(t, s)
		s.upstream.DeleteRow(26)
		s.upstream.DeleteRow(32)
	}),
	get("blank q", "/clients/search?q=", listed("CLIENTS_LISTED", "2", anaJSON, boJSON)),
	get("q of spaces", "/clients/search?q=%20%20", listed("CLIENTS_LISTED", "2", anaJSON, boJSON)),
	get("q without a value", "/clients/search?q", listed("CLIENTS_LISTED", "2", anaJSON, boJSON)),
	get("missing q", "/clients/search", invalid("q")),
	get("another parameter for q", "/clients/search?query=ana", invalid("q")),
	get("Q in upper case", "/clients/search?Q=ana", invalid("q")),
	get("unreadable q", "/clients/search?q=%zz", reply{422, envelopeJSON("error", "ERROR", "", "~^Error de validación: ")}),
}

var lookupCases = []suiteCase{
	get("document", "/clients/by-document/1000000001", success("CLIENT_FOUND", anaJSON)),
	get("unknown document", "/clients/by-document/99", info("CLIENT_NOT_FOUND", "")),
	get("document of letters", "/clients/by-document/xyz", info("CLIENT_NOT_FOUND", "")),
	get("phone", "/clients/by-phone/3000000001", success("CLIENT_FOUND", anaJSON)),
	get("phone with the country", "/clients/by-phone/+573000000001", success("CLIENT_FOUND", anaJSON)),
	get("phone in a list", "/clients/by-phone/6045550032", success("CLIENT_FOUND", evaJSON)).after(addClients),
	get("unknown phone", "/clients/by-phone/3009999999", info("CLIENT_NOT_FOUND", "")),
	get("phone without digits", "/clients/by-phone/casa", info("CLIENT_NOT_FOUND", "")),
	get("phone of two customers", "/clients/by-phone/3000000001", info("CLIENT_NOT_FOUND", "")).after(func(_ *testing.T, s *testServer) {
		s.upstream.PutRow(row{"id_servicio": 33, "nombre": "Zoe", "cedula": "33", "telefono": "3000000001", "estado": "Activo"})
	}),
	get("service id", "/clients/by-service-id/26", success("CLIENT_FOUND", anaJSON)),
	get("service id of a client with gaps", "/clients/by-service-id/30", success("CLIENT_FOUND", boJSON)),
	get("unknown service id", "/clients/by-service-id/99", info("CLIENT_NOT_FOUND", "")),
	get("service id that is no number", "/clients/by-service-id/abc", info("CLIENT_NOT_FOUND", "")),
	get("service id with a decimal", "/clients/by-service-id/26.5", info("CLIENT_NOT_FOUND", "")),
	get("service id 0", "/clients/by-service-id/0", info("CLIENT_NOT_FOUND", "")),
	get("negative service id", "/clients/by-service-id/-26", info("CLIENT_NOT_FOUND", "")),
	get("a service id too large", "/clients/by-service-id/99999999999999999999", info("CLIENT_NOT_FOUND", "")),

	get("state Suspendido", "/clients/by-service-id/30", success("CLIENT_FOUND", boJSON)),
	get("state Cancelado", "/clients/by-service-id/31", success("CLIENT_FOUND", cleoJSON)).after(addClients),
	get("state Gratis", "/clients/by-service-id/32", success("CLIENT_FOUND", evaJSON)).after(addClients),
	get(`plan price ""`, "/clients/by-service-id/26", success("CLIENT_FOUND", with(anaJSON, `"internet_plan_price":null`))).after(change(row{"precio_plan": ""})),
	get(`plan price "0"`, "/clients/by-service-id/26", success("CLIENT_FOUND", with(anaJSON, `"internet_plan_price":null`))).after(change(row{"precio_plan": "0"})),
	get(`plan price "0.00"`, "/clients/by-service-id/26", success("CLIENT_FOUND", with(anaJSON, `"internet_plan_price":null`))).after(change(row{"precio_plan": "0.00"})),
	get("plan price null", "/clients/by-service-id/26", success("CLIENT_FOUND", with(anaJSON, `"internet_plan_price":null`))).after(change(row{"precio_plan": nil})),
	get("plan price with cents", "/clients/by-service-id/26", success("CLIENT_FOUND", with(anaJSON, `"internet_plan_price":65000.75`))).after(change(row{"precio_plan": "65000.75"})),
	get("a debt", "/clients/by-service-id/26", success("CLIENT_FOUND", with(anaJSON, `"outstanding_balance":50000`))).after(change(row{"saldo": "50000.00"})),
	get("a cut-off date that is none", "/clients/by-service-id/26", success("CLIENT_FOUND", with(anaJSON, `"cut_off_date":"pendiente"`))).after(change(row{"fecha_corte": "pendiente"})),
	get("a cut-off date null", "/clients/by-service-id/26", success("CLIENT_FOUND", with(anaJSON, `"cut_off_date":null`))).after(change(row{"fecha_corte": nil})),
	get("another state's label", "/clients/by-service-id/26", success("CLIENT_FOUND", with(anaJSON, `"payment_status":"Retirado"`))).after(change(row{"estado": "Retirado"})),
}
