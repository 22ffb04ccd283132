package graph

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// costError refuses an operation that would cost more upstream calls than one may.
type costError struct{ calls, limit int }

func (e *costError) Error() string {
	return fmt.Sprintf("The operation would need %d upstream calls; %d are allowed.", e.calls, e.limit)
}

// limitCost refuses an operation before its first upstream call when it would need more of them than one may. Readings that
// all share (the directory, the tickets, a catalogue) are not charged to it.
func (r *Resolver) limitCost(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	lookUps, err := r.estimate(ctx, graphql.GetOperationContext(ctx))
	if err != nil {
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{present(ctx, err)}})
	}
	return next(context.WithValue(ctx, lookUpsKey{}, lookUps))
}

// lookUpsKey is for the single look-ups of an operation, an int.
type lookUpsKey struct{}

// estimate returns how many single look-ups an operation needs, and an error for one that is not to be run.
func (r *Resolver) estimate(ctx context.Context, operation *graphql.OperationContext) (lookUps int, err error) {
	e := newEstimator(ctx, r, operation)
	for _, field := range e.fields(operation.Operation.SelectionSet) {
		e.root(field)
	}
	if calls := e.lookUps + e.rows + len(e.accounts); calls > r.maxCalls {
		return 0, &costError{calls, r.maxCalls}
	}
	if err := e.checkValues(); err != nil {
		return 0, err
	}
	return e.lookUps, nil
}

// callAllowance is what an operation may spend. The estimate refuses whole operations beforehand; the allowance holds for
// what could not be known then, such as how many plans a page has.
type callAllowance struct {
	limit int
	spent atomic.Int64
}

// newAllowance returns what the operation's look-ups leave of the limit.
func newAllowance(ctx context.Context, limit int) *callAllowance {
	allowance := &callAllowance{limit: limit}
	if lookUps, estimated := ctx.Value(lookUpsKey{}).(int); estimated {
		allowance.spent.Store(int64(lookUps))
	}
	return allowance
}

// take spends calls, all or none.
func (a *callAllowance) take(calls int) error {
	if spent := int(a.spent.Add(int64(calls))); spent > a.limit {
		a.spent.Add(int64(-calls))
		return &costError{spent, a.limit}
	}
	return nil
}
