package graph

import (
	"context"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

func (r *queryResolver) Zone(ctx context.Context, zoneID int) (*isp.Zone, error) {
	return r.zones.Get(ctx, zoneID)
}

func (r *queryResolver) Zones(ctx context.Context) ([]*isp.Zone, error) {
	return r.zones.List(ctx)
}

func (r *zoneResolver) TicketQuota(ctx context.Context, obj *isp.Zone) (*isp.TicketQuota, error) {
	return r.tickets.Quota(ctx, obj.ZoneID)
}

func (r *Resolver) Zone() generated.ZoneResolver { return &zoneResolver{r} }

type zoneResolver struct{ *Resolver }
