package rest

import (
	"context"
	"errors"
	"net/http"

	"wisphub-graphql/isp"
)

// identityNames are the fields of a claim as this face calls them.
var identityNames = map[isp.IdentityField]string{
	isp.IdentityName: "name", isp.IdentityAddress: "address", isp.IdentityPlanName: "internet_plan_name",
	isp.IdentityPlanPrice: "internet_plan_price",
}

const messageTooLittle = "Indique al menos tres de: nombre, dirección, plan y precio del plan."

// identityCheck is what verifyClient answers with.
type identityCheck struct {
	IsValid       bool     `json:"is_valid"`
	MatchedFields []string `json:"matched_fields"`
}

// claimBody is what a person says about themselves.
type claimBody struct {
	Name              *string      `json:"name"`
	Address           *string      `json:"address"`
	InternetPlanName  *string      `json:"internet_plan_name"`
	InternetPlanPrice *isp.Decimal `json:"internet_plan_price"`
}

// readClaim returns a claim, or has answered what is wrong with it.
func (a *api) readClaim(w http.ResponseWriter, r *http.Request) (claim isp.IdentityClaim, ok bool) {
	body, faults := readBody[claimBody](w, r)
	if len(faults) > 0 {
		a.invalid(w, faults)
	}
	return isp.IdentityClaim{
		Name: body.Name, Address: body.Address, PlanName: body.InternetPlanName, PlanPrice: body.InternetPlanPrice,
	}, len(faults) == 0
}

// claimFailed answers for a claim that could not be looked into.
func (a *api) claimFailed(w http.ResponseWriter, r *http.Request, err error) {
	if input := (*isp.InputError)(nil); errors.As(err, &input) && len(input.Field) == 1 && input.Field[0] == "claim" {
		a.fail(w, http.StatusOK, "CLIENT_VERIFICATION_FAILED", messageTooLittle)
		return
	}
	a.upstreamFailed(w, r, "CLIENT_NOT_FOUND", "client", err)
}

// resolveClient finds the one customer whom a claim fits.
func (a *api) resolveClient(w http.ResponseWriter, r *http.Request) {
	claim, ok := a.readClaim(w, r)
	if !ok {
		return
	}
	check, err := a.provider.Clients.Identify(r.Context(), claim, a.askPlans)
	switch {
	case err != nil:
		a.claimFailed(w, r, err)
	case !check.Valid:
		a.fail(w, http.StatusOK, "CLIENT_NOT_FOUND", "Ningún cliente coincide con esos datos.")
	default:
		a.success(w, "CLIENT_VERIFIED", client{check.Client}, nil)
	}
}

// verifyClient says which parts of a claim fit a client.
func (a *api) verifyClient(w http.ResponseWriter, r *http.Request) {
	claim, ok := a.readClaim(w, r)
	if !ok {
		return
	}
	id := pathNumber(r, "service_id")
	var check *isp.IdentityCheck
	var err error
	if id > 0 {
		check, err = a.provider.Clients.Verify(r.Context(), id, claim, a.askPlans)
	}
	switch {
	case err != nil:
		a.claimFailed(w, r, err)
	case check == nil:
		a.fail(w, http.StatusOK, "CLIENT_NOT_FOUND", "No existe ese cliente.")
	default:
		a.answerCheck(w, check)
	}
}

func (a *api) answerCheck(w http.ResponseWriter, check *isp.IdentityCheck) {
	result := identityCheck{IsValid: check.Valid, MatchedFields: []string{}}
	for _, field := range check.MatchedFields {
		result.MatchedFields = append(result.MatchedFields, identityNames[field])
	}
	action := "CLIENT_VERIFICATION_FAILED"
	if check.Valid {
		action = "CLIENT_VERIFIED"
	}
	a.success(w, action, result, nil)
}

var errTooManyPlans = errors.New("the claim would ask for more plans than one request may")

// askPlans refuses what costs more calls than a request may.
func (a *api) askPlans(ctx context.Context, ids []int) ([]*isp.PlanDetails, []error) {
	if len(ids) > a.maxCalls {
		errs := make([]error, len(ids))
		for i := range errs {
			errs[i] = errTooManyPlans
		}
		return make([]*isp.PlanDetails, len(ids)), errs
	}
	return a.provider.Plans.ManyDetails(ctx, ids)
}
