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
}

type loadersKey struct{}

// withLoaders is called around each response.
func (r *Resolver) withLoaders(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	details := dataloader.NewBatchedLoader(r.planDetailsBatch, dataloader.WithWait[int, *isp.PlanDetails](batchWait))
	return next(context.WithValue(ctx, loadersKey{}, &loaders{planDetails: details}))
}

// planDetails returns what a plan costs and gives: from memory at once, else with the response's other plans.
func (r *Resolver) planDetails(ctx context.Context, plan *isp.Plan) (*isp.PlanDetails, error) {
	if known, ok := r.plans.KnownDetails(ctx, plan.PlanID); ok {
		return known, nil
	}
	return ctx.Value(loadersKey{}).(*loaders).planDetails.Load(ctx, plan.PlanID)()
}

// planDetailsBatch must not die with the caller that happened to be first, only with the operation's time.
func (r *Resolver) planDetailsBatch(ctx context.Context, ids []int) []*dataloader.Result[*isp.PlanDetails] {
	deadline, bounded := ctx.Deadline()
	if !bounded {
		deadline = time.Now().Add(operationTimeout)
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	details, errs := r.plans.ManyDetails(ctx, ids)
	results := make([]*dataloader.Result[*isp.PlanDetails], len(ids))
	for i := range ids {
		results[i] = &dataloader.Result[*isp.PlanDetails]{Data: details[i], Error: errs[i]}
	}
	return results
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
