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
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

const (
	// operationTimeout bounds one operation, waiting for the upstream included.
	operationTimeout = 15 * time.Second
	// maxTokens bounds a document; GraphiQL's introspection has 184.
	maxTokens = 2000
	// cachedDocuments is how many parsed documents are kept; bodies are bounded, so this is a bound on memory.
	cachedDocuments = 500
)

// Config says what the face stands on.
type Config struct {
	// Provider answers. Required.
	Provider *isp.Provider
	// Auth logs users in. Required.
	Auth *auth.Service
	// Version is what Facade.version says. Required.
	Version string
	// MaxCalls is how many upstream calls an operation may cost. Required.
	MaxCalls int
	// Introspection lets callers read the schema. Optional, off; suggestions ("did you mean") go with it.
	Introspection bool
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
	server := handler.New(generated.NewExecutableSchema(generated.Config{
		Resolvers:  resolver,
		Directives: generated.DirectiveRoot{HasScope: hasScope},
	}))
	server.AddTransport(&sockets{streams: streams, verify: cfg.Auth.Verify, allowOrigin: cfg.AllowOrigin})
	server.AddTransport(post{streams, cfg.Admit})
	server.SetQueryCache(lru.New[*ast.QueryDocument](cachedDocuments))
	server.SetParserTokenLimit(maxTokens)
	server.SetErrorPresenter(present)
	server.SetRecoverFunc(recoverer(cfg.Logger))
	server.Use(&strictVariables{})
	if cfg.Introspection {
		server.Use(extension.Introspection{})
	} else {
		server.SetValidationRulesFn(closedRules)
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
		login:          cfg.Auth,
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
		desk:           cfg.Provider.Desk,
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
