package graph

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/graph-gophers/dataloader/v7"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/graph/transport"
	"wisphub-graphql/isp"
)

// batchWait is how long a loader collects lookups for a batch. Records in memory do not wait.
const batchWait = time.Millisecond

// loaders batch the lookups of one response, so that fifty clients with the same plan load it once.
// They live as long as one response, because the responses of a subscription need fresh data. They
// are made when the first lookup needs them.
type loaders struct {
	resolver    *Resolver
	lookups     int // of the operation, which the estimate counted
	once        sync.Once
	planDetails *dataloader.Loader[int, *isp.PlanDetails]
	accounts    *dataloader.Loader[int, *isp.Account]
}

type loadersKey struct{}

// withLoaders gives each response of a subscription its own loaders. Other operations have one
// response, and the loaders that limitCost gave them.
func (r *Resolver) withLoaders(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	given, ok := ctx.Value(loadersKey{}).(*loaders)
	switch {
	case !ok: // the operation was refused before it had any
		given = &loaders{resolver: r}
	case !isSubscription(ctx):
		return next(ctx)
	}
	return next(context.WithValue(ctx, loadersKey{}, &loaders{resolver: r, lookups: given.lookups}))
}

func isSubscription(ctx context.Context) bool {
	return graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription
}

// loadersFrom returns the loaders of the response. It is safe for concurrent use.
func loadersFrom(ctx context.Context) *loaders {
	l := ctx.Value(loadersKey{}).(*loaders)
	l.once.Do(func() {
		r, allowance := l.resolver, &callAllowance{limit: l.resolver.maxCalls}
		allowance.spent.Store(int64(l.lookups))
		l.planDetails = newLoader(r.plans.ManyDetails, r.plans.DetailCalls, allowance)
		l.accounts = newLoader(r.accounts.GetMany, callEach, allowance)
	})
	return l
}

// getMany returns several records, or their errors, in the order of the ids.
type getMany[T any] func(ctx context.Context, ids []int) ([]T, []error)

// callsFor returns how many calls of the allowance the records cost, of which the response has asked
// for so many in all.
type callsFor func(ids []int, asked int) int

// callEach is for records that cost a call each.
func callEach(ids []int, _ int) int { return len(ids) }

// newLoader returns a loader that batches lookups. A batch that exceeds the allowance fails as a
// whole.
func newLoader[T any](get getMany[T], calls callsFor, allowance *callAllowance) *dataloader.Loader[int, T] {
	var asked atomic.Int64
	batch := func(ctx context.Context, ids []int) []*dataloader.Result[T] {
		if err := allowance.take(calls(ids, int(asked.Add(int64(len(ids)))))); err != nil {
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

// withoutCaller returns a context that ends at the operation's deadline. The library runs a batch
// with the context of the first lookup, whose end must not cancel the other lookups.
func withoutCaller(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		deadline = time.Now().Add(transport.OperationTimeout)
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// planDetails returns a plan's price and speeds: from memory, or in a batch with other plans.
func (r *Resolver) planDetails(ctx context.Context, plan *isp.Plan) (*isp.PlanDetails, error) {
	if known, ok := r.plans.KnownDetails(ctx, plan.PlanID); ok {
		return known, nil
	}
	return loadersFrom(ctx).planDetails.Load(ctx, plan.PlanID)()
}

// manyPlanDetails is planDetails for several plans. Those that memory does not have join one batch.
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

// account returns a client's account: from memory, or in a batch with other accounts.
func (r *Resolver) account(ctx context.Context, client *isp.Client) (*isp.Account, error) {
	if r.accounts.Known(client.ServiceID) {
		return r.accounts.Get(ctx, client.ServiceID)
	}
	return loadersFrom(ctx).accounts.Load(ctx, client.ServiceID)()
}

// ticketClient returns the client of a ticket, or nil if there is none. For rows of a list it loads
// the directory first: one crawl serves all rows, while separate lookups would cost a call each.
func (r *Resolver) ticketClient(ctx context.Context, ticket *isp.Ticket) (*isp.Client, error) {
	if ticket.ServiceID == 0 {
		return nil, nil
	}
	if inList(ctx) {
		if err := r.clients.Await(ctx); err != nil {
			return nil, err
		}
	}
	return r.clients.Listed(ctx, ticket.ServiceID)
}

// inList reports whether the current field is below a list.
func inList(ctx context.Context) bool {
	field := graphql.GetFieldContext(ctx)
	for field != nil && field.Index == nil {
		field = field.Parent
	}
	return field != nil
}

// planType returns a plan's family, or UNKNOWN and an error beside it. The field is not nullable, so
// returning the error would turn the whole plan into null.
func (r *Resolver) planType(ctx context.Context, plan *isp.Plan) isp.PlanType {
	family, err := r.plans.Type(ctx, plan.PlanID)
	if err != nil {
		graphql.AddError(ctx, err)
	}
	return family
}
