package graph

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/auth"
	"wisphub-graphql/inflight"
)

// costError refuses an operation that needs more upstream calls than one may make.
type costError struct{ calls, limit int }

func (e *costError) Error() string {
	return fmt.Sprintf("The operation needs %d upstream calls and exceeds the maximum of %d.", e.calls, e.limit)
}

// limitCost refuses an operation that needs too many upstream calls, before the first call. Crawls
// that all callers share (the directory, the tickets, a catalogue) do not count.
func (r *Resolver) limitCost(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	lookups, values, err := r.estimate(ctx, graphql.GetOperationContext(ctx))
	if err != nil {
		return refuse(ctx, err)
	}
	if err := inflight.FromContext(ctx).Reserve(ctx, values*valueBytes); err != nil {
		return refuse(ctx, err) // the transport says why
	}
	if caller := auth.FromContext(ctx); caller != nil {
		ctx = r.withUser(ctx, caller.Username)
	}
	return next(context.WithValue(ctx, lookupsKey{}, lookups))
}

// lookupsKey is the context key of the operation's number of lookups, an int.
type lookupsKey struct{}

// estimate returns how many lookups of single records an operation needs and how many values it
// returns at most, or why it may not run.
func (r *Resolver) estimate(
	ctx context.Context, operation *graphql.OperationContext,
) (lookups int, values int64, err error) {
	plan := costPlanOf(operation)
	e := &estimator{Resolver: r, ctx: ctx, variables: operation.Variables}
	for i := range plan.fields {
		e.root(&plan.fields[i])
	}
	if calls := e.lookups + e.accountRows + len(e.accounts); calls > r.maxCalls {
		return 0, 0, &costError{calls, r.maxCalls}
	}
	values, err = e.checkValues(plan)
	return e.lookups, values, err
}

// callAllowance counts the calls of a running operation. The estimate refuses operations before
// they start. The allowance bounds what is not known then, such as how many plans a page has.
type callAllowance struct {
	limit int
	spent atomic.Int64
}

// newAllowance returns what the operation's lookups leave of the limit.
func newAllowance(ctx context.Context, limit int) *callAllowance {
	allowance := &callAllowance{limit: limit}
	if lookups, estimated := ctx.Value(lookupsKey{}).(int); estimated {
		allowance.spent.Store(int64(lookups))
	}
	return allowance
}

// take spends all of the calls, or returns an error and spends none.
func (a *callAllowance) take(calls int) error {
	if spent := int(a.spent.Add(int64(calls))); spent > a.limit {
		a.spent.Add(int64(-calls))
		return &costError{spent, a.limit}
	}
	return nil
}
