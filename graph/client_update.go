package graph

import (
	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/graph/model"
	"wisphub-graphql/isp"
)

// clientUpdate tells absent from null: a text that is null is cleared, and a balance that is null is no amount.
func clientUpdate(input model.UpdateClientInput) isp.UpdateClientInput {
	return isp.UpdateClientInput{
		ServiceID: input.ServiceID,
		Name:      given(input.Name),
		LastName:  given(input.LastName),
		Document:  given(input.Document),
		Phone:     given(input.Phone),
		Address:   given(input.Address),
		Locality:  given(input.Locality),
		City:      given(input.City),
		Balance:   given(input.Balance),
	}
}

// given is nil for what is absent, and points to the zero value for null.
func given[T any](value graphql.Omittable[*T]) *T {
	if !value.IsSet() {
		return nil
	}
	if value.Value() == nil {
		return new(T)
	}
	return value.Value()
}
