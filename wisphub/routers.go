package wisphub

import "context"

// RoutersService reads the routers.
type RoutersService service

// Router is a router, or a sector, which has the same fields.
type Router struct {
	ID   Int  `json:"id"`
	Name Text `json:"nombre"`
	// GeneralFailure is true while the provider has declared an outage of everything behind it.
	GeneralFailure            Bool `json:"falla_general"`
	GeneralFailureDescription Text `json:"falla_general_descripcion"`
}

// List returns all routers.
func (s *RoutersService) List(ctx context.Context) ([]Router, error) {
	return readCatalogue(ctx, s.api, func(row *Router) int { return int(row.ID) }, "router")
}
