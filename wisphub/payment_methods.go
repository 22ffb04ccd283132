package wisphub

import "context"

// PaymentMethodsService reads the ways to pay.
type PaymentMethodsService service

// PaymentMethod is a way to pay, for example "Saldo a Favor".
type PaymentMethod = Ref

// List returns all payment methods.
func (s *PaymentMethodsService) List(ctx context.Context) ([]PaymentMethod, error) {
	return readCatalogue(ctx, s.api, refID, "formas-de-pago")
}
