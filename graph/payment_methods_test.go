package graph_test

import "testing"

func TestPaymentMethods(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for range 2 {
		wantJSON(t, "paymentMethods", f.data(t, `{paymentMethods{id paymentMethodId name}}`), `{"paymentMethods":[
			{"id":"paymentMethod:1","paymentMethodId":1,"name":"Efectivo"},
			{"id":"paymentMethod:2","paymentMethodId":2,"name":"Transferencia Bancaria"},
			{"id":"paymentMethod:3","paymentMethodId":3,"name":"Consignación"},
			{"id":"paymentMethod:5","paymentMethodId":5,"name":"Nequi"},
			{"id":"paymentMethod:6","paymentMethodId":6,"name":"Daviplata"},
			{"id":"paymentMethod:8","paymentMethodId":8,"name":"Saldo a Favor"}]}`)
	}
	if got := f.upstream.Total(); got != 1 {
		t.Errorf("two reads of the payment methods cost %d upstream calls, want 1", got)
	}
}

func TestPaymentMethods_Forbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.Forbid("/api/formas-de-pago/")
	a := f.run(t, `{paymentMethods{name} zones{zoneId}}`)
	wantError(t, "paymentMethods", a, "UPSTREAM_UNAVAILABLE", "Unable to fetch payment method data")
	if got := into[struct{ Zones []any }](t, string(a.Data)); len(got.Zones) == 0 {
		t.Errorf("response = %s, want zones", a.body)
	}
}
