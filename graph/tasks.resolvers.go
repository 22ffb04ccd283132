package graph

import (
	"context"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/graph/transport"
	"wisphub-graphql/isp"
)

func (r *mutationResolver) PingClient(ctx context.Context, serviceID int, pings *int) (*isp.PingPayload, error) {
	return r.clients.Ping(ctx, serviceID, pings)
}

func (r *queryResolver) Task(ctx context.Context, taskID string) (*isp.Task, error) {
	return r.tasks.Get(ctx, taskID)
}

func (r *subscriptionResolver) TaskUpdated(ctx context.Context, taskID string) (<-chan *isp.Task, error) {
	watch, err := r.tasks.Watch(ctx, taskID)
	if err != nil {
		return nil, err
	}
	transport.SetStreamErr(ctx, watch.Err)
	return watch.States, nil
}

func (r *Resolver) Subscription() generated.SubscriptionResolver { return &subscriptionResolver{r} }

type subscriptionResolver struct{ *Resolver }
