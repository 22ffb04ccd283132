package rest

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"

	"wisphub-graphql/auth"
	"wisphub-graphql/inflight"
	"wisphub-graphql/isp"
)

// Authenticator logs users in, identifies the caller of a request, and checks the caller's scope. [auth.Service] implements it.
type Authenticator interface {
	Login(ctx context.Context, username, password string) (auth.Token, error)
	Authenticate(next http.Handler) http.Handler
	RequireScope(scope auth.Scope, next http.Handler) http.Handler
}

var _ Authenticator = (*auth.Service)(nil)

// Config configures the REST API.
type Config struct {
	// Auth issues tokens and protects the routes. Required.
	Auth Authenticator
	// Provider reads and writes the provider's data. Required, except for the routes of tokens and
	// health.
	Provider *isp.Provider
	// MaxCalls is the maximum number of upstream calls of one request. Optional, 20.
	MaxCalls int
	// PublicDescription serves the OpenAPI description without a token. Optional, off.
	PublicDescription bool
	// Inflight limits the operations and the bytes that callers have under way. Other APIs may share
	// it. Public routes do not count. Optional; nil means no limit.
	Inflight *inflight.Limiter
	// LowerCaseActions writes actions in lower case, such as client_found. Optional, CLIENT_FOUND.
	LowerCaseActions bool
	// Service is the service name in the answer of /health. Optional, wisphub-graphql.
	Service string
	// Logger receives the failures that answers do not explain. Optional, [slog.Default].
	Logger *slog.Logger
}

// api is what the handlers of all routes share.
type api struct {
	auth     Authenticator
	inflight *inflight.Limiter // nil means no limit
	provider *isp.Provider
	maxCalls int
	service  string
	log      *slog.Logger
	ready    readyLists
	// description builds the OpenAPI description on the first call.
	description func() object
	envelopeWriter
}

// New returns the handler of every REST route. Mount it at /api/v1/, /health and /health/; it
// answers 404 to any other path. It authenticates requests itself. It does not recover from panics:
// wrap it in a middleware that does and that calls [Handler.AnswerPanic].
func New(cfg Config) *Handler {
	description := route{
		method: http.MethodGet, path: "/api/v1/openapi.json", public: cfg.PublicDescription, handle: (*api).openAPI,
	}
	return newHandler(cfg, append([]route{description}, routes...))
}

func newHandler(cfg Config, table []route) *Handler {
	a := &api{
		auth:           cfg.Auth,
		provider:       cfg.Provider,
		maxCalls:       cmp.Or(cfg.MaxCalls, 20),
		inflight:       cfg.Inflight,
		service:        cmp.Or(cfg.Service, "wisphub-graphql"),
		log:            cmp.Or(cfg.Logger, slog.Default()),
		envelopeWriter: envelopeWriter{lowerCase: cfg.LowerCaseActions},
	}
	a.description = sync.OnceValue(func() object { return a.describe(table) })
	return &Handler{api: a, mux: newMux(a, table)}
}
