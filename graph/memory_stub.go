package graph

import (
	"context"

	"wisphub-graphql/graph/direct"
	"wisphub-graphql/isp"
)

// inMemory is to be replaced by the whole table.
func (r *Resolver) inMemory() direct.Resolvers {
	detail := func(value func(*isp.PlanDetails) any) direct.Resolver {
		return func(ctx context.Context, parent any, _ map[string]any) (any, bool) {
			known, ok := r.plans.KnownDetails(ctx, parent.(*isp.Plan).PlanID)
			if !ok || known == nil {
				return nil, false
			}
			return value(known), true
		}
	}
	return direct.Resolvers{
		"Query.clients": func(_ context.Context, _ any, arguments map[string]any) (any, bool) {
			page := r.clients.InMemory(isp.ClientQuery{
				Filter: arguments["filter"].(*isp.ClientFilter), Search: arguments["search"].(*string),
				Order: arguments["orderBy"].(*isp.ClientOrder), First: arguments["first"].(*int), After: arguments["after"].(*string),
			})
			return page, page != nil
		},
		"Plan.price":         detail(func(d *isp.PlanDetails) any { return &d.Price }),
		"Plan.downloadSpeed": detail(func(d *isp.PlanDetails) any { return nullable(d.DownloadSpeed) }),
	}
}
