package rest

import (
	"errors"
	"net/http"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
)

const actionUpdateFailed = "CLIENT_UPDATE_FAILED"

// clientUpdateBody has the new values of a client's personal record. An absent or null field stays
// unchanged; an empty text clears the field.
type clientUpdateBody struct {
	Name     *string      `json:"name"`
	LastName *string      `json:"last_name"`
	Document *string      `json:"document"`
	Address  *string      `json:"address"`
	Locality *string      `json:"locality"`
	City     *string      `json:"city"`
	Phone    *string      `json:"phone"`
	Balance  *isp.Decimal `json:"balance"`
}

// updateClient changes the personal record of a client.
func (a *api) updateClient(w http.ResponseWriter, r *http.Request) {
	body, errs := readBody[clientUpdateBody](w, r)
	input := isp.UpdateClientInput{
		ServiceID: pathID(r, "service_id"), Name: body.Name, LastName: body.LastName, Document: body.Document,
		Phone: body.Phone, Address: body.Address, Locality: body.Locality, City: body.City, Balance: body.Balance,
	}
	if len(errs) > 0 {
		a.invalid(w, mergeErrors(errs, inputErrors(input.Check())))
		return
	}
	if input.ServiceID == 0 {
		a.fail(w, http.StatusOK, actionUpdateFailed, messageNoClient)
		return
	}
	payload, err := a.provider.Clients.Update(r.Context(), input)
	switch {
	case errors.Is(err, auth.ErrForbidden):
		auth.RefuseScope(w, auth.ScopeBilling) // only the balance needs more than the route does
	case err != nil:
		a.upstreamFailed(w, r, actionUpdateFailed, "client", err)
	case len(inputErrors(payload.UserErrors)) > 0:
		a.invalid(w, inputErrors(payload.UserErrors))
	case len(payload.UserErrors) > 0:
		a.fail(w, http.StatusOK, actionUpdateFailed, refusalMessage(payload.UserErrors))
	default:
		a.success(w, "CLIENT_UPDATED", clientJSON{payload.Client}, nil)
	}
}
