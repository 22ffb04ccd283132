package graph

import (
	"context"
	"wisphub-graphql/auth"
	"wisphub-graphql/graph/generated"
)

func (r *mutationResolver) Login(ctx context.Context, username string, password string) (*auth.Token, error) {
	token, err := r.sessions.Login(ctx, username, password)
	return &token, err
}

func (r *mutationResolver) RenewToken(ctx context.Context) (*auth.Token, error) {
	token, err := r.sessions.Renew(ctx)
	return &token, err
}

func (r *mutationResolver) Logout(ctx context.Context) (bool, error) {
	r.sessions.Logout(ctx)
	return true, nil
}

func (r *queryResolver) Viewer(ctx context.Context) (*auth.Caller, error) {
	return auth.FromContext(ctx), nil
}

func (r *Resolver) Mutation() generated.MutationResolver { return &mutationResolver{r} }

type mutationResolver struct{ *Resolver }
