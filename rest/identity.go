package rest

import (
	"context"
	"errors"
	"net/http"

	"wisphub-graphql/isp"
)

// identityFields are the JSON names of the fields of a claim.
var identityFields = map[isp.IdentityField]string{
	isp.IdentityName: "name", isp.IdentityAddress: "address", isp.IdentityPlanName: "internet_plan_name",
	isp.IdentityPlanPrice: "internet_plan_price",
}

// identityCheck is the data of verifyClient.
type identityCheck struct {
	IsValid       bool     `json:"is_valid"`
	MatchedFields []string `json:"matched_fields"`
}

// claimBody is what subscribers say about themselves.
type claimBody struct {
	Name              *string       `json:"name"`
	Address           *string       `json:"address"`
	InternetPlanName  *string       `json:"internet_plan_name"`
	InternetPlanPrice *claimedPrice `json:"internet_plan_price"`
}

// claimedPrice is an amount as people write prices, see [isp.ParsePrice].
type claimedPrice isp.Decimal

// readClaim returns the claim in the body. When it returns false it has answered already.
func (a *api) readClaim(w http.ResponseWriter, r *http.Request) (claim isp.IdentityClaim, ok bool) {
	body, errs := readBody[claimBody](w, r)
	if len(errs) > 0 {
		a.invalid(w, errs)
	}
	return isp.IdentityClaim{
		Name: body.Name, Address: body.Address, PlanName: body.InternetPlanName, PlanPrice: (*isp.Decimal)(body.InternetPlanPrice),
	}, len(errs) == 0
}

// claimFailed answers for a claim that could not be checked.
func (a *api) claimFailed(w http.ResponseWriter, r *http.Request, err error) {
	if input := (*isp.InputError)(nil); errors.As(err, &input) && len(input.Field) == 1 && input.Field[0] == "claim" {
		a.fail(w, http.StatusOK, "CLIENT_VERIFICATION_FAILED", messageTooFewFields)
		return
	}
	a.upstreamFailed(w, r, "CLIENT_NOT_FOUND", "client", err)
}

// resolveClient answers with the only client that matches the claim.
func (a *api) resolveClient(w http.ResponseWriter, r *http.Request) {
	claim, ok := a.readClaim(w, r)
	if !ok {
		return
	}
	check, err := a.provider.Clients.Identify(r.Context(), claim, a.loadPlans)
	switch {
	case err != nil:
		a.claimFailed(w, r, err)
	case !check.Valid:
		a.fail(w, http.StatusOK, "CLIENT_NOT_FOUND", "Ningún cliente coincide con esos datos.")
	default:
		a.success(w, "CLIENT_VERIFIED", clientJSON{check.Client}, nil)
	}
}

// verifyClient answers which fields of the claim match the client.
func (a *api) verifyClient(w http.ResponseWriter, r *http.Request) {
	claim, ok := a.readClaim(w, r)
	if !ok {
		return
	}
	id := pathID(r, "service_id")
	var check *isp.IdentityCheck
	var err error
	if id > 0 {
		check, err = a.provider.Clients.Verify(r.Context(), id, claim, a.loadPlans)
	}
	switch {
	case err != nil:
		a.claimFailed(w, r, err)
	case check == nil:
		a.fail(w, http.StatusOK, "CLIENT_NOT_FOUND", messageNoClient)
	default:
		a.answerCheck(w, check)
	}
}

func (a *api) answerCheck(w http.ResponseWriter, check *isp.IdentityCheck) {
	result := identityCheck{IsValid: check.Valid, MatchedFields: []string{}}
	for _, field := range check.MatchedFields {
		result.MatchedFields = append(result.MatchedFields, identityFields[field])
	}
	action := "CLIENT_VERIFICATION_FAILED"
	if check.Valid {
		action = "CLIENT_VERIFIED"
	}
	a.success(w, action, result, nil)
}

var errTooManyPlans = errors.New("the claim needs the details of more plans than one request may fetch")

// loadPlans loads the details of plans. It refuses more plans than the request may spend calls.
func (a *api) loadPlans(ctx context.Context, ids []int) ([]*isp.PlanDetails, []error) {
	if len(ids) > a.maxCalls {
		errs := make([]error, len(ids))
		for i := range errs {
			errs[i] = errTooManyPlans
		}
		return make([]*isp.PlanDetails, len(ids)), errs
	}
	return a.provider.Plans.ManyDetails(ctx, ids)
}
