package isp

import (
	"context"
	"slices"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// Router is a router that clients are connected to. It is immutable.
type Router struct {
	ID                        string
	RouterID                  int
	Name                      string
	GeneralFailure            bool
	GeneralFailureDescription Text
}

// IsNode implements [Node].
func (*Router) IsNode() {}

// Sector is an access point that clients are connected to. It is immutable.
type Sector struct {
	ID       string
	SectorID int
	Name     string
}

// IsNode implements [Node].
func (*Sector) IsNode() {}

func newSector(row wisphub.Ref) *Sector {
	return &Sector{ID: nodeID("sector", int(row.ID)), SectorID: int(row.ID), Name: text.Visible(string(row.Name))}
}

// Routers lists the routers.
type Routers struct{ *catalogue[Router] }

func newRouter(row wisphub.Router) *Router {
	return &Router{
		ID:                        nodeID("router", int(row.ID)),
		RouterID:                  int(row.ID),
		Name:                      text.Visible(string(row.Name)),
		GeneralFailure:            bool(row.GeneralFailure),
		GeneralFailureDescription: Text(row.GeneralFailureDescription),
	}
}

func newRouters(api *wisphub.API, cfg Config) *Routers {
	id := func(router *Router) int { return router.RouterID }
	load := func(ctx context.Context) ([]*Router, error) {
		rows, err := api.Routers.List(ctx)
		return convertAll(rows, id, newRouter), err
	}
	return &Routers{newCatalogue(cfg, "routers", "router", id, load)}
}

// Sector returns the sector with the id, or nil when no client is connected to it. It comes from
// the clients' rows, because the format of WispHub's list of sectors is unknown (wisphub-net-api
// §8).
func (c *Clients) Sector(ctx context.Context, id int) (*Sector, error) {
	if !isID(id) {
		return nil, nil
	}
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(directory.sectors(), func(sector *Sector) bool { return sector.SectorID == id })
	if at < 0 {
		return nil, nil
	}
	return directory.sectors()[at], nil
}
