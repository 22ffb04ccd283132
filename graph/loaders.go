package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/graph-gophers/dataloader/v7"

	"wisphub-graphql/isp"
)

// batchWait is how long a loader waits for others to join its batch. Only what memory does not hold waits.
const batchWait = time.Millisecond

// loaders join the look-ups of one response, so that fifty clients with the same plan ask for it once. They live as
// long as one response: not longer, or a socket would be served old data.
type loaders struct {
	planDetails *dataloader.Loader[int, *isp.PlanDetails]
	accounts    *dataloader.Loader[int, *isp.Account]
}

type loadersKey struct{}

// withLoaders is called around each response.
func (r *Resolver) withLoaders(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	allowance := newAllowance(ctx, r.maxCalls)
	return next(context.WithValue(ctx, loadersKey{}, &loaders{
		planDetails: newLoader(r.plans.ManyDetails, allowance),
		accounts:    newLoader(r.accounts.GetMany, allowance),
	}))
}

func loadersFrom(ctx context.Context) *loaders { return ctx.Value(loadersKey{}).(*loaders) }

// many looks up several records and returns each or its error, in the order of the ids.
type many[T any] func(ctx context.Context, ids []int) ([]T, []error)

// newLoader joins look-ups in batches. Each id costs a call, and a batch that the allowance does not hold is refused.
func newLoader[T any](get many[T], allowance *callAllowance) *dataloader.Loader[int, T] {
	batch := func(ctx context.Context, ids []int) []*dataloader.Result[T] {
		if err := allowance.take(len(ids)); err != nil {
			return results(ids, make([]T, len(ids)), func(int) error { return err })
		}
		ctx, cancel := withoutCaller(ctx)
		defer cancel()
		records, errs := get(ctx, ids)
		return results(ids, records, func(i int) error { return errs[i] })
	}
	return dataloader.NewBatchedLoader(batch, dataloader.WithWait[int, T](batchWait))
}

func results[T any](ids []int, records []T, err func(i int) error) []*dataloader.Result[T] {
	list := make([]*dataloader.Result[T], len(ids))
	for i := range ids {
		list[i] = &dataloader.Result[T]{Data: records[i], Error: err(i)}
	}
	return list
}

// withoutCaller keeps a batch from dying with the caller that happened to be first: it ends with the operation's time alone.
func withoutCaller(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		deadline = time.Now().Add(operationTimeout)
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// planDetails returns what a plan costs and gives: from memory at once, else with the response's other plans.
func (r *Resolver) planDetails(ctx context.Context, plan *isp.Plan) (*isp.PlanDetails, error) {
	if known, ok := r.plans.KnownDetails(ctx, plan.PlanID); ok {
		return known, nil
	}
	return loadersFrom(ctx).planDetails.Load(ctx, plan.PlanID)()
}

// manyPlanDetails is planDetails for several plans. Those that memory does not hold join one batch, which the allowance
// holds whole or not at all.
func (r *Resolver) manyPlanDetails(ctx context.Context, ids []int) ([]*isp.PlanDetails, []error) {
	thunks := make([]dataloader.Thunk[*isp.PlanDetails], len(ids))
	details, errs := make([]*isp.PlanDetails, len(ids)), make([]error, len(ids))
	for i, id := range ids {
		if known, ok := r.plans.KnownDetails(ctx, id); ok {
			details[i] = known
		} else {
			thunks[i] = loadersFrom(ctx).planDetails.Load(ctx, id)
		}
	}
	for i, thunk := range thunks {
		if thunk != nil {
			details[i], errs[i] = thunk()
		}
	}
	return details, errs
}

// account returns what a client owes: from memory at once, else with the response's other accounts.
func (r *Resolver) account(ctx context.Context, client *isp.Client) (*isp.Account, error) {
	if r.accounts.Known(client.ServiceID) {
		return r.accounts.Get(ctx, client.ServiceID)
	}
	return loadersFrom(ctx).accounts.Load(ctx, client.ServiceID)()
}

// ticketClient returns the client that a ticket is about, nil when there is none (any more). The rows of a list wait for the
// directory if there is none yet: one reading answers for all of them, where each look-up would be a call.
func (r *Resolver) ticketClient(ctx context.Context, ticket *isp.Ticket) (*isp.Client, error) {
	if ticket.ServiceID == 0 {
		return nil, nil
	}
	if inList(ctx) {
		if err := r.clients.Warm(ctx); err != nil {
			return nil, err
		}
	}
	return r.clients.Get(ctx, ticket.ServiceID)
}

// inList reports whether the field that is being resolved lies beneath a list.
func inList(ctx context.Context) bool {
	field := graphql.GetFieldContext(ctx)
	for field != nil && field.Index == nil {
		field = field.Parent
	}
	return field != nil
}

// planType returns a plan's family. What went wrong is said beside UNKNOWN and not in its place: the field is not null, so
// an error there would take the whole plan with it.
func (r *Resolver) planType(ctx context.Context, plan *isp.Plan) isp.PlanType {
	family, err := r.plans.Type(ctx, plan.PlanID)
	if err != nil {
		graphql.AddError(ctx, err)
	}
	return family
}
