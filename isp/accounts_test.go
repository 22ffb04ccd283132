package isp

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const accountPath = "/api/clientes/{id}/saldo/"

// accountOf reads the account that a literal answer gives.
func accountOf(tb testing.TB, body string) *Account {
	tb.Helper()
	provider, _ := connect(tb, host(tb, literal(body)))
	account, err := provider.Accounts.Get(tb.Context(), 26)
	if err != nil || account == nil {
		tb.Fatalf("Get(26) of %s = %v, %v", body, account, err)
	}
	return account
}

func TestAccount(t *testing.T) {
	t.Parallel()
	got := accountOf(t, `{"nombre": "Ana", "saldo": 300, "facturas": [
		{"id": 43, "total": 100.5, "fecha_emision": "2026-05-01", "fecha_vencimiento": "2026-05-08"},
		{"id": "44", "total": "199.50", "fecha_emision": "31/05/2026", "fecha_vencimiento": null}],
		"router": {"id": 3, "nombre": "R3", "falla_general": false}, "sectorial": null, "url_pago": " http://pagos.example/x/ "}`)
	if got.Owed.String() != "300.00" || got.PaymentURL != "http://pagos.example/x/" || got.GeneralFailure != "" || len(got.OpenInvoices) != 2 {
		t.Fatalf("Get(26) = %+v, want 300.00 owed for two invoices", got)
	}
	for i, want := range []struct {
		id         int
		total      string
		issued, by Date
	}{{43, "100.50", "2026-05-01", "2026-05-08"}, {44, "199.50", "2026-05-31", ""}} {
		invoice := got.OpenInvoices[i]
		if invoice.InvoiceID != want.id || invoice.Total.String() != want.total || invoice.IssuedOn != want.issued || invoice.DueOn != want.by {
			t.Errorf("OpenInvoices[%d] = %+v, want %+v", i, invoice, want)
		}
	}
}

// What is owed is the upstream's amount, else the sum of what is open.
func TestAccountOwed(t *testing.T) {
	t.Parallel()
	const invoices = `"facturas": [{"id": 1, "total": "100.10"}, {"id": 2, "total": 50}]`
	for fields, want := range map[string]string{
		`"saldo": 0, ` + invoices:                          "0.00",
		`"saldo": "-10.00", ` + invoices:                   "-10.00",
		`"saldo": 0.1`:                                     "0.10",
		`"saldo": null, ` + invoices:                       "150.10",
		`"saldo": "", ` + invoices:                         "150.10",
		`"saldo": null, "facturas": {"id": 3, "total": 5}`: "5.00",
	} {
		got := accountOf(t, `{`+fields+`}`)
		if got.Owed.String() != want || got.OpenInvoices == nil {
			t.Errorf("account of %s owes %q with invoices %v, want %s and a list", fields, got.Owed, got.OpenInvoices, want)
		}
	}
}

// A failure is that of the router, else that of the sector, in the provider's words or in ours.
func TestAccountGeneralFailure(t *testing.T) {
	t.Parallel()
	const (
		router = `{"nombre": "R3", "falla_general": true, "falla_general_descripcion": "Fibra cortada"}`
		sector = `{"nombre": "S4", "falla_general": 1, "falla_general_descripcion": null}`
		fine   = `{"nombre": "R3", "falla_general": false, "falla_general_descripcion": "Fibra cortada"}`
	)
	for _, test := range []struct{ router, sector, want string }{
		{router, sector, "Fibra cortada"},
		{fine, sector, "Falla general en S4"},
		{sector, router, "Falla general en S4"},
		{"null", router, "Fibra cortada"},
		{fine, fine, ""},
		{`"R3"`, `[]`, ""},
	} {
		got := accountOf(t, `{"saldo": 1, "router": `+test.router+`, "sectorial": `+test.sector+`}`)
		if string(got.GeneralFailure) != test.want {
			t.Errorf("router %s, sector %s: failure %q, want %q", test.router, test.sector, got.GeneralFailure, test.want)
		}
	}
}

// One call serves everybody for a minute; that there is no such client is known for half of one.
func TestAccountIsRemembered(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 5)
	id := upstream.IDs()[0]
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		get := func() *Account {
			account, err := provider.Accounts.Get(t.Context(), id)
			if err != nil || account == nil {
				t.Fatalf("Get(%d) = %v, %v, want an account", id, account, err)
			}
			return account
		}
		if provider.Accounts.Known(id) {
			t.Error("Known() = true before the first call")
		}
		first := get()
		time.Sleep(time.Minute - 1)
		if get() != first || !provider.Accounts.Known(id) {
			t.Error("Get() reads again within a minute")
		}
		synctest.Wait()
		wantCalls(t, upstream, 1)
		time.Sleep(time.Nanosecond)
		get()
		synctest.Wait()
		wantCalls(t, upstream, 2)

		upstream.Reset()
		for range 3 {
			if account, err := provider.Accounts.Get(t.Context(), 29_999); err != nil || account != nil {
				t.Errorf("Get(29999) = %v, %v, want nil", account, err)
			}
			time.Sleep(15 * time.Second)
		}
		wantCalls(t, upstream, 2)
	})
}

// Each account and each error is in the place of its id; a few are asked for at once.
func TestManyAccounts(t *testing.T) {
	t.Parallel()
	var asking, most atomic.Int32
	provider, _ := connect(t, host(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), asking.Add(1)))
		time.Sleep(2 * time.Millisecond)
		defer asking.Add(-1)
		w.Header().Set("Content-Type", "application/json")
		id, _ := strconv.Atoi(strings.Split(r.URL.Path, "/")[3])
		switch id % 5 {
		case 1:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"detail": "No encontrado."}`)
		case 2:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{}`)
		default:
			fmt.Fprintf(w, `{"saldo": %d}`, id)
		}
	})))
	ids := []int{25, 1, 12, 3, 4, 10, 11, 7, 28, 19, 20, 30}
	accounts, errs := provider.Accounts.GetMany(t.Context(), ids)
	for i, id := range ids {
		fetch := (*FetchError)(nil)
		switch id % 5 {
		case 1:
			if accounts[i] != nil || errs[i] != nil {
				t.Errorf("account of %d = %v, %v, want none", id, accounts[i], errs[i])
			}
		case 2:
			if accounts[i] != nil || !errors.As(errs[i], &fetch) || fetch.Noun != "account" {
				t.Errorf("account of %d = %v, %v, want a FetchError of account", id, accounts[i], errs[i])
			}
		default:
			if errs[i] != nil || accounts[i].Owed.String() != fmt.Sprintf("%d.00", id) {
				t.Errorf("account of %d = %+v, %v, want it to owe %[1]d.00", id, accounts[i], errs[i])
			}
		}
	}
	if got := most.Load(); got > accountsParallel {
		t.Errorf("%d calls at once, want at most %d", got, accountsParallel)
	}
	if accounts, errs := provider.Accounts.GetMany(t.Context(), nil); len(accounts) != 0 || len(errs) != 0 {
		t.Errorf("GetMany() of nobody = %v, %v", accounts, errs)
	}
}

// The accounts of the simulated provider agree with its clients' list.
func TestAccountsOfTheSimulated(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 40)
	ids := upstream.IDs()
	accounts, errs := provider.Accounts.GetMany(t.Context(), ids)
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		t.Fatalf("account of %d: %v", ids[i], errs[i])
	}
	if err := provider.Clients.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, account := range accounts {
		client, err := provider.Clients.Get(t.Context(), ids[i])
		if err != nil {
			t.Fatal(err)
		}
		if open := client.InvoiceStatus != InvoicesPaid; open != (len(account.OpenInvoices) > 0) {
			t.Errorf("client %d has %d open invoices, its list says %s", ids[i], len(account.OpenInvoices), client.InvoiceStatus)
		}
	}
	if got := upstream.Requests()["GET "+accountPath]; got != len(ids) {
		t.Errorf("%d calls for %d accounts", got, len(ids))
	}
}
