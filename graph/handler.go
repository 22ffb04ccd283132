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
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/answers"
	"wisphub-graphql/graph/direct"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/graph/transport"
	"wisphub-graphql/inflight"
	"wisphub-graphql/isp"
)

// Config has the options of [New].
type Config struct {
	// Provider reads and writes the provider's data. *Required.*
	Provider *isp.Provider
	// Auth logs users in and out. *Required.*
	Auth *auth.Service
	// Version is the value of Facade.version. *Required.*
	Version string
	// MaxCalls is the maximum number of upstream calls of one operation. *Required.*
	MaxCalls int
	// Introspection lets callers read the schema, and adds suggestions ("Did you mean …") to
	// errors. *Optional*, off.
	Introspection bool
	// Limits bound every document. *Optional*, those that [document.Limits] names.
	Limits document.Limits
	// Trusted are the documents that requests may name by id. *Optional.*
	Trusted *document.Trusted
	// TrustedOnly refuses all other documents but logins. *Optional*; it needs Trusted.
	TrustedOnly bool
	// AllowOrigin reports whether pages of another origin may open a WebSocket, which browsers do
	// not prevent. *Optional*; nil allows none.
	AllowOrigin func(origin string) bool
	// Inflight limits the operations and the bytes that callers with a token have under way. Other
	// APIs may share it. *Optional*; nil sets no limit.
	Inflight *inflight.Limiter
	// SharedAnswerBytes limits the memory of answers that callers who ask the same within a second
	// share. *Optional*; 0 shares none.
	SharedAnswerBytes int64
	// Refused is called when a document is refused with status 200, see [transport.Config]. *Optional.*
	Refused func(ctx context.Context)
	// FreeRefusals and RefusalPenalty slow down WebSockets whose documents are refused again and
	// again, see [transport.Config]. *Optional*, no penalty.
	FreeRefusals   int
	RefusalPenalty time.Duration
	// GeneratedOnly makes gqlgen's executor run all operations, for comparison. *Optional*, off.
	GeneratedOnly bool
	// Logger gets the causes of errors that callers are not told. *Required.*
	Logger *slog.Logger
}

// Handler serves /graphql. Its Close must be called.
type Handler struct {
	http.Handler
	executor   *direct.Executor
	transports *transport.Set
	answers    *transport.Answers
}

// Answers says how many answers callers share.
func (h *Handler) Answers() answers.Stats { return h.answers.Stats() }

// Close tells all subscribers that their subscriptions end, and waits until they have ended. It
// refuses new subscriptions. Other operations still run.
func (h *Handler) Close() { h.transports.Close() }

// New returns the handler of /graphql. The request's context must have the caller
// (auth.Authenticate) and the source (auth.WithSource).
func New(cfg Config) *Handler {
	shared := answers.New(answers.Config[isp.DataVersion]{MaxBytes: cfg.SharedAnswerBytes, Version: cfg.Provider.DataVersion})
	transports := transport.New(transport.Config{
		Present:        present,
		Verify:         cfg.Auth.CallerOf,
		OnRevoked:      cfg.Auth.OnRevoked,
		AllowOrigin:    cfg.AllowOrigin,
		Trusted:        cfg.Trusted,
		Inflight:       cfg.Inflight,
		Answers:        shared,
		Shareable:      shareable,
		Asked:          cfg.Provider.Asked,
		Refused:        cfg.Refused,
		FreeRefusals:   cfg.FreeRefusals,
		RefusalPenalty: cfg.RefusalPenalty,
	})
	resolver := newResolver(cfg)
	resolver.status = statusWith(cfg.Provider.Status, shared.Stats)
	executor := newExecutor(cfg, resolver)
	server := newServer(cfg, resolver, executor, transports)
	return &Handler{Handler: transport.OnlyPost(server), executor: executor, transports: transports, answers: shared}
}

func newServer(cfg Config, resolver *Resolver, executor graphql.ExecutableSchema, transports *transport.Set) *handler.Server {
	server := handler.New(executor)
	newReader(cfg).Install(server, transports.All()...)
	server.SetErrorPresenter(present)
	server.SetRecoverFunc(logPanic(cfg.Logger))
	if cfg.Introspection {
		server.Use(extension.Introspection{})
	}
	server.AroundOperations(resolver.admit(cfg.Logger))
	server.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := resolver.withLoaders(ctx, next)
		if response != nil && len(response.Errors) > 0 {
			response.Errors = errcode.Summarize(response.Errors)
			logFailures(ctx, cfg.Logger, response.Errors)
		}
		return response
	})
	return server
}

func newReader(cfg Config) *document.Reader {
	options := document.Config{Schema: Schema(), Limits: cfg.Limits, Introspection: cfg.Introspection}
	if cfg.TrustedOnly {
		options.TrustedOnly = cfg.Trusted
	}
	return document.NewReader(options)
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
		withUser:       cfg.Provider.WithUser,
		users:          cfg.Provider.Users,
		refresh:        cfg.Provider.Refresh,
		version:        cfg.Version,
		maxCalls:       cfg.MaxCalls,
	}
}

// logPanic logs the type and the stack of a panic. It does not log the value, which may be secret.
func logPanic(logger *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, value any) error {
		logger.ErrorContext(ctx, "panic in a resolver", "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()),
			"request_id", auth.SourceFrom(ctx).RequestID)
		return errcode.ErrPanic
	}
}

// admit refuses an operation that may not run: one with login and another field, or one that costs
// too much. It is one function, because each function around operations costs every request.
func (r *Resolver) admit(logger *slog.Logger) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		operation := graphql.GetOperationContext(ctx)
		if err := document.CheckLoginAlone(operation); err != nil {
			return refuse(ctx, err)
		}
		admitted, err := r.limitCost(ctx, operation)
		if err != nil {
			return refuse(ctx, err)
		}
		responses := next(admitted)
		if operation.Operation.Operation == ast.Subscription {
			return logFailedStart(admitted, logger, responses)
		}
		return responses
	}
}

// refuse answers an operation with an error instead of running it.
func refuse(ctx context.Context, err error) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{present(ctx, err)}})
}

// Schema returns the public schema.
func Schema() *ast.Schema {
	return generated.NewExecutableSchema(generated.Config{}).Schema()
}
