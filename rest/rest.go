package rest

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
)

// Authenticator logs users in and finds out who is calling; [auth.Service] does both.
type Authenticator interface {
	Login(ctx context.Context, username, password string) (auth.Token, error)
	Authenticate(next http.Handler) http.Handler
}

var _ Authenticator = (*auth.Service)(nil)

// Config is what the REST face needs.
type Config struct {
	// Auth guards the routes and answers the token endpoint. Required.
	Auth Authenticator
	// Provider answers. Required for all routes but those of tokens and health.
	Provider *isp.Provider
	// MaxCalls is how many upstream calls one request may cost. Optional, 20.
	MaxCalls int
	// PublicDescription shows the description of the routes to those who have no token, too. Optional, off.
	PublicDescription bool
	// Admit lets a request for a route that is not public begin, and returns what ends it, or false for one too many. It may
	// be shared with other faces. Optional; nil lets in all.
	Admit func() (leave func(), ok bool)
	// LowerCaseActions is for bots that compare an answer's action with client_found. Optional, CLIENT_FOUND.
	LowerCaseActions bool
	// Service is the name that /health answers with. Optional, wisphub-graphql.
	Service string
	// Logger is told of failures that the answer hides. Optional, [slog.Default].
	Logger *slog.Logger
}

// api is what the handlers of all routes share.
type api struct {
	auth     Authenticator
	admit    func() (leave func(), ok bool) // nil lets in all
	provider *isp.Provider
	maxCalls int
	service  string
	log      *slog.Logger
	// description is that of the table of routes, made when somebody asks.
	description func() object
	envelopes
}

// New returns the handler of every REST route. It is meant to be mounted at /api/v1/, /health and /health/, and answers
// 404 to any other path. It reads the caller from the request itself: nothing has to be wrapped around it.
func New(cfg Config) http.Handler {
	description := route{method: http.MethodGet, path: "/api/v1/openapi.json", public: cfg.PublicDescription, handle: (*api).openAPI}
	return newHandler(cfg, append([]route{description}, routes...))
}

func newHandler(cfg Config, table []route) http.Handler {
	a := &api{
		auth:      cfg.Auth,
		provider:  cfg.Provider,
		maxCalls:  cmp.Or(cfg.MaxCalls, 20),
		admit:     cfg.Admit,
		service:   cmp.Or(cfg.Service, "wisphub-graphql"),
		log:       cmp.Or(cfg.Logger, slog.Default()),
		envelopes: envelopes{lowerCase: cfg.LowerCaseActions},
	}
	a.description = sync.OnceValue(func() object { return a.describe(table) })
	return a.recoverPanics(newRouter(a, table))
}
