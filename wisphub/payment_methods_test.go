package wisphub

import (
	"context"
	"reflect"
	"testing"
)

func TestPaymentMethods_List(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/formas-de-pago/{$}", answer(t, "limit=300",
		`{"count": 2, "next": null, "previous": null, "results": [{"id": 1, "nombre": "Efectivo"}, {"id": 9, "nombre": "Saldo a Favor"}]}`))

	got, err := api.PaymentMethods.List(t.Context())
	if err != nil {
		t.Fatalf("PaymentMethods.List = %v, want no error", err)
	}
	if want := []PaymentMethod{{1, "Efectivo"}, {9, "Saldo a Favor"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("PaymentMethods.List = %+v, want %+v", got, want)
	}
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.PaymentMethods.List(ctx)
		return err
	})
}
