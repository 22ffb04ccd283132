package graph_test

import "testing"

const saldo = "GET /api/clientes/{id}/saldo/"

// inFailure is a client with two open invoices and a router that is down.
var inFailure = fullRow.with(row{"estado_facturas": "Vencidas", "router": row{"id": 6, "nombre": "Guatapé"}})

func TestAccount_Fields(t *testing.T) {
	t.Parallel()
	const account = `account{owed paymentUrl generalFailure openInvoices{invoiceId total issuedOn dueOn}}`
	tests := map[string]struct {
		row  row
		want string
	}{
		"one invoice": {fullRow, `{"owed":"65000.00","paymentUrl":"http://clientes.portalinternet.net/saldo/demo-isp/invented.26.token/",
			"generalFailure":null,"openInvoices":[{"invoiceId":260,"total":"65000.00","issuedOn":"2026-04-28","dueOn":"2026-05-08"}]}`},
		"two, and a failure": {inFailure, `{"owed":"130000.00","paymentUrl":"http://clientes.portalinternet.net/saldo/demo-isp/invented.26.token/",
			"generalFailure":"Corte de fibra en la troncal","openInvoices":[
				{"invoiceId":260,"total":"65000.00","issuedOn":"2026-03-29","dueOn":"2026-04-08"},
				{"invoiceId":261,"total":"65000.00","issuedOn":"2026-04-28","dueOn":"2026-05-08"}]}`},
		"none": {fullRow.with(row{"estado_facturas": "Pagadas"}), `{"owed":"0.00","paymentUrl":"http://clientes.portalinternet.net/saldo/demo-isp/invented.26.token/",
			"generalFailure":null,"openInvoices":[]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			f.setClients(tt.row)
			for _, calls := range []int{1, 0} {
				f.data(t, `{clients{totalCount}}`)
				f.upstream.Reset()
				wantJSON(t, "one", f.data(t, `{client(by:{serviceId:26}){`+account+`}}`), `{"client":{"account":`+tt.want+`}}`)
				wantJSON(t, "list", f.data(t, `{clients{edges{node{`+account+`}}}}`), `{"clients":{"edges":[{"node":{"account":`+tt.want+`}}]}}`)
				if got := f.upstream.Total(); got != calls {
					t.Errorf("two reads of the account cost %v, want %d calls", f.upstream.Requests(), calls)
				}
			}
		})
	}
}

// A failed account leaves the other fields of the client.
func TestAccount_UpstreamFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow)
	f.upstream.Forbid("/api/clientes/26/saldo/")
	a := f.run(t, `{clients(first:2){nodes{serviceId account{owed}}}}`)
	wantError(t, "account", a, "UPSTREAM_UNAVAILABLE", "Unable to fetch account data")
	wantPath(t, "account", a, "clients", "nodes", 0, "account")
	wantJSON(t, "clients", string(a.Data), `{"clients":{"nodes":[{"serviceId":26,"account":null},{"serviceId":30,"account":{"owed":"0.00"}}]}}`)
}

// The directory still has a client that WispHub does not know any more.
func TestAccount_UnknownClient(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	f.data(t, `{clients{totalCount}}`)
	f.upstream.DeleteRow(26)
	wantJSON(t, "account", f.data(t, `{client(by:{serviceId:26}){name account{owed}}}`), `{"client":{"name":"Ana Pérez","account":null}}`)
}

func TestOtherServices(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(family...)
	tests := map[string]string{
		"26": `[{"serviceId":27},{"serviceId":28}]`,
		"27": `[{"serviceId":26},{"serviceId":28}]`,
		"29": `[]`,
		"30": `[]`, // no document
	}
	for id, want := range tests {
		document := `{client(by:{serviceId:` + id + `}){otherServices{serviceId}}}`
		wantJSON(t, document, f.data(t, document), `{"client":{"otherServices":`+want+`}}`)
	}
	f = newFixture(t, fixtureConfig{}) // late look-ups of the first do not count here
	f.setClients(family...)
	f.data(t, `{clients{totalCount}}`)
	f.upstream.Reset()
	for id, want := range tests {
		document := `{client(by:{serviceId:` + id + `}){otherServices{serviceId}}}`
		wantJSON(t, document+" of a directory", f.data(t, document), `{"client":{"otherServices":`+want+`}}`)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("other services from the directory cost %d upstream calls, want none", got)
	}
}
