package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// newPlain returns "gqlgen as generated": the generated executor behind gqlgen's own transport, with
// plain resolvers, and without users, limits and batches. Its argument is the address of WispHub.
func newPlain(args []string) (http.Handler, error) {
	api, err := wisphub.New(wisphub.Config{
		Host: args[0], Key: wisphubtest.Key, Timeout: askTimeout, MinuteLimit: minuteLimit, HourLimit: hourLimit,
	})
	if err != nil {
		return nil, err
	}
	const ttl = 24 * time.Hour
	provider := isp.New(api, isp.Config{
		ClientsTTL: ttl, ClientTTL: ttl, PlansTTL: ttl, PlanTTL: ttl, TicketsTTL: ttl, StaleLimit: ttl,
		TicketsHorizon: 183 * 24 * time.Hour, ActiveTicketStates: []int{1}, MaxActiveTicketsPerZone: 3,
		TimeZone: time.FixedZone("Bogota", -5*60*60), PhoneCountryCode: "57", MaxTicketResolutionDays: 3,
		Logger: slog.New(slog.DiscardHandler),
	})
	server := handler.New(generated.NewExecutableSchema(generated.Config{
		Resolvers: &plain{provider: provider},
		Directives: generated.DirectiveRoot{
			HasScope: func(ctx context.Context, _ any, next graphql.Resolver, _ auth.Scope) (any, error) { return next(ctx) },
		},
	}))
	server.AddTransport(transport.POST{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	return server, nil
}

// plain has the resolvers that the works need. The others are nil and panic.
type plain struct {
	generated.ResolverRoot
	provider *isp.Provider
}

func (r *plain) Query() generated.QueryResolver   { return &plainQuery{provider: r.provider} }
func (r *plain) Plan() generated.PlanResolver     { return &plainPlan{provider: r.provider} }
func (r *plain) Ticket() generated.TicketResolver { return &plainTicket{provider: r.provider} }

type plainQuery struct {
	generated.QueryResolver
	provider *isp.Provider
}

func (r *plainQuery) Client(ctx context.Context, by isp.ClientKey) (*isp.Client, error) {
	return r.provider.Clients.Find(ctx, by)
}

func (r *plainQuery) Clients(
	ctx context.Context, filter *isp.ClientFilter, search *string, order *isp.ClientOrder, first *int, after *string,
) (*isp.ClientConnection, error) {
	return r.provider.Clients.List(ctx, isp.ClientQuery{Filter: filter, Search: search, Order: order, First: first, After: after})
}

func (r *plainQuery) Tickets(ctx context.Context, filter *isp.TicketFilter, first *int, after *string) (*isp.TicketConnection, error) {
	return r.provider.Tickets.List(ctx, isp.TicketQuery{Filter: filter, First: first, After: after})
}

type plainPlan struct {
	generated.PlanResolver
	provider *isp.Provider
}

func (r *plainPlan) Price(ctx context.Context, plan *isp.Plan) (*isp.Decimal, error) {
	details, err := r.provider.Plans.Details(ctx, plan.PlanID)
	if err != nil {
		return nil, err
	}
	return &details.Price, nil
}

type plainTicket struct {
	generated.TicketResolver
	provider *isp.Provider
}

func (r *plainTicket) Client(ctx context.Context, ticket *isp.Ticket) (*isp.Client, error) {
	if ticket.ServiceID == 0 {
		return nil, nil
	}
	return r.provider.Clients.Listed(ctx, ticket.ServiceID)
}
