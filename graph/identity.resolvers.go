package graph

import (
	"context"
	"wisphub-graphql/isp"
)

func (r *queryResolver) IdentifyClient(ctx context.Context, claim isp.IdentityClaim) (*isp.IdentityCheck, error) {
	return r.identity.Identify(ctx, claim, r.manyPlanDetails)
}

func (r *queryResolver) VerifyClient(ctx context.Context, serviceID int, claim isp.IdentityClaim) (*isp.IdentityCheck, error) {
	return r.identity.Verify(ctx, serviceID, claim, r.manyPlanDetails)
}
