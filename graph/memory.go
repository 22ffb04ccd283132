package graph

import (
	"context"

	"wisphub-graphql/graph/direct"
	"wisphub-graphql/isp"
)

// memory returns the resolvers that memory can answer. Each returns what the resolver of the same
// field returns, and has its type. All other resolvers are left to gqlgen's executor: those of
// changes, those whose answer depends on the caller or the moment, and those that cost a call as a
// rule.
func (r *Resolver) memory() direct.Resolvers {
	return direct.Resolvers{
		"Query.client":         r.knownClient,
		"Query.clients":        r.knownClients,
		"Query.plan":           r.knownPlan,
		"Query.plans":          r.knownPlans,
		"Query.zone":           r.knownZone,
		"Query.zones":          knownList(r.zones),
		"Query.staff":          knownList(r.staff),
		"Query.paymentMethods": knownList(r.paymentMethods),
		"Query.ticket":         r.knownTicket,
		"Query.tickets":        r.knownTickets,
		"Query.ticketSubjects": knownList(r.subjects),
		"Client.tickets":       r.knownTicketsOfClient,
		"Client.otherServices": r.knownOtherServices,
		"Plan.type":            r.knownPlanType,
		"Plan.price":           r.knownDetail(func(details *isp.PlanDetails) any { return &details.Price }),
		"Plan.downloadSpeed":   r.knownDetail(func(details *isp.PlanDetails) any { return nullable(&details.DownloadSpeed) }),
		"Plan.uploadSpeed":     r.knownDetail(func(details *isp.PlanDetails) any { return nullable(&details.UploadSpeed) }),
		"Plan.downloadKbps":    r.knownDetail(func(details *isp.PlanDetails) any { return details.DownloadKbps }),
		"Plan.uploadKbps":      r.knownDetail(func(details *isp.PlanDetails) any { return details.UploadKbps }),
		"Plan.clientCount":     r.knownClientCount,
		"Ticket.client":        r.knownTicketClient,
		"Staff.username":       r.knownMember(func(member *isp.Staff) *isp.Text { return &member.Username }),
		"Staff.email":          r.knownMember(func(member *isp.Staff) *isp.Text { return &member.Email }),
	}
}

// argument returns an argument of a resolver, the zero value if it is absent.
func argument[T any](arguments map[string]any, name string) T {
	value, _ := arguments[name].(T)
	return value
}

func (r *Resolver) knownClient(ctx context.Context, _ any, arguments map[string]any) (any, bool) {
	return known(r.clients.FindNow(ctx, argument[isp.ClientKey](arguments, "by")))
}

func (r *Resolver) knownClients(ctx context.Context, _ any, arguments map[string]any) (any, bool) {
	return known(r.clients.ListNow(ctx, isp.ClientQuery{
		Filter: argument[*isp.ClientFilter](arguments, "filter"),
		Search: argument[*string](arguments, "search"),
		Order:  argument[*isp.ClientOrder](arguments, "orderBy"),
		First:  argument[*int](arguments, "first"),
		After:  argument[*string](arguments, "after"),
	}))
}

func (r *Resolver) knownPlan(ctx context.Context, _ any, arguments map[string]any) (any, bool) {
	return known(r.plans.GetNow(ctx, argument[int](arguments, "planId")))
}

func (r *Resolver) knownPlans(ctx context.Context, _ any, arguments map[string]any) (any, bool) {
	return known(r.plans.ListNow(ctx, argument[[]isp.PlanType](arguments, "type")))
}

func (r *Resolver) knownZone(ctx context.Context, _ any, arguments map[string]any) (any, bool) {
	return known(r.zones.GetNow(ctx, argument[int](arguments, "zoneId")))
}

func (r *Resolver) knownTicket(ctx context.Context, _ any, arguments map[string]any) (any, bool) {
	return known(r.tickets.GetNow(ctx, argument[int](arguments, "ticketId")))
}

func (r *Resolver) knownTickets(ctx context.Context, _ any, arguments map[string]any) (any, bool) {
	return known(r.tickets.ListNow(ctx, isp.TicketQuery{
		Filter: argument[*isp.TicketFilter](arguments, "filter"),
		First:  argument[*int](arguments, "first"),
		After:  argument[*string](arguments, "after"),
	}))
}

func (r *Resolver) knownTicketsOfClient(ctx context.Context, parent any, arguments map[string]any) (any, bool) {
	return known(r.tickets.OfClientNow(ctx, parent.(*isp.Client).ServiceID,
		argument[[]isp.TicketStatus](arguments, "status"), argument[*int](arguments, "first")))
}

func (r *Resolver) knownOtherServices(ctx context.Context, parent any, _ map[string]any) (any, bool) {
	return known(r.clients.OtherServicesNow(ctx, parent.(*isp.Client)))
}

func (r *Resolver) knownPlanType(ctx context.Context, parent any, _ map[string]any) (any, bool) {
	return known(r.plans.TypeNow(ctx, parent.(*isp.Plan).PlanID))
}

func (r *Resolver) knownClientCount(ctx context.Context, parent any, _ map[string]any) (any, bool) {
	count, ok := r.clients.CountByPlanNow(ctx, parent.(*isp.Plan).PlanID)
	return known(&count, ok)
}

func (r *Resolver) knownTicketClient(ctx context.Context, parent any, _ map[string]any) (any, bool) {
	ticket := parent.(*isp.Ticket)
	if ticket.ServiceID == 0 {
		return (*isp.Client)(nil), true
	}
	return known(r.clients.ListedNow(ctx, ticket.ServiceID))
}

// knownDetail returns the resolver of a field of a plan's details.
func (r *Resolver) knownDetail(field func(*isp.PlanDetails) any) direct.Resolver {
	return func(ctx context.Context, parent any, _ map[string]any) (any, bool) {
		details, ok := r.plans.KnownDetails(ctx, parent.(*isp.Plan).PlanID)
		if !ok {
			return nil, false
		}
		return field(details), true
	}
}

// knownMember returns the resolver of a field that only the list of staff has.
func (r *Resolver) knownMember(field func(*isp.Staff) *isp.Text) direct.Resolver {
	return func(ctx context.Context, parent any, _ map[string]any) (any, bool) {
		member, ok := r.staff.GetNow(ctx, parent.(*isp.Staff).StaffID)
		if !ok || member == nil {
			return (*string)(nil), ok
		}
		return nullable(field(member)), true
	}
}

// knownList returns the resolver of a list without arguments.
func knownList[T any](list interface {
	ListNow(ctx context.Context) ([]T, bool)
}) direct.Resolver {
	return func(ctx context.Context, _ any, _ map[string]any) (any, bool) { return known(list.ListNow(ctx)) }
}

// known returns a value of any type as a [direct.Resolver] does.
func known[T any](value T, ok bool) (any, bool) {
	if !ok {
		return nil, false
	}
	return value, true
}
