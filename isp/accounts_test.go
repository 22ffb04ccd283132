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

// accountOf returns the account in a literal response.
func accountOf(tb testing.TB, body string) *Account {
	tb.Helper()
	provider, _ := connect(tb, serve(tb, respondJSON(body)))
	account, err := provider.Accounts.Get(tb.Context(), 26)
	if err != nil || account == nil {
		tb.Fatalf("Get(26) of %s = %v, %v, want an account", body, account, err)
	}
	return account
}

func TestAccounts_Get(t *testing.T) {
	t.Parallel()
	got := accountOf(t, `{"nombre": "Ana", "saldo": 300, "facturas": [
		{"id": 43, "total": 100.5, "fecha_emision": "2026-05-01", "fecha_vencimiento": "2026-05-08"},
		{"id": "44", "total": "199.50", "fecha_emision": "31/05/2026", "fecha_vencimiento": null}],
		"router": {"id": 3, "nombre": "R3", "falla_general": false}, "sectorial": null, "url_pago": " http://pagos.example/x/ "}`)
	if got.Owed.String() != "300.00" || got.PaymentURL != "http://pagos.example/x/" ||
		got.GeneralFailure != "" || len(got.OpenInvoices) != 2 {
		t.Fatalf("Get(26) = %+v, want 300.00 owed for two invoices", got)
	}
	for i, want := range []struct {
		id          int
		total       string
		issued, due Date
	}{{43, "100.50", "2026-05-01", "2026-05-08"}, {44, "199.50", "2026-05-31", ""}} {
		invoice := got.OpenInvoices[i]
		if invoice.InvoiceID != want.id || invoice.Total.String() != want.total ||
			invoice.IssuedOn != want.issued || invoice.DueOn != want.due {
			t.Errorf("OpenInvoices[%d] = %+v, want %+v", i, invoice, want)
		}
	}
}

// Owed is the amount that WispHub sends. If it sends none, Owed is the sum of the open invoices.
func TestAccount_Owed(t *testing.T) {
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
			t.Errorf("account of %s = %q owed, invoices %v, want %s and a list", fields, got.Owed, got.OpenInvoices, want)
		}
	}
}

// The router's failure comes first, then the sector's. A failure without a description gets ours.
func TestAccount_GeneralFailure(t *testing.T) {
	t.Parallel()
	const (
		router = `{"nombre": "R3", "falla_general": true, "falla_general_descripcion": "Fibra cortada"}`
		sector = `{"nombre": "S4", "falla_general": 1, "falla_general_descripcion": null}`
		ok     = `{"nombre": "R3", "falla_general": false, "falla_general_descripcion": "Fibra cortada"}`
	)
	for _, test := range []struct{ router, sector, want string }{
		{router, sector, "Fibra cortada"},
		{ok, sector, "Falla general en S4"},
		{sector, router, "Falla general en S4"},
		{"null", router, "Fibra cortada"},
		{ok, ok, ""},
		{`"R3"`, `[]`, ""},
	} {
		got := accountOf(t, `{"saldo": 1, "router": `+test.router+`, "sectorial": `+test.sector+`}`)
		if string(got.GeneralFailure) != test.want {
			t.Errorf("GeneralFailure of router %s and sector %s = %q, want %q", test.router, test.sector, got.GeneralFailure, test.want)
		}
	}
}

// An account is cached for a minute, and an unknown client for half a minute.
func TestAccounts_GetIsCached(t *testing.T) {
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
			t.Errorf("Known(%d) = true before the first call, want false", id)
		}
		first := get()
		time.Sleep(time.Minute - 1)
		if get() != first || !provider.Accounts.Known(id) {
			t.Errorf("Get(%d) loaded again within a minute, want the cached account", id)
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

// The accounts and errors are in the order of the ids, and the number of concurrent calls is
// limited.
func TestAccounts_GetMany(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int32
	provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), running.Add(1)))
		time.Sleep(2 * time.Millisecond)
		defer running.Add(-1)
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
				t.Errorf("GetMany(): account of %d = %v, %v, want nil", id, accounts[i], errs[i])
			}
		case 2:
			if accounts[i] != nil || !errors.As(errs[i], &fetch) || fetch.Noun != "account" {
				t.Errorf("GetMany(): account of %d = %v, %v, want a FetchError of account", id, accounts[i], errs[i])
			}
		default:
			if errs[i] != nil || accounts[i].Owed.String() != fmt.Sprintf("%d.00", id) {
				t.Errorf("GetMany(): account of %d = %+v, %v, want %[1]d.00 owed", id, accounts[i], errs[i])
			}
		}
	}
	if got := most.Load(); got > maxParallelAccounts {
		t.Errorf("GetMany() made %d concurrent calls, want at most %d", got, maxParallelAccounts)
	}
	if accounts, errs := provider.Accounts.GetMany(t.Context(), nil); len(accounts) != 0 || len(errs) != 0 {
		t.Errorf("GetMany(nil) = %v, %v, want empty lists", accounts, errs)
	}
}

// The accounts of the simulated WispHub agree with its client list.
func TestAccounts_AgreeWithTheClientList(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 40)
	ids := upstream.IDs()
	accounts, errs := provider.Accounts.GetMany(t.Context(), ids)
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		t.Fatalf("GetMany(): account of %d failed: %v", ids[i], errs[i])
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
			t.Errorf("account of %d has %d open invoices, want as in the client list: %s", ids[i], len(account.OpenInvoices), client.InvoiceStatus)
		}
	}
	if got := upstream.Requests()["GET "+accountPath]; got != len(ids) {
		t.Errorf("GetMany() of %d accounts made %d calls, want one each", len(ids), got)
	}
}
