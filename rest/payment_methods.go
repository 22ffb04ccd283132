package rest

import "net/http"

type paymentMethod struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

func (a *api) listPaymentMethods(w http.ResponseWriter, r *http.Request) {
	methods, err := a.provider.PaymentMethods.List(r.Context())
	if err != nil {
		a.upstreamFailed(w, r, actionError, "payment method", err)
		return
	}
	items := make([]paymentMethod, len(methods))
	for i, method := range methods {
		items[i] = paymentMethod{method.PaymentMethodID, method.Name}
	}
	a.success(w, "PAYMENT_METHODS_LISTED", items, nil)
}
