package graph

import (
	"context"
	"wisphub-graphql/auth"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

func (r *mutationResolver) CreateTicket(ctx context.Context, input isp.CreateTicketInput) (*isp.TicketPayload, error) {
	input.KeyOwner = auth.FromContext(ctx).Username
	return r.tickets.Create(ctx, input)
}

func (r *mutationResolver) UpdateTicket(ctx context.Context, input isp.UpdateTicketInput) (*isp.TicketPayload, error) {
	return r.tickets.Update(ctx, input)
}

func (r *mutationResolver) AnswerTicket(ctx context.Context, input isp.AnswerTicketInput) (*isp.TicketPayload, error) {
	input.KeyOwner = auth.FromContext(ctx).Username
	return r.tickets.Answer(ctx, input)
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
