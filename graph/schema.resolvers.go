package graph

import (
	"context"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

func (r *queryResolver) Node(ctx context.Context, id string) (isp.Node, error) {
	return r.node(ctx, id)
}

func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

type queryResolver struct{ *Resolver }
