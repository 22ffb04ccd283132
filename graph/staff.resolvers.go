package graph

import (
	"context"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

func (r *queryResolver) Staff(ctx context.Context) ([]*isp.Staff, error) {
	return r.Resolver.staff.List(ctx)
}

func (r *staffResolver) Username(ctx context.Context, obj *isp.Staff) (*string, error) {
	member, err := r.staff.Get(ctx, obj.StaffID)
	if err != nil || member == nil {
		return nil, err
	}
	return nullable(&member.Username), nil
}

func (r *staffResolver) Email(ctx context.Context, obj *isp.Staff) (*string, error) {
	member, err := r.staff.Get(ctx, obj.StaffID)
	if err != nil || member == nil {
		return nil, err
	}
	return nullable(&member.Email), nil
}

func (r *Resolver) Staff() generated.StaffResolver { return &staffResolver{r} }

type staffResolver struct{ *Resolver }
