package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
)

// hasScope returns the @hasScope directive: the caller must have the scope. A refused mutation is
// audited with forbidden.
func hasScope(forbidden func(ctx context.Context, action string)) scopeDirective {
	return func(ctx context.Context, _ any, next graphql.Resolver, scope auth.Scope) (any, error) {
		caller := auth.FromContext(ctx)
		switch field := graphql.GetFieldContext(ctx); {
		case caller == nil:
			return nil, errcode.ErrUnauthenticated
		case caller.Has(scope):
			return next(ctx)
		case field.Object == "Mutation":
			forbidden(ctx, field.Field.Name) // the schema's name, never the caller's alias
		}
		return nil, auth.ErrForbidden
	}
}

type scopeDirective = func(ctx context.Context, obj any, next graphql.Resolver, scope auth.Scope) (any, error)
