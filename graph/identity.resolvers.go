package graph

import (
	"context"
	"wisphub-graphql/graph/model"
)

func (r *queryResolver) IdentifyClient(ctx context.Context, claim model.IdentityClaim) (*model.IdentityCheck, error) {
	return nil, errLater
}

func (r *queryResolver) VerifyClient(ctx context.Context, serviceID int, claim model.IdentityClaim) (*model.IdentityCheck, error) {
	return nil, errLater
}
