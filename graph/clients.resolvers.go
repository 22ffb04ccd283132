package graph

import (
	"context"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/graph/model"
	"wisphub-graphql/isp"
)

func (r *clientResolver) Tickets(ctx context.Context, obj *isp.Client, status []isp.TicketStatus, first *int) ([]*isp.Ticket, error) {
	return r.tickets.OfClient(ctx, obj.ServiceID, status, first)
}

func (r *clientResolver) OtherServices(ctx context.Context, obj *isp.Client) ([]*isp.Client, error) {
	return r.clients.OtherServices(ctx, obj)
}

func (r *clientResolver) Account(ctx context.Context, obj *isp.Client) (*isp.Account, error) {
	return r.account(ctx, obj)
}

func (r *mutationResolver) UpdateClient(ctx context.Context, input model.UpdateClientInput) (*isp.UpdateClientPayload, error) {
	return r.clients.Update(ctx, clientUpdate(input))
}

func (r *mutationResolver) ActivateClients(ctx context.Context, serviceIds []int) (*isp.ServiceStatePayload, error) {
	return r.clients.Activate(ctx, serviceIds)
}

func (r *mutationResolver) SuspendClients(ctx context.Context, serviceIds []int) (*isp.ServiceStatePayload, error) {
	return r.clients.Suspend(ctx, serviceIds)
}

func (r *queryResolver) Client(ctx context.Context, by isp.ClientKey) (*isp.Client, error) {
	return r.clients.Find(ctx, by)
}

func (r *queryResolver) Clients(ctx context.Context, filter *isp.ClientFilter, search *string, orderBy *isp.ClientOrder, first *int, after *string) (*isp.ClientConnection, error) {
	return r.clients.List(ctx, isp.ClientQuery{Filter: filter, Search: search, Order: orderBy, First: first, After: after})
}

func (r *Resolver) Client() generated.ClientResolver { return &clientResolver{r} }

type clientResolver struct{ *Resolver }
