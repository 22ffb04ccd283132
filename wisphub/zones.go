package wisphub

import "context"

// ZonesService reads the zones. Many keys lack this permission, so [ErrForbidden] here says
// nothing about other resources.
type ZonesService service

// Zone is a part of the provider's network. Its id is unrelated to the id of a router of the same
// name.
type Zone = Ref

// List returns all zones.
func (s *ZonesService) List(ctx context.Context) ([]Zone, error) {
	return readCatalogue(ctx, s.api, refID, "zonas")
}
