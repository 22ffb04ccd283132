package wisphub

import (
	"context"
	"testing"
)

func TestClients_Account(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/clientes/26/saldo/{$}", answer(t, "", `{
		"nombre": "Ana Pérez", "username": "0026_cliente@demo-isp", "estado": "Suspendido", "saldo": 300,
		"facturas": [
			{"id": 43, "total": 100.5, "fecha_emision": "2026-05-01", "fecha_vencimiento": "2026-05-08"},
			{"id": "44", "total": "199.50", "fecha_emision": "2026-06-01", "fecha_vencimiento": null}],
		"router": {"id": 3, "nombre": "R3", "ip": "192.0.2.3", "falla_general": true, "falla_general_descripcion": "Fibra cortada"},
		"sectorial": {"id": 4, "nombre": "S4", "falla_general": false, "falla_general_descripcion": ""},
		"url_pago": "http://pagos.example/saldo/demo-isp/token/"}`))

	got, err := api.Clients.Account(t.Context(), 26)
	if err != nil {
		t.Fatalf("Clients.Account(26) = %v, want no error", err)
	}
	checkRecord(t, *got, Account{
		Name: "Ana Pérez", Username: "0026_cliente@demo-isp", State: "Suspendido", Owed: money("300"),
		Invoices: OpenInvoices{
			{43, money("100.5"), wall("2026-05-01", "2026-05-01T00:00:00"), wall("2026-05-08", "2026-05-08T00:00:00")},
			{44, money("199.50"), wall("2026-06-01", "2026-06-01T00:00:00"), Time{}},
		},
		Router:     Object[Router]{&Router{ID: 3, Name: "R3", GeneralFailure: true, GeneralFailureDescription: "Fibra cortada"}},
		Sector:     Object[Router]{&Router{ID: 4, Name: "S4"}},
		PaymentURL: "http://pagos.example/saldo/demo-isp/token/",
	})
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Clients.Account(ctx, 26)
		return err
	})
}

// No invoices come in several forms. What is no invoice is dropped.
func TestClients_AccountFormsOfInvoices(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		invoices string
		want     OpenInvoices
	}{
		{`null`, OpenInvoices{}},
		{`"ninguna"`, nil},
		{`""`, OpenInvoices{}},
		{`[]`, OpenInvoices{}},
		{`[null]`, OpenInvoices{}},
		{`{"id": 43, "total": "7"}`, OpenInvoices{{ID: 43, Total: money("7")}}},
		{`[43, {"id": 44, "total": 5}]`, OpenInvoices{{ID: 44, Total: money("5")}}},
	} {
		api, mux := setup(t)
		mux.HandleFunc("/api/clientes/26/saldo/{$}", answer(t, "", `{"nombre": "Ana", "facturas": `+test.invoices+`, "saldo": "300"}`))
		got, err := api.Clients.Account(t.Context(), 26)
		if err != nil {
			t.Fatalf("Clients.Account with facturas %s = %v, want no error", test.invoices, err)
		}
		checkRecord(t, *got, Account{Name: "Ana", Invoices: test.want, Owed: money("300")})
	}
}
