package isp

import (
	"context"

	"wisphub-graphql/wisphub"
)

// PaymentMethod is a way to pay an invoice. It is immutable.
type PaymentMethod struct {
	ID              string
	PaymentMethodID int
	Name            string
}

// IsNode implements [Node].
func (*PaymentMethod) IsNode() {}

// PaymentMethods lists the payment methods.
type PaymentMethods struct{ *catalogue[PaymentMethod] }

func newPaymentMethods(api *wisphub.API, cfg Config) *PaymentMethods {
	id := func(method *PaymentMethod) int { return method.PaymentMethodID }
	load := func(ctx context.Context) ([]*PaymentMethod, error) {
		rows, err := api.PaymentMethods.List(ctx)
		return convertAll(rows, id, newPaymentMethod), err
	}
	return &PaymentMethods{newCatalogue(cfg, "payment methods", "payment method", id, load)}
}

func newPaymentMethod(row wisphub.PaymentMethod) *PaymentMethod {
	id := int(row.ID)
	return &PaymentMethod{ID: nodeID("paymentMethod", id), PaymentMethodID: id, Name: string(row.Name)}
}
