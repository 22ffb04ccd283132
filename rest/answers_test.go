package rest

import (
	"net/http"
	"strings"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

// answerTests are requests and their answers. Each runs on a server of its own, with and without
// the trailing slash.
var answerTests = []struct {
	method, path, body string
	status             int
	want               string
}{
	{"GET", "/api/v1/clients/by-document/1.000.000.001", "", 200, envelopeJSON("success", "CLIENT_FOUND", anaJSON, "")},
	{"GET", "/api/v1/clients/by-document/99", "", 200, envelopeJSON("info", "CLIENT_NOT_FOUND", "", "")},
	{"GET", "/api/v1/clients/by-phone/+573000000001", "", 200, envelopeJSON("success", "CLIENT_FOUND", anaJSON, "")},
	{"GET", "/api/v1/clients/by-phone/12", "", 200, envelopeJSON("info", "CLIENT_NOT_FOUND", "", "")},
	{"GET", "/api/v1/clients/by-service-id/30", "", 200, envelopeJSON("success", "CLIENT_FOUND", boJSON, "")},
	{"GET", "/api/v1/clients/by-service-id/99", "", 200, envelopeJSON("info", "CLIENT_NOT_FOUND", "", "")},
	{"GET", "/api/v1/clients/by-service-id/x", "", 200, envelopeJSON("info", "CLIENT_NOT_FOUND", "", "")},
	{"GET", "/api/v1/clients/by-service-id/-1", "", 200, envelopeJSON("info", "CLIENT_NOT_FOUND", "", "")},

	{"POST", "/api/v1/clients/resolve", `{"name":"ana","address":"chapa","internet_plan_name":"fibra"}`, 200, envelopeJSON("success", "CLIENT_VERIFIED", anaJSON, "")},
	{"POST", "/api/v1/clients/resolve", `{"name":"ana","address":"chapa","internet_plan_price":"65000.5"}`, 200, envelopeJSON("success", "CLIENT_VERIFIED", anaJSON, "")},
	{"POST", "/api/v1/clients/resolve", `{"name":"eva","address":"chapa","internet_plan_price":65000}`, 200, envelopeJSON("error", "CLIENT_NOT_FOUND", "", "Ningún cliente coincide con esos datos.")},
	{"POST", "/api/v1/clients/resolve", `{"name":"ana","address":null,"internet_plan_price":65000}`, 200, envelopeJSON("error", "CLIENT_VERIFICATION_FAILED", "", messageTooFewFields)},
	{"POST", "/api/v1/clients/resolve", `{"name":5,"internet_plan_price":"mucho"}`, 422, envelopeJSON("error", "ERROR", "", "Error de validación: name: debe ser un texto; internet_plan_price: debe ser un número decimal, como 65000.00")},
	{"POST", "/api/v1/clients/resolve", `{"name":"ana","address":"chapa","internet_plan_name":"fibra","internet_plan_price":""}`, 200, envelopeJSON("success", "CLIENT_VERIFIED", anaJSON, "")},
	{"POST", "/api/v1/clients/resolve", `{"name":"ana","address":"chapa","internet_plan_name":"` + strings.Repeat("x", 300) + `"}`, 422, envelopeJSON("error", "ERROR", "", "Error de validación: internet_plan_name: no es válido")},
	{"POST", "/api/v1/tickets", `{"service_id":30,"zone_id":-7,"subject":"x","description":"y"}`, 422, envelopeJSON("error", "ERROR", "", "Error de validación: zone_id: debe ser 1 o más")},
	{"PUT", "/api/v1/clients/30", `{"name":"Ana\u202e"}`, 422, envelopeJSON("error", "ERROR", "", "Error de validación: name: no puede quedar vacío, pasar de 200 caracteres ni tener caracteres de control ni los signos < y >")},
	{"POST", "/api/v1/clients/resolve", `[`, 422, envelopeJSON("error", "ERROR", "", "Error de validación: body: debe ser un objeto JSON")},
	{"POST", "/api/v1/clients/resolve", `null`, 422, envelopeJSON("error", "ERROR", "", "Error de validación: body: debe ser un objeto JSON")},
	{"POST", "/api/v1/clients/26/verify", `{"name":"ana","address":"chapa","internet_plan_name":"fibra","internet_plan_price":65000}`, 200,
		envelopeJSON("success", "CLIENT_VERIFIED", `{"is_valid":true,"matched_fields":["name","address","internet_plan_name","internet_plan_price"]}`, "")},
	{"POST", "/api/v1/clients/26/verify", `{"name":"eva","address":"chapa","internet_plan_name":"x"}`, 200, envelopeJSON("success", "CLIENT_VERIFICATION_FAILED", `{"is_valid":false,"matched_fields":["address"]}`, "")},
	{"POST", "/api/v1/clients/99/verify", `{"name":"ana","address":"chapa","internet_plan_name":"x"}`, 200, envelopeJSON("error", "CLIENT_NOT_FOUND", "", "No existe ese cliente.")},
	{"POST", "/api/v1/clients/x/verify", `{"name":"ana","address":"chapa","internet_plan_name":"x"}`, 200, envelopeJSON("error", "CLIENT_NOT_FOUND", "", "No existe ese cliente.")},
	{"POST", "/api/v1/clients/26/verify", `{"name":"ana"}`, 200, envelopeJSON("error", "CLIENT_VERIFICATION_FAILED", "", messageTooFewFields)},

	{"PUT", "/api/v1/clients/30", `{"name":"Bo","last_name":null,"city":"Bello","balance":"12.5"}`, 200, envelopeJSON("success", "CLIENT_UPDATED",
		strings.NewReplacer(`"city":null`, `"city":"Bello"`, `"outstanding_balance":null`, `"outstanding_balance":12.50`).Replace(boJSON), "")},
	{"PUT", "/api/v1/clients/30", `{"name":null,"unknown":1}`, 200, envelopeJSON("error", "CLIENT_UPDATE_FAILED", "", "No hay nada que cambiar.")},
	{"PUT", "/api/v1/clients/99", `{"city":"Bello"}`, 200, envelopeJSON("error", "CLIENT_UPDATE_FAILED", "", "No existe ese cliente.")},
	{"PUT", "/api/v1/clients/x", `{"city":"Bello"}`, 200, envelopeJSON("error", "CLIENT_UPDATE_FAILED", "", "No existe ese cliente.")},
	{"PUT", "/api/v1/clients/30", `{"phone":"1\u00002","balance":"x","city":3}`, 422, envelopeJSON("error", "ERROR", "",
		"Error de validación: city: debe ser un texto; balance: debe ser un número decimal, como 65000.00; phone: no puede pasar de 200 caracteres ni tener caracteres de control ni los signos < y >")},

	{"GET", "/api/v1/internet-plans/3", "", 200, envelopeJSON("success", "INTERNET_PLAN_FOUND", `{"name":"Plan 50 Fibra","price":65000.00,"download_speed":"50M","upload_speed":"25M"}`, "")},
	{"GET", "/api/v1/internet-plans/15", "", 200, envelopeJSON("success", "INTERNET_PLAN_FOUND", `{"plan_id":15,"name":"PCQ Veredas","type":"PCQ","note":"WispHub no publica el precio ni la velocidad de los planes PCQ."}`, "")},
	{"GET", "/api/v1/internet-plans/99", "", 200, envelopeJSON("info", "INTERNET_PLAN_NOT_FOUND", "", "No existe ese plan.")},
	{"GET", "/api/v1/internet-plans/x", "", 200, envelopeJSON("info", "INTERNET_PLAN_NOT_FOUND", "", "No existe ese plan.")},

	{"POST", "/api/v1/99/ping", `{"pings":4}`, 200, envelopeJSON("error", "PING_FAILED", "", "No existe ese cliente.")},
	{"POST", "/api/v1/x/ping", `{"pings":4}`, 200, envelopeJSON("error", "PING_FAILED", "", "No existe ese cliente.")},
	{"POST", "/api/v1/26/ping", `{"pings":21}`, 422, envelopeJSON("error", "ERROR", "", "Error de validación: pings: debe estar entre 1 y 20")},
	{"POST", "/api/v1/26/ping", `{"pings":"muchos"}`, 422, envelopeJSON("error", "ERROR", "", "Error de validación: pings: debe ser un número entero")},
	{"GET", "/api/v1/ping/x", "", 200, envelopeJSON("error", "PING_FAILED", "", "No existe esa prueba de conexión.")},
	{"GET", "/api/v1/ping/00000000-0000-4000-8000-000000000001", "", 200, envelopeJSON("error", "PING_FAILED", "", "No existe esa prueba de conexión.")},

	{"POST", "/api/v1/tickets", `{"service_id":99,"subject":"x","description":"y"}`, 200, envelopeJSON("error", "TICKET_CREATION_FAILED", "", "No existe ese cliente.")},
	{"POST", "/api/v1/tickets", `{"service_id":26,"subject":"x","description":"y","technician_id":77}`, 200, envelopeJSON("error", "TICKET_CREATION_FAILED", "", "No existe ese técnico.")},
	{"POST", "/api/v1/tickets", `{"subject":" ","technician_id":-1}`, 422, envelopeJSON("error", "ERROR", "",
		"Error de validación: service_id: es obligatorio; description: es obligatorio; subject: no puede quedar vacío, pasar de 200 caracteres ni tener caracteres de control; technician_id: debe ser un técnico de la lista de personal")},
	{"POST", "/api/v1/tickets", `"x"`, 422, envelopeJSON("error", "ERROR", "", "Error de validación: body: debe ser un objeto JSON")},
	{"GET", "/api/v1/tickets/500", "", 200, envelopeJSON("success", "TICKET_FOUND", `{"ticket_id":500,"subject":"Internet Lento","created_at":"2026-02-26 10:00","end_date":"2026-03-01 18:30","status_ticket":"Cerrado","priority":"Alta","answer_text":"Queda bien"}`, "")},
	{"GET", "/api/v1/tickets/9", "", 200, envelopeJSON("info", "TICKET_NOT_FOUND", "", "No existe ese ticket.")},
	{"GET", "/api/v1/tickets/x", "", 200, envelopeJSON("info", "TICKET_NOT_FOUND", "", "No existe ese ticket.")},
	{"GET", "/api/v1/tickets/zone-blocked/2", "", 200, envelopeJSON("success", "TICKET_FOUND", `{"is_blocked":false,"max_tickets":1}`, "")},
	{"GET", "/api/v1/tickets/zone-blocked/x", "", 422, envelopeJSON("error", "ERROR", "", "Error de validación: zone_id: debe ser un número entero desde 1")},
}

func TestRoutes_Answers(t *testing.T) {
	t.Parallel()
	for _, test := range answerTests {
		t.Run(test.method+" "+test.path+" "+test.body, func(t *testing.T) {
			t.Parallel()
			s := newTestServer(t, nil)
			for _, path := range []string{test.path, test.path + "/"} {
				if got := s.call(t, "ana", test.method, path, test.body); got.status != test.status || got.body != test.want {
					t.Errorf("%s %s %s = %d\n%s, want %d\n%s", test.method, path, test.body, got.status, got.body, test.status, test.want)
				}
			}
		})
	}
}

// upstreamTests are all routes that call WispHub, with the answer when the call fails and memory
// is empty.
var upstreamTests = []struct{ method, path, body, action, message string }{
	{"GET", "/api/v1/clients", "", "ERROR", "Unable to fetch client data"},
	{"GET", "/api/v1/clients/search?q=ana", "", "CLIENT_NOT_FOUND", "Unable to fetch client data"},
	{"GET", "/api/v1/clients/by-document/1", "", "CLIENT_NOT_FOUND", "Unable to fetch client data"},
	{"GET", "/api/v1/clients/by-phone/3000000001", "", "CLIENT_NOT_FOUND", "Unable to fetch client data"},
	{"GET", "/api/v1/clients/by-service-id/26", "", "CLIENT_NOT_FOUND", "Unable to fetch client data"},
	{"POST", "/api/v1/clients/resolve", `{"name":"a","address":"b","internet_plan_name":"c"}`, "CLIENT_NOT_FOUND", "Unable to fetch client data"},
	{"POST", "/api/v1/clients/26/verify", `{"name":"a","address":"b","internet_plan_name":"c"}`, "CLIENT_NOT_FOUND", "Unable to fetch client data"},
	{"PUT", "/api/v1/clients/26", `{"city":"Bello"}`, "CLIENT_UPDATE_FAILED", "Unable to fetch client data"},
	{"GET", "/api/v1/internet-plans", "", "INTERNET_PLAN_NOT_FOUND", "Unable to fetch plan data"},
	{"GET", "/api/v1/internet-plans/3", "", "INTERNET_PLAN_NOT_FOUND", "Unable to fetch plan data"},
	{"GET", "/api/v1/payment-methods", "", "ERROR", "Unable to fetch payment method data"},
	{"POST", "/api/v1/26/ping", `{"pings":1}`, "PING_FAILED", "Unable to fetch task data"},
	{"GET", "/api/v1/ping/00000000-0000-4000-8000-000000000001", "", "PING_FAILED", "Unable to fetch task data"},
	{"POST", "/api/v1/tickets", `{"service_id":26,"subject":"x","description":"y"}`, "TICKET_CREATION_FAILED", "Unable to fetch ticket data"},
	{"GET", "/api/v1/tickets/500", "", "TICKET_NOT_FOUND", "Unable to fetch ticket data"},
	{"GET", "/api/v1/tickets/subjects", "", "ERROR", "Unable to fetch ticket data"},
	{"GET", "/api/v1/tickets/zone-blocked/2", "", "ERROR", "Unable to fetch ticket data"},
}

// With WispHub down, a route answers from memory, or with its failure action when memory is empty.
func TestUpstreamDown(t *testing.T) {
	t.Parallel()
	s, warm := newTestServer(t, nil), newTestServer(t, nil)
	for _, test := range upstreamTests {
		if test.method == "GET" {
			warm.call(t, "ana", test.method, test.path, "")
		}
	}
	for _, upstream := range []*wisphubtest.Server{s.upstream, warm.upstream} {
		for _, path := range []string{
			"/api/clientes/", "/api/tickets/", "/api/tickets/{id}/", "/api/plan-internet/", "/api/formas-de-pago/", "/api/tasks/{id}/",
			"/api/clientes/{id}/perfil/", "/api/clientes/{id}/ping/",
		} {
			upstream.Forbid(path)
		}
	}
	for _, test := range upstreamTests {
		if test.path == "/api/v1/tickets/subjects" {
			continue // without WispHub's catalogue, the built-in one is listed
		}
		got := s.call(t, "ana", test.method, test.path, test.body)
		if want := envelopeJSON("error", test.action, "", test.message); got.status != 200 || got.body != want {
			t.Errorf("%s %s with WispHub down = %d %s, want 200 %s", test.method, test.path, got.status, got.body, want)
		}
		if got := warm.call(t, "ana", test.method, test.path, test.body); test.method == "GET" && !strings.HasPrefix(test.path, "/api/v1/ping") &&
			!strings.Contains(got.body, `"ok":true`) {
			t.Errorf("%s %s from memory = %d %s, want ok", test.method, test.path, got.status, got.body)
		}
	}
}

// Every private route requires a token, and routes that write require SUPPORT.
func TestRoutes_RequireTokenAndScope(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	for _, test := range upstreamTests {
		if got := s.call(t, "", test.method, test.path, test.body); got.status != 401 || got.body != `{"detail":"Could not validate credentials."}` ||
			got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s without a token = %d %s, want 401", test.method, test.path, got.status, got.body)
		}
		got := s.call(t, "ben", test.method, test.path, test.body)
		writes := test.method == http.MethodPut || test.path == "/api/v1/tickets" || strings.HasSuffix(test.path, "/ping")
		if forbidden := got.status == 403 && got.body == `{"detail":"Not enough permissions."}`; forbidden != writes {
			t.Errorf("%s %s with READ only = %d %s, want forbidden = %t", test.method, test.path, got.status, got.body, writes)
		}
	}
	if posts := s.upstream.Requests()["POST /api/tickets/"] + s.upstream.Requests()["PUT /api/clientes/{id}/perfil/"]; posts != 0 {
		t.Errorf("%d writes reached WispHub without the scope, want 0", posts)
	}
}
