package isp

import (
	"context"
	"errors"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// Zone is a part of the provider's network. It is immutable.
type Zone struct {
	ID     string
	ZoneID int
	Name   string
}

// IsNode implements [Node].
func (*Zone) IsNode() {}

// Zones lists the zones. If the key may not read WispHub's list, it lists the zones that have
// clients.
type Zones struct{ *catalogue[Zone] }

func newZone(row wisphub.Zone) *Zone {
	return &Zone{ID: nodeID("zone", int(row.ID)), ZoneID: int(row.ID), Name: text.Visible(string(row.Name))}
}

func newZones(api *wisphub.API, cfg Config, clients *Clients) *Zones {
	id := func(zone *Zone) int { return zone.ZoneID }
	load := func(ctx context.Context) ([]*Zone, error) {
		rows, err := api.Zones.List(ctx)
		return convertAll(rows, id, newZone), err
	}
	substitute := func(ctx context.Context, err error) ([]*Zone, error) {
		if !errors.Is(err, wisphub.ErrForbidden) {
			return nil, err
		}
		directory, clientsErr := clients.currentDirectory(ctx)
		if clientsErr != nil {
			return nil, errors.Join(clientsErr, err) // clientsErr first: it may say how long to wait
		}
		return directory.zones(), nil
	}
	zones := &Zones{newCatalogueOr(cfg, "zones", "zone", id, load, substitute)}
	zones.substituteNow = func(ctx context.Context, err error) ([]*Zone, bool) {
		if !errors.Is(err, wisphub.ErrForbidden) {
			return nil, false
		}
		directory, warm := clients.directoryNow(ctx)
		if !warm {
			return nil, false
		}
		return directory.zones(), true
	}
	return zones
}
