package graph

import (
	"context"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/graph/model"
	"wisphub-graphql/isp"
)

func (r *mutationResolver) CreateTicket(ctx context.Context, input model.CreateTicketInput) (*model.TicketPayload, error) {
	return nil, errLater
}

func (r *mutationResolver) UpdateTicket(ctx context.Context, input model.UpdateTicketInput) (*model.TicketPayload, error) {
	return nil, errLater
}

func (r *mutationResolver) AnswerTicket(ctx context.Context, input model.AnswerTicketInput) (*model.TicketPayload, error) {
	return nil, errLater
}

func (r *queryResolver) Ticket(ctx context.Context, ticketID int) (*isp.Ticket, error) {
	return r.tickets.Get(ctx, ticketID)
}

func (r *queryResolver) Tickets(ctx context.Context, filter *isp.TicketFilter, first *int, after *string) (*isp.TicketConnection, error) {
	return r.tickets.List(ctx, isp.TicketQuery{Filter: filter, First: first, After: after})
}

func (r *queryResolver) TicketSubjects(ctx context.Context) ([]*isp.TicketSubject, error) {
	return r.subjects.List(ctx)
}

func (r *ticketResolver) Client(ctx context.Context, obj *isp.Ticket) (*isp.Client, error) {
	return r.ticketClient(ctx, obj)
}

func (r *Resolver) Ticket() generated.TicketResolver { return &ticketResolver{r} }

type ticketResolver struct{ *Resolver }
