package graph

import (
	"context"

	"wisphub-graphql/isp"
)

// node returns the record with the global id, or nil if there is none.
func (r *Resolver) node(ctx context.Context, id string) (isp.Node, error) {
	kind, key, err := isp.ParseNodeID(id)
	if err != nil {
		return nil, err
	}
	if kind == "task" {
		return asNode(r.tasks.Get(ctx, key))
	}
	number, err := isp.ParseKey(key)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "client":
		return asNode(r.clients.Get(ctx, number))
	case "ticket":
		return asNode(r.tickets.Get(ctx, number))
	case "plan":
		return asNode(r.plans.Get(ctx, number))
	case "zone":
		return asNode(r.zones.Get(ctx, number))
	case "router":
		return asNode(r.routers.Get(ctx, number))
	case "sector":
		return asNode(r.clients.Sector(ctx, number))
	case "staff":
		return asNode(r.staff.Get(ctx, number))
	case "paymentMethod":
		return asNode(r.paymentMethods.Get(ctx, number))
	}
	return nil, isp.ErrNodeKind
}

// asNode returns a nil interface for a nil record.
func asNode[T interface {
	comparable
	isp.Node
}](record T, err error) (isp.Node, error) {
	var none T
	if err != nil || record == none {
		return nil, err
	}
	return record, nil
}
