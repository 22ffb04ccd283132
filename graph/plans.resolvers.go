package graph

import (
	"context"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

func (r *planResolver) Type(ctx context.Context, obj *isp.Plan) (isp.PlanType, error) {
	return r.planType(ctx, obj), nil
}

func (r *planResolver) Price(ctx context.Context, obj *isp.Plan) (*isp.Decimal, error) {
	details, err := r.planDetails(ctx, obj)
	if err != nil {
		return nil, err
	}
	return &details.Price, nil
}

func (r *planResolver) DownloadSpeed(ctx context.Context, obj *isp.Plan) (*string, error) {
	details, err := r.planDetails(ctx, obj)
	if err != nil {
		return nil, err
	}
	return nullable(&details.DownloadSpeed), nil
}

func (r *planResolver) UploadSpeed(ctx context.Context, obj *isp.Plan) (*string, error) {
	details, err := r.planDetails(ctx, obj)
	if err != nil {
		return nil, err
	}
	return nullable(&details.UploadSpeed), nil
}

func (r *planResolver) DownloadKbps(ctx context.Context, obj *isp.Plan) (*int, error) {
	details, err := r.planDetails(ctx, obj)
	if err != nil {
		return nil, err
	}
	return details.DownloadKbps, nil
}

func (r *planResolver) UploadKbps(ctx context.Context, obj *isp.Plan) (*int, error) {
	details, err := r.planDetails(ctx, obj)
	if err != nil {
		return nil, err
	}
	return details.UploadKbps, nil
}

func (r *planResolver) ClientCount(ctx context.Context, obj *isp.Plan) (*int, error) {
	count, err := r.clients.CountByPlan(ctx, obj.PlanID)
	return &count, err
}

func (r *queryResolver) Plan(ctx context.Context, planID int) (*isp.Plan, error) {
	return r.plans.Get(ctx, planID)
}

func (r *queryResolver) Plans(ctx context.Context, typeArg []isp.PlanType) ([]*isp.Plan, error) {
	return r.plans.List(ctx, typeArg)
}

func (r *Resolver) Plan() generated.PlanResolver { return &planResolver{r} }

type planResolver struct{ *Resolver }
