package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/graph/direct"
	"wisphub-graphql/graph/generated"
)

// newExecutor returns what runs operations: the direct writer, and behind it gqlgen's executor.
func newExecutor(cfg Config, resolver *Resolver) *direct.Executor {
	logPanic := logPanic(cfg.Logger)
	executor := direct.Config{
		Generated: generated.NewExecutableSchema(generated.Config{
			Resolvers:  resolver,
			Directives: generated.DirectiveRoot{HasScope: hasScope(cfg.Auth.AuditForbidden)},
		}),
		Panicked: func(ctx context.Context, value any) { _ = logPanic(ctx, value) },
	}
	if !cfg.GeneratedOnly {
		executor.Schema, executor.Resolvers = generated.DirectSchema(), resolver.memory()
	}
	return direct.New(executor)
}

// DirectAnswers returns how many operations were answered from memory, without gqlgen's executor. It
// also returns how many were begun so, but left to that executor because memory lacked a value.
func (h *Handler) DirectAnswers() (answered, dropped uint64) { return h.executor.Answers() }

var _ graphql.ExecutableSchema = (*direct.Executor)(nil)
