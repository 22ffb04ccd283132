package rest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// suiteFailures are the answers when WispHub refuses or is silent and memory is empty.
var suiteFailures = []struct{ method, path, body, action, noun string }{
	{"GET", "/clients", "", "ERROR", "client"},
	{"GET", "/clients/search?q=ana", "", "CLIENT_NOT_FOUND", "client"},
	{"GET", "/clients/by-document/1000000001", "", "CLIENT_NOT_FOUND", "client"},
	{"GET", "/clients/by-phone/3000000001", "", "CLIENT_NOT_FOUND", "client"},
	{"GET", "/clients/by-service-id/26", "", "CLIENT_NOT_FOUND", "client"},
	{"POST", "/clients/resolve", threeClaims, "CLIENT_NOT_FOUND", "client"},
	{"POST", "/clients/26/verify", threeClaims, "CLIENT_NOT_FOUND", "client"},
	{"PUT", "/clients/26", `{"city":"Bello"}`, "CLIENT_UPDATE_FAILED", "client"},
	{"GET", "/internet-plans", "", "INTERNET_PLAN_NOT_FOUND", "plan"},
	{"GET", "/internet-plans/3", "", "INTERNET_PLAN_NOT_FOUND", "plan"},
	{"GET", "/payment-methods", "", "ERROR", "payment method"},
	{"POST", "/26/ping", `{"pings":4}`, "PING_FAILED", "task"},
	{"GET", "/ping/" + suiteTask, "", "PING_FAILED", "task"},
	{"POST", "/tickets", newTicketBody, "TICKET_CREATION_FAILED", "ticket"},
	{"GET", "/tickets/500", "", "TICKET_NOT_FOUND", "ticket"},
	{"GET", "/tickets/zone-blocked/2", "", "ERROR", "ticket"},
}

var upstreamCases = slices.Concat(failureCases(), warmCases(), []suiteCase{
	unanswered("update", "PUT", "/clients/26", `{"city":"Bello"}`, "CLIENT_UPDATE_FAILED", "client", "/api/clientes/{id}/perfil/"),
	unanswered("ticket", "POST", "/tickets", newTicketBody, "TICKET_CREATION_FAILED", "ticket", "/api/tickets/"),
	unanswered("ping", "POST", "/26/ping", `{"pings":4}`, "PING_FAILED", "task", "/api/clientes/{id}/ping/"),
	get("silent subjects", subjectsPath, failedWith("ERROR", "Unable to fetch ticket data")).silent(),
	get("plan details refused", "/internet-plans/3", failedWith("INTERNET_PLAN_NOT_FOUND", "Unable to fetch plan data")).after(forbid("/api/plan-internet/pppoe/{id}/")),
	post("plan price refused", "/clients/26/verify", `{"name":"ana","address":"chapa","internet_plan_price":65000}`, failedWith("CLIENT_NOT_FOUND", "Unable to fetch client data")).
		after(func(t *testing.T, s *testServer) {
			change(row{"precio_plan": ""})(t, s)
			s.upstream.Forbid("/api/plan-internet/pppoe/{id}/")
		}),
})

// failureCases are every route with WispHub refusing, and with WispHub silent.
func failureCases() []suiteCase {
	var cases []suiteCase
	for _, test := range suiteFailures {
		want := failedWith(test.action, "Unable to fetch "+test.noun+" data")
		c := suiteCase{name: "refused: " + test.method + " " + test.path, method: test.method, path: test.path, body: test.body, want: want}
		silent := c.silent()
		silent.name = "silent: " + test.method + " " + test.path
		cases = append(cases, c.after(forbidAll), silent)
	}
	return cases
}

var forbidAll = forbid("/api/clientes/", "/api/tickets/", "/api/tickets/{id}/", "/api/plan-internet/", "/api/formas-de-pago/", "/api/tasks/{id}/",
	"/api/clientes/{id}/perfil/", "/api/clientes/{id}/ping/")

// silent lets WispHub answer nothing.
func (c suiteCase) silent() suiteCase {
	c.waits = true
	c.below = func(calls *wisphub.Config, _ *isp.Config) { calls.Timeout = 50 * time.Millisecond }
	return c.after(func(_ *testing.T, s *testServer) { s.upstream.SetFaults(wisphubtest.Faults{HangRate: 1}) })
}

// warmCases read twice: memory serves the second answer while WispHub is down.
func warmCases() []suiteCase {
	var cases []suiteCase
	for _, test := range []struct {
		path string
		want reply
	}{
		{"/clients", listed("CLIENTS_LISTED", "2", anaJSON, boJSON)},
		{"/clients/search?q=ana", listed("CLIENTS_LISTED", "1", anaJSON)},
		{"/clients/by-document/1000000001", success("CLIENT_FOUND", anaJSON)},
		{"/clients/by-phone/3000000001", success("CLIENT_FOUND", anaJSON)},
		{"/clients/by-service-id/26", success("CLIENT_FOUND", anaJSON)},
		{"/internet-plans", success("INTERNET_PLANS_LISTED", `"*"`)},
		{"/internet-plans/3", success("INTERNET_PLAN_FOUND", `"*"`)},
		{"/payment-methods", success("PAYMENT_METHODS_LISTED", `"*"`)},
		{"/tickets/500", success("TICKET_FOUND", suiteTicket)},
		{"/tickets/subjects", success("TICKET_SUBJECTS_LISTED", `"*"`)},
		{"/tickets/zone-blocked/2", blocked("false")},
	} {
		cases = append(cases, get("from memory: "+test.path, test.path, test.want).after(func(t *testing.T, s *testServer) {
			if got := s.call(t, "ana", "GET", "/api/v1"+test.path, ""); got.status != 200 || !strings.Contains(got.body, `"ok":true`) {
				t.Errorf("GET %s = %d %s, want 200 and ok", test.path, got.status, got.body)
			}
			s.upstream.SetFaults(wisphubtest.Faults{Down: true})
		}))
	}
	return cases
}

// unanswered is a write that WispHub carries out and does not answer.
func unanswered(name, method, path, body, action, noun, hangs string) suiteCase {
	c := suiteCase{name: "unanswered " + name, waits: true, method: method, path: path, body: body, want: failedWith(action, messageOutcomeUnknown)}
	return c.after(func(_ *testing.T, s *testServer) { s.upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: hangs}) }).
		onPurpose("a write that was sent may have been carried out; the message says so, because a bot that repeats it would write twice",
			failedWith(action, "Unable to fetch "+noun+" data"))
}
