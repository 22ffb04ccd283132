package isp

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// An account that does not say what is owed is a failure, and not a debt of zero.
func Test13_2_AccountWithoutBalanceIsAFailure(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `{"detail": "No encontrado."}`, `{"error": "x"}`, `{"saldo": null, "facturas": []}`, `{"saldo": "", "facturas": [null]}`,
		`{"saldo": "mucho", "facturas": [{"id": 1, "total": 5}]}`, `{"saldo": {}, "facturas": []}`,
		`{"saldo": 5, "facturas": [{"id": 1, "total": "x"}]}`, `{"saldo": 5, "facturas": [{"total": 5}]}`,
		`{"saldo": null, "facturas": [{"id": 1, "total": null}, {"id": 2, "total": 5}]}`,
	} {
		provider, _ := connect(t, serve(t, respondJSON(body)))
		account, err := provider.Accounts.Get(t.Context(), 26)
		if account != nil {
			t.Errorf("Get(26) of %s = %+v, want no account", body, account)
		}
		wantErrorIs(t, "Get(26) of "+body, err, ErrUpstreamUnavailable)
	}
}

func Test13_2_NullIsNoInvoice(t *testing.T) {
	t.Parallel()
	for _, list := range []string{`[null]`, `["x"]`, `[null, 5]`, `[]`} {
		if got := accountOf(t, `{"saldo": "7", "facturas": `+list+`}`); len(got.OpenInvoices) != 0 || got.Owed.String() != "7.00" {
			t.Errorf("account of invoices %s = %+v, want 7.00 owed and no invoice", list, got)
		}
	}
	got := accountOf(t, `{"facturas": [null, {"id": 4, "total": "7"}]}`)
	if len(got.OpenInvoices) != 1 || got.OpenInvoices[0].InvoiceID != 4 || got.Owed.String() != "7.00" {
		t.Errorf("account = %+v, want invoice 4 alone and 7.00 owed", got)
	}
}

// A script in the place of an address never reaches a page.
func Test13_2_PaymentURLIsWeb(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]Text{
		"https://pagos.example/x?y=1": "https://pagos.example/x?y=1", "HTTP://pagos.example": "HTTP://pagos.example", "": "",
		"javascript:alert(1)": "", "//pagos.example/x": "", "pagos.example": "", "ftp://pagos.example": "", "https://": "", "https:pagos": "",
	} {
		if got := accountOf(t, `{"saldo": 1, "facturas": [], "url_pago": "`+given+`"}`).PaymentURL; got != want {
			t.Errorf("PaymentURL of %q = %q, want %q", given, got, want)
		}
	}
}

// Details without a price and a speed are no details. They are asked for again after half a minute.
func Test13_2_PlanWithoutDetailsIsNotKept(t *testing.T) {
	t.Parallel()
	for _, first := range []string{`{}`, `{"detail": "x"}`, `{"nombre": "Plan 1", "precio": null, "bajada": "", "subida": null}`, `{"precio": "gratis"}`} {
		var calls atomic.Int32
		address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := `{"count":1,"results":[{"id":1,"nombre":"Plan 1","tipo":"PPPoE"}]}`
			if r.URL.Path != "/api/plan-internet/" {
				if body = first; calls.Add(1) > 1 {
					body = `{"precio": "65000.00"}`
				}
			}
			respondJSON(body).ServeHTTP(w, r)
		}))
		synctest.Test(t, func(t *testing.T) {
			provider, _ := connect(t, address)
			for range 2 {
				details, err := provider.Plans.Details(t.Context(), 1)
				if details != nil {
					t.Errorf("Details(1) of %s = %+v, want none", first, details)
				}
				wantErrorIs(t, "Details(1) of "+first, err, ErrUpstreamUnavailable)
			}
			if got := calls.Load(); got != 1 {
				t.Errorf("two reads of %s cost %d calls, want 1", first, got)
			}
			time.Sleep(notFoundTTL)
			details, err := provider.Plans.Details(t.Context(), 1)
			if err != nil || details.Price.String() != "65000.00" {
				t.Errorf("Details(1) after half a minute = %+v, %v, want the price", details, err)
			}
		})
	}
}

// brokenCatalogues are the responses to a page that leave a catalogue of 300 rows incomplete.
func brokenCatalogues(rows []string) map[string]func(offset string) string {
	full := strings.Join(rows, ",")
	return map[string]func(offset string) string{
		"a cut page": func(string) string { return `{"count":300,"results":[` + strings.Join(rows[:200], ",") + `]}` },
		"an empty page": func(offset string) string {
			if offset != "" {
				return `{"count":301,"results":[]}`
			}
			return `{"count":301,"results":[` + full + `]}`
		},
		"no count": func(string) string { return `{"count":null,"results":[` + full + `]}` },
		"a repeated row": func(string) string {
			return `{"count":300,"results":[` + strings.Join(rows[:299], ",") + `,` + rows[298] + `]}`
		},
		"HTML":              func(string) string { return `<html>` },
		"an error, 200":     func(string) string { return `{"detail":"x"}` },
		"results, but null": func(string) string { return `{"count":300,"results":null}` },
	}
}

// A failed refresh leaves the whole list in its place.
func Test13_1_OldListIsServedStale(t *testing.T) {
	t.Parallel()
	rows := make([]string, 300)
	for i := range rows {
		rows[i] = `{"id":` + nodeID("", i+1)[1:] + `,"nombre":"x"}`
	}
	full := strings.Join(rows, ",")
	for name, body := range brokenCatalogues(rows) {
		var broken atomic.Bool
		address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if broken.Load() {
				respondJSON(body(r.URL.Query().Get("offset"))).ServeHTTP(w, r)
				return
			}
			respondJSON(`{"count":300,"results":[`+full+`]}`).ServeHTTP(w, r)
		}))
		synctest.Test(t, func(t *testing.T) {
			provider, log := connect(t, address)
			lists := map[string]func() (int, error){
				"routers":         func() (int, error) { list, err := provider.Routers.List(t.Context()); return len(list), err },
				"zones":           func() (int, error) { list, err := provider.Zones.List(t.Context()); return len(list), err },
				"staff":           func() (int, error) { list, err := provider.Staff.List(t.Context()); return len(list), err },
				"payment methods": func() (int, error) { list, err := provider.PaymentMethods.List(t.Context()); return len(list), err },
				"plans":           func() (int, error) { list, err := provider.Plans.List(t.Context(), nil); return len(list), err },
			}
			for _, list := range lists {
				_, _ = list()
			}
			broken.Store(true)
			time.Sleep(15 * time.Minute)
			for range 2 { // the second time after the failed refresh
				for what, list := range lists {
					if got, err := list(); got != 300 || err != nil {
						t.Errorf("%s: %s = %d rows, %v, want the 300 of the list before", name, what, got, err)
					}
				}
				synctest.Wait()
			}
			for what := range lists {
				if len(log.matching("refresh failed", `"`+what+`"`)) != 1 {
					t.Errorf("%s: the failed refresh of the %s was not logged once", name, what)
				}
			}
			for _, status := range provider.Status().Caches {
				if lists[status.Name] != nil && !status.Stale {
					t.Errorf("%s: %s are fresh, want stale", name, status.Name)
				}
			}
		})
	}
}
