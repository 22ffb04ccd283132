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
	return r.sessions.Logout(ctx), nil
}

func (r *mutationResolver) LogoutEverywhere(ctx context.Context) (bool, error) {
	return r.sessions.LogoutEverywhere(ctx), nil
}

func (r *mutationResolver) EndSessions(ctx context.Context, username string) (bool, error) {
	return r.sessions.EndSessions(ctx, username)
}

func (r *queryResolver) Viewer(ctx context.Context) (*auth.Caller, error) {
	return auth.FromContext(ctx), nil
}

func (r *Resolver) Mutation() generated.MutationResolver { return &mutationResolver{r} }

type mutationResolver struct{ *Resolver }
