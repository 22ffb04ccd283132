package wisphub

import "context"

// ZonesService reads the zones. Many keys may not: [ErrForbidden] here says nothing about the other resources.
type ZonesService service

// Zone is a part of the provider's network. Its id has nothing to do with a router's, even under the same name.
type Zone = Ref

// List returns all zones.
func (s *ZonesService) List(ctx context.Context) ([]Zone, error) {
	return readCatalog(ctx, s.api, refID, "zonas")
}
