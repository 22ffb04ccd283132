//go:generate go tool gqlgen generate

// Package graph is the GraphQL face: the schema, resolvers that ask package isp, and what surrounds them (the transport,
// the limits, the errors' words).
//
// Nothing but resolvers belongs in *.resolvers.go: gqlgen rewrites those files.
package graph

import (
	"context"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
)

// Resolver is the root of all resolvers. It names what they ask, one small interface a noun.
type Resolver struct {
	login          loginService
	clients        clientService
	plans          planService
	zones          catalogue[*isp.Zone]
	routers        catalogue[*isp.Router]
	staff          catalogue[*isp.Staff]
	paymentMethods catalogue[*isp.PaymentMethod]
	status         func() *isp.Status
	version        string
}

type loginService interface {
	Login(ctx context.Context, username, password string) (auth.Token, error)
}

type clientService interface {
	Find(ctx context.Context, by isp.ClientKey) (*isp.Client, error)
	Get(ctx context.Context, serviceID int) (*isp.Client, error)
	List(ctx context.Context, query isp.ClientQuery) (*isp.ClientConnection, error)
	Sector(ctx context.Context, id int) (*isp.Sector, error)
}

type planService interface {
	List(ctx context.Context, types []isp.PlanType) ([]*isp.Plan, error)
	Get(ctx context.Context, id int) (*isp.Plan, error)
	Type(ctx context.Context, id int) (isp.PlanType, error)
	KnownDetails(ctx context.Context, id int) (*isp.PlanDetails, bool)
	ManyDetails(ctx context.Context, ids []int) ([]*isp.PlanDetails, []error)
}

// catalogue is a small list that is read whole.
type catalogue[T any] interface {
	List(ctx context.Context) ([]T, error)
	Get(ctx context.Context, id int) (T, error)
}
