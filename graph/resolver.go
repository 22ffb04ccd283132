//go:generate go run ./direct/generate

// Package graph is the GraphQL API: the schema, resolvers that call package isp, the cost estimate,
// and the error messages.
//
// Files named *.resolvers.go have resolvers only: gqlgen rewrites these files.
package graph

import (
	"context"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
)

// Resolver is the root of all resolvers. It has what they call: one small interface for each noun.
type Resolver struct {
	sessions       sessionService
	clients        clientService
	identity       identityService
	plans          planService
	zones          catalogue[*isp.Zone]
	routers        catalogue[*isp.Router]
	staff          catalogue[*isp.Staff]
	paymentMethods catalogue[*isp.PaymentMethod]
	accounts       accountService
	tickets        ticketService
	subjects       subjectService
	tasks          taskService
	status         func() *isp.Status
	withUser       func(ctx context.Context, username string) context.Context
	users          func() []*isp.UserUsage
	refresh        func(ctx context.Context, resource isp.Resource) error
	version        string
	maxCalls       int // upstream calls of one operation
}

type sessionService interface {
	Login(ctx context.Context, username, password string) (auth.Token, error)
	Renew(ctx context.Context) (auth.Token, error)
	Logout(ctx context.Context) (saved bool)
	LogoutEverywhere(ctx context.Context) (saved bool)
	EndSessions(ctx context.Context, username string) (saved bool, err error)
}

type clientService interface {
	Find(ctx context.Context, by isp.ClientKey) (*isp.Client, error)
	Get(ctx context.Context, serviceID int) (*isp.Client, error)
	Listed(ctx context.Context, serviceID int) (*isp.Client, error)
	List(ctx context.Context, query isp.ClientQuery) (*isp.ClientConnection, error)
	Sector(ctx context.Context, id int) (*isp.Sector, error)
	Await(ctx context.Context) error
	OtherServices(ctx context.Context, client *isp.Client) ([]*isp.Client, error)
	CountByPlan(ctx context.Context, planID int) (int, error)
	FindNow(ctx context.Context, by isp.ClientKey) (*isp.Client, bool)
	ListedNow(ctx context.Context, serviceID int) (*isp.Client, bool)
	ListNow(ctx context.Context, query isp.ClientQuery) (*isp.ClientConnection, bool)
	OtherServicesNow(ctx context.Context, client *isp.Client) ([]*isp.Client, bool)
	CountByPlanNow(ctx context.Context, planID int) (int, bool)
	Known(by isp.ClientKey) bool
	InMemory(query isp.ClientQuery) *isp.ClientConnection
	StateLookUps(serviceIDs []int) int
	Update(ctx context.Context, input isp.UpdateClientInput) (*isp.UpdateClientPayload, error)
	Activate(ctx context.Context, serviceIDs []int) (*isp.ServiceStatePayload, error)
	Suspend(ctx context.Context, serviceIDs []int) (*isp.ServiceStatePayload, error)
	Ping(ctx context.Context, serviceID int, pings *int) (*isp.PingPayload, error)
}

type identityService interface {
	Identify(ctx context.Context, claim isp.IdentityClaim, ask isp.PlanDetailsFunc) (*isp.IdentityCheck, error)
	Verify(ctx context.Context, serviceID int, claim isp.IdentityClaim, ask isp.PlanDetailsFunc) (*isp.IdentityCheck, error)
}

type accountService interface {
	Get(ctx context.Context, serviceID int) (*isp.Account, error)
	GetMany(ctx context.Context, serviceIDs []int) ([]*isp.Account, []error)
	Known(serviceID int) bool
}

type ticketService interface {
	Get(ctx context.Context, id int) (*isp.Ticket, error)
	List(ctx context.Context, query isp.TicketQuery) (*isp.TicketConnection, error)
	OfClient(ctx context.Context, serviceID int, states []isp.TicketStatus, first *int) ([]*isp.Ticket, error)
	GetNow(ctx context.Context, id int) (*isp.Ticket, bool)
	ListNow(ctx context.Context, query isp.TicketQuery) (*isp.TicketConnection, bool)
	OfClientNow(ctx context.Context, serviceID int, states []isp.TicketStatus, first *int) ([]*isp.Ticket, bool)
	Quota(ctx context.Context, zoneID int) (*isp.TicketQuota, error)
	Known(id int) bool
	Create(ctx context.Context, input isp.CreateTicketInput) (*isp.TicketPayload, error)
	Update(ctx context.Context, input isp.UpdateTicketInput) (*isp.TicketPayload, error)
	Answer(ctx context.Context, input isp.AnswerTicketInput) (*isp.TicketPayload, error)
}

type subjectService interface {
	List(ctx context.Context) ([]*isp.TicketSubject, error)
	ListNow(ctx context.Context) ([]*isp.TicketSubject, bool)
}

type taskService interface {
	Get(ctx context.Context, id string) (*isp.Task, error)
	Watch(ctx context.Context, id string) (*isp.TaskWatch, error)
	Known(id string) bool
}

type planService interface {
	List(ctx context.Context, types []isp.PlanType) ([]*isp.Plan, error)
	Get(ctx context.Context, id int) (*isp.Plan, error)
	Type(ctx context.Context, id int) (isp.PlanType, error)
	ListNow(ctx context.Context, types []isp.PlanType) ([]*isp.Plan, bool)
	GetNow(ctx context.Context, id int) (*isp.Plan, bool)
	TypeNow(ctx context.Context, id int) (isp.PlanType, bool)
	KnownDetails(ctx context.Context, id int) (*isp.PlanDetails, bool)
	ManyDetails(ctx context.Context, ids []int) ([]*isp.PlanDetails, []error)
	DetailCalls(ids []int, asked int) int
}

// catalogue is a small list that is always loaded whole.
type catalogue[T any] interface {
	List(ctx context.Context) ([]T, error)
	Get(ctx context.Context, id int) (T, error)
	ListNow(ctx context.Context) ([]T, bool)
	GetNow(ctx context.Context, id int) (T, bool)
}
