package rest

import (
	"net/http"

	"wisphub-graphql/isp"
)

const actionUpdateFailed = "CLIENT_UPDATE_FAILED"

// profileBody is what is to change in a personal record. What is absent or null stays, and an empty text clears.
type profileBody struct {
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
	body, faults := readBody[profileBody](w, r)
	input := isp.UpdateClientInput{
		ServiceID: pathNumber(r, "service_id"), Name: body.Name, LastName: body.LastName, Document: body.Document,
		Phone: body.Phone, Address: body.Address, Locality: body.Locality, City: body.City, Balance: body.Balance,
	}
	if len(faults) > 0 {
		a.invalid(w, merge(faults, inputFaults(input.Check())))
		return
	}
	if input.ServiceID == 0 {
		a.fail(w, http.StatusOK, "CLIENT_NOT_FOUND", "No existe ese cliente.")
		return
	}
	payload, err := a.provider.Desk.UpdateClient(r.Context(), input)
	switch {
	case err != nil:
		a.upstreamFailed(w, r, actionUpdateFailed, "client", err)
	case len(inputFaults(payload.UserErrors)) > 0:
		a.invalid(w, inputFaults(payload.UserErrors))
	case hasCode(payload.UserErrors, isp.CodeNotFound):
		a.fail(w, http.StatusOK, "CLIENT_NOT_FOUND", "No existe ese cliente.")
	case len(payload.UserErrors) > 0:
		a.fail(w, http.StatusOK, actionUpdateFailed, refusal(payload.UserErrors))
	default:
		a.success(w, "CLIENT_UPDATED", client{payload.Client}, nil)
	}
}
