package graph_test

import (
	"net/http"
	"strings"
	"testing"
)

// answering returns an interceptor that answers one path of WispHub with literal JSON.
func answering(path, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
		return true
	}
}

// An account whose balance WispHub does not say is null, with an error beside it.
func Test13_2_UnknownBalanceIsNull(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"detail":"x"}`, `{"error":"x"}`} {
		f := newFixture(t, fixtureConfig{intercept: answering("/api/clientes/26/saldo/", body)})
		f.setClients(fullRow)
		a := f.run(t, `{client(by:{serviceId:26}){name account{owed openInvoices{invoiceId}}}}`)
		wantError(t, body, a, "UPSTREAM_UNAVAILABLE", "Unable to fetch account data")
		wantJSON(t, body, string(a.Data), `{"client":{"name":"Ana Pérez","account":null}}`)
	}
	f := newFixture(t, fixtureConfig{intercept: answering("/api/clientes/26/saldo/", `{"saldo":"5","facturas":[null],"url_pago":"javascript:x"}`)})
	f.setClients(fullRow)
	wantJSON(t, "account", f.data(t, `{client(by:{serviceId:26}){account{owed paymentUrl openInvoices{invoiceId}}}}`),
		`{"client":{"account":{"owed":"5.00","paymentUrl":null,"openInvoices":[]}}}`)
}

// A new client is found, and activated, before the directory has it.
func Test13_4_NewServiceIsFoundAndActivated(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{maxCalls: 3})
	f.setClients(fullRow)
	f.warmUp(t)
	f.upstream.PutRow(fullRow.with(row{"id_servicio": 27, "estado": "Suspendido"}))
	wantJSON(t, "client", f.data(t, `{client(by:{serviceId:27}){name}}`), `{"client":{"name":"Ana Pérez"}}`)
	data := f.data(t, `mutation{activateClients(serviceIds:[27,26]){task{taskId status} unknownServiceIds userErrors{code}}}`)
	if !strings.Contains(data, `"unknownServiceIds":[],"userErrors":[]`) {
		t.Errorf("activateClients = %s, want a task", data)
	}
	f.waitForTask(t, startedTask(t, data))
	// Look-ups count: three of them and the write are more than three calls.
	f.wantRefused(t, `mutation{activateClients(serviceIds:[26,97,98,99]){task{id}}}`, nil, 4)
}

// Three tickets in a state that we do not know fill a zone.
func Test13_3_UnknownStateBlocksTheZone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	var rows []row
	for id := range 3 {
		rows = append(rows, fullTicket.with(row{"id_ticket": 500 + id, "estado": "Abierto"}))
	}
	f.setTickets(rows...)
	wantJSON(t, "quota", f.data(t, `{zone(zoneId:2){ticketQuota{active maximum blocked}}}`),
		`{"zone":{"ticketQuota":{"active":3,"maximum":3,"blocked":true}}}`)
	data := f.data(t, `mutation{createTicket(input:{serviceId:26,subject:"x",description:"y"}){ticket{id} userErrors{code}}}`)
	wantJSON(t, "createTicket", data, `{"createTicket":{"ticket":null,"userErrors":[{"code":"ZONE_TICKET_LIMIT_REACHED"}]}}`)
}
