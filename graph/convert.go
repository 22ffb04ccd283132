package graph

import (
	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/graph/model"
	"wisphub-graphql/isp"
)

// clientUpdate converts the input of updateClient. An absent field becomes nil and stays unchanged.
// A null text becomes "" and is cleared. A null balance becomes no amount, which isp refuses.
func clientUpdate(input model.UpdateClientInput) isp.UpdateClientInput {
	return isp.UpdateClientInput{
		ServiceID: input.ServiceID,
		Name:      pointerTo(input.Name),
		LastName:  pointerTo(input.LastName),
		Document:  pointerTo(input.Document),
		Phone:     pointerTo(input.Phone),
		Address:   pointerTo(input.Address),
		Locality:  pointerTo(input.Locality),
		City:      pointerTo(input.City),
		Balance:   pointerTo(input.Balance),
	}
}

// pointerTo returns nil for an absent value, and a pointer to the zero value for null.
func pointerTo[T any](value graphql.Omittable[*T]) *T {
	if !value.IsSet() {
		return nil
	}
	if value.Value() == nil {
		return new(T)
	}
	return value.Value()
}

// nullable returns the text as resolvers return it: nil if it is empty. It does not copy the text,
// so the record must not change.
func nullable(text *isp.Text) *string {
	if *text == "" {
		return nil
	}
	return (*string)(text)
}
