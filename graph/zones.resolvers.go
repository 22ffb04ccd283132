package graph

import (
	"context"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/graph/model"
	"wisphub-graphql/isp"
)

func (r *queryResolver) Zone(ctx context.Context, zoneID int) (*isp.Zone, error) {
	return r.zones.Get(ctx, zoneID)
}

func (r *queryResolver) Zones(ctx context.Context) ([]*isp.Zone, error) {
	return r.zones.List(ctx)
}

func (r *zoneResolver) TicketQuota(ctx context.Context, obj *isp.Zone) (*model.TicketQuota, error) {
	return nil, errLater
}

func (r *Resolver) Zone() generated.ZoneResolver { return &zoneResolver{r} }

type zoneResolver struct{ *Resolver }
