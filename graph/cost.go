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
// that all callers share (the directory, the tickets, a catalogue) do not count. It returns the
// context of an operation that may run.
func (r *Resolver) limitCost(ctx context.Context, operation *graphql.OperationContext) (context.Context, error) {
	lookups, values, err := r.estimate(ctx, operation)
	if err != nil {
		return nil, err
	}
	if err := inflight.FromContext(ctx).Reserve(ctx, values*valueBytes); err != nil {
		return nil, err // the transport says why
	}
	if caller := auth.FromContext(ctx); caller != nil {
		ctx = r.withUser(ctx, caller.Username)
	}
	return context.WithValue(ctx, loadersKey{}, &loaders{resolver: r, lookups: lookups}), nil
}

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

// take spends all of the calls, or returns an error and spends none.
func (a *callAllowance) take(calls int) error {
	if spent := int(a.spent.Add(int64(calls))); spent > a.limit {
		a.spent.Add(int64(-calls))
		return &costError{spent, a.limit}
	}
	return nil
}
