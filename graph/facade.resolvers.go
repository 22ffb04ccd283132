package graph

import (
	"context"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

func (r *facadeResolver) Version(ctx context.Context, obj *isp.Status) (string, error) {
	return r.version, nil
}

func (r *facadeResolver) Users(ctx context.Context, obj *isp.Status) ([]*isp.UserUsage, error) {
	return r.usersFor(ctx), nil
}

func (r *mutationResolver) Refresh(ctx context.Context, resource isp.Resource) (*isp.Status, error) {
	if err := r.refresh(ctx, resource); err != nil {
		return nil, err
	}
	return r.status(), nil
}

func (r *queryResolver) Facade(ctx context.Context) (*isp.Status, error) {
	return r.status(), nil
}

func (r *Resolver) Facade() generated.FacadeResolver { return &facadeResolver{r} }

type facadeResolver struct{ *Resolver }
