package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

const (
	// operationTimeout bounds one operation, waiting for the upstream included.
	operationTimeout = 15 * time.Second
	// cachedDocuments is how many parsed documents are kept, and maxCached the bytes of the longest: a bound on memory.
	cachedDocuments = 500
	maxCached       = 16 << 10
)

// Config says what the face stands on.
type Config struct {
	// Provider answers. Required.
	Provider *isp.Provider
	// Auth logs users in and out. Required.
	Auth *auth.Service
	// Version is what Facade.version says. Required.
	Version string
	// MaxCalls is how many upstream calls an operation may cost. Required.
	MaxCalls int
	// Introspection lets callers read the schema. Optional, off; suggestions ("did you mean") go with it.
	Introspection bool
	// Limits are what a document may hold. Optional, those that [Limits] names.
	Limits Limits
	// Trusted are the documents that requests may name instead of holding them. Optional.
	Trusted *TrustedDocuments
	// TrustedOnly refuses all other documents but logins. Optional; it needs Trusted.
	TrustedOnly bool
	// AllowOrigin tells from which other sites a page may open a WebSocket, which browsers do not hold back. Optional; nil
	// lets in none.
	AllowOrigin func(origin string) bool
	// Admit lets an operation of a caller with a token begin, and returns what ends it, or false for one too many. It may be
	// shared with other faces. Optional; nil lets in all.
	Admit func() (leave func(), ok bool)
	// Logger gets what callers are not told. Required.
	Logger *slog.Logger
}

// Handler serves /graphql. Close must be called.
type Handler struct {
	http.Handler
	streams *streams
}

// Close ends all subscriptions, with a word to those who subscribed, and waits until they have ended. There are no new ones
// after it; other operations are served on.
func (h *Handler) Close() { h.streams.Close() }

// New returns the handler of /graphql. Who calls must be in the request's context (auth.Authenticate).
func New(cfg Config) *Handler {
	streams := newStreams()
	return &Handler{Handler: onlyPost(newServer(cfg, streams)), streams: streams}
}

func newServer(cfg Config, streams *streams) *handler.Server {
	resolver := newResolver(cfg)
	streams.whenEnded = cfg.Auth.OnRevoked
	server := handler.New(generated.NewExecutableSchema(generated.Config{
		Resolvers:  resolver,
		Directives: generated.DirectiveRoot{HasScope: hasScope},
	}))
	read := newDocuments(cfg.Limits, !cfg.Introspection)
	if cfg.TrustedOnly {
		read.trustedOnly = cfg.Trusted
	}
	server.AddTransport(guarded{&sockets{
		streams: streams, verify: cfg.Auth.Verify, allowOrigin: cfg.AllowOrigin, trusted: cfg.Trusted,
	}, read})
	server.AddTransport(guarded{post{streams: streams, trusted: cfg.Trusted, admit: cfg.Admit}, read})
	server.SetQueryCache(handedOver{})
	// For documents that have not been read beforehand, of which there are none.
	server.SetParserTokenLimit(read.limits.Tokens)
	server.SetValidationRulesFn(func() *rules.Rules { return quietRules(read.closed) })
	server.SetErrorPresenter(present)
	server.SetRecoverFunc(recoverer(cfg.Logger))
	server.Use(&strictVariables{closed: !cfg.Introspection})
	if cfg.Introspection {
		server.Use(extension.Introspection{})
	}
	server.AroundOperations(requireLoginAlone)
	server.AroundOperations(resolver.limitCost)
	server.AroundResponses(resolver.withLoaders)
	server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(ctx)
		if response != nil && len(response.Errors) > 0 {
			response.Errors = summarize(response.Errors)
			logFailures(ctx, cfg.Logger, response.Errors)
		}
		return response
	})
	return server
}

func newResolver(cfg Config) *Resolver {
	return &Resolver{
		sessions:       cfg.Auth,
		clients:        cfg.Provider.Clients,
		identity:       cfg.Provider.Clients,
		plans:          cfg.Provider.Plans,
		zones:          cfg.Provider.Zones,
		routers:        cfg.Provider.Routers,
		staff:          cfg.Provider.Staff,
		paymentMethods: cfg.Provider.PaymentMethods,
		accounts:       cfg.Provider.Accounts,
		tickets:        cfg.Provider.Tickets,
		subjects:       cfg.Provider.Subjects,
		tasks:          cfg.Provider.Tasks,
		status:         cfg.Provider.Status,
		refresh:        cfg.Provider.Refresh,
		version:        cfg.Version,
		maxCalls:       cfg.MaxCalls,
	}
}

// recoverer logs a panic's type and stack, and not its value, which may hold what nobody should read; the caller is told no more than that something went wrong.
func recoverer(logger *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, value any) error {
		logger.ErrorContext(ctx, "panic", "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()), "request_id", requestID(ctx))
		return errPanic
	}
}

// Schema returns the public schema.
func Schema() *ast.Schema {
	return generated.NewExecutableSchema(generated.Config{}).Schema()
}
