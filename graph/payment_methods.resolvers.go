package graph

import (
	"context"
	"wisphub-graphql/isp"
)

func (r *queryResolver) PaymentMethods(ctx context.Context) ([]*isp.PaymentMethod, error) {
	return r.paymentMethods.List(ctx)
}
