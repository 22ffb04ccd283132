package wisphub

import (
	"context"
	"errors"
	"net/http"
	"testing"
)

// recordReaders calls each method that reads one record.
var recordReaders = map[string]func(context.Context, *API) error{
	"account":    func(ctx context.Context, a *API) error { _, err := a.Clients.Account(ctx, 26); return err },
	"client":     func(ctx context.Context, a *API) error { _, err := a.Clients.Get(ctx, 26); return err },
	"profile":    func(ctx context.Context, a *API) error { _, err := a.Clients.Profile(ctx, 26); return err },
	"PPPoE plan": func(ctx context.Context, a *API) error { _, err := a.Plans.PPPoE(ctx, 7); return err },
	"queue plan": func(ctx context.Context, a *API) error { _, err := a.Plans.Queue(ctx, 7); return err },
	"ticket":     func(ctx context.Context, a *API) error { _, err := a.Tickets.Get(ctx, 500); return err },
	"task":       func(ctx context.Context, a *API) error { _, err := a.Tasks.Get(ctx, taskID); return err },
}

// A record that carries nothing is a failure of WispHub, for every kind of record.
func Test13_2_EmptyRecordsAreFailures(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"detail": "Error interno"}`, `{"error": "x"}`, `{"errors": ["x"]}`, `{"status": "error"}`,
		`{"saldo": null, "precio": null, "nombre": null, "id_ticket": null, "id_servicio": null, "task": []}`,
		`{"saldo": "", "precio": "", "nombre": " ", "id_ticket": "x", "id_servicio": 0, "task": "SUCCESS"}`,
	} {
		for name, read := range recordReaders {
			api, mux := setup(t)
			mux.HandleFunc("/", reply(http.StatusOK, jsonType, body))
			if err := read(t.Context(), api); !errors.Is(err, ErrInvalidResponse) {
				t.Errorf("%s of %s = %v, want %v", name, body, err, ErrInvalidResponse)
			}
		}
	}
}

// An object without a key is no record. For a task it is how some tenants say that they do not
// know the id.
func Test13_2_EmptyObject(t *testing.T) {
	t.Parallel()
	for name, read := range recordReaders {
		want := ErrInvalidResponse
		if name == "task" {
			want = ErrNotFound
		}
		api, mux := setup(t)
		mux.HandleFunc("/", reply(http.StatusOK, jsonType, `{}`))
		if err := read(t.Context(), api); !errors.Is(err, want) {
			t.Errorf("%s of {} = %v, want %v", name, err, want)
		}
	}
}

// A plan of another family is not found, which is not a plan without details.
func Test13_2_PlanOfAnotherFamily(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/plan-internet/pppoe/7/{$}", reply(404, jsonType, `{"detail": "No encontrado."}`))
	mux.HandleFunc("/api/plan-internet/queue/7/{$}", reply(200, jsonType, `{"bajada": "20M"}`))
	if _, err := api.Plans.PPPoE(t.Context(), 7); !errors.Is(err, ErrNotFound) {
		t.Errorf("PPPoE(7) = %v, want %v", err, ErrNotFound)
	}
	if plan, err := api.Plans.Queue(t.Context(), 7); err != nil || plan.Download != "20M" || plan.Price.Valid {
		t.Errorf("Queue(7) = %+v, %v, want a speed and no price", plan, err)
	}
}

// What is owed is known, or the account is not.
func Test13_2_UnknownIsNotZero(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"saldo": 0, "facturas": []}`:                               true,
		`{"saldo": "-10.00", "facturas": null}`:                      true,
		`{"saldo": 300, "facturas": [null]}`:                         true,
		`{"saldo": null, "facturas": [{"id": 43, "total": 300}]}`:    true,
		`{"facturas": [{"id": 43, "total": "300.00"}]}`:              true,
		`{"saldo": null, "facturas": []}`:                            false,
		`{"saldo": null, "facturas": [null]}`:                        false,
		`{"saldo": "mucho", "facturas": [{"id": 43, "total": 300}]}`: false,
		`{"saldo": {}, "facturas": [{"id": 43, "total": 300}]}`:      false,
		`{"saldo": 300}`:                                                   true,
		`{"saldo": 300, "facturas": "error"}`:                              true,
		`{"saldo": 300, "facturas": [{"id": 43, "total": null}]}`:          false,
		`{"saldo": 300, "facturas": [{"id": 43}]}`:                         false,
		`{"saldo": 300, "facturas": [{"total": 300}]}`:                     false,
		`{"saldo": 300, "facturas": [{"id": 43, "total": 300}, {}]}`:       false,
		`{"saldo": 300, "facturas": [{"id": 43, "total": "trescientos"}]}`: false,
	} {
		api, mux := setup(t)
		mux.HandleFunc("/", reply(http.StatusOK, jsonType, body))
		_, err := api.Clients.Account(t.Context(), 26)
		if (err == nil) != want || err != nil && !errors.Is(err, ErrInvalidResponse) {
			t.Errorf("Account of %s = %v, want it accepted: %t", body, err, want)
		}
	}
}

// A link that is no web address is no link.
func Test13_2_PaymentURL(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]WebURL{
		`"https://pagos.example/saldo/x/"`:   "https://pagos.example/saldo/x/",
		`" http://pagos.example/saldo/x/ "`:  "http://pagos.example/saldo/x/",
		`"HTTPS://pagos.example/"`:           "HTTPS://pagos.example/",
		`"javascript:alert(1)"`:              "",
		`"javascript://pagos.example/%0aal"`: "",
		`"data:text/html,x"`:                 "",
		`"//pagos.example/"`:                 "",
		`"pagos.example/saldo"`:              "",
		`"https://"`:                         "",
		`"https:///saldo"`:                   "",
		`"https://:80/"`:                     "",
		`"ftp://pagos.example/"`:             "",
		`"http://pagos.example/\n"`:          "http://pagos.example/",
		`"http://pagos\n.example/"`:          "",
		`""`:                                 "",
		`null`:                               "",
		`5`:                                  "",
		`{"url": "http://pagos.example/"}`:   "",
	} {
		api, mux := setup(t)
		mux.HandleFunc("/", reply(http.StatusOK, jsonType, `{"saldo": 0, "facturas": [], "url_pago": `+value+`}`))
		if account, err := api.Clients.Account(t.Context(), 26); err != nil || account.PaymentURL != want {
			t.Errorf("Account with url_pago %s = %+v, %v, want %q", value, account, err, want)
		}
	}
}
