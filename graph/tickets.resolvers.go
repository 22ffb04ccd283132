package graph

import (
	"context"
	"wisphub-graphql/graph/model"
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

func (r *queryResolver) Ticket(ctx context.Context, ticketID int) (*model.Ticket, error) {
	return nil, errLater
}

func (r *queryResolver) Tickets(ctx context.Context, filter *model.TicketFilter, first *int, after *string) (*model.TicketConnection, error) {
	return nil, errLater
}

func (r *queryResolver) TicketSubjects(ctx context.Context) ([]*model.TicketSubject, error) {
	return nil, errLater
}
