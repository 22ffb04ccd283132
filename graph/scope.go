package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
)

// hasScope implements the @hasScope directive: the caller must have the scope.
func hasScope(ctx context.Context, _ any, next graphql.Resolver, scope auth.Scope) (any, error) {
	caller := auth.FromContext(ctx)
	switch {
	case caller == nil:
		return nil, errcode.ErrUnauthenticated
	case !caller.Has(scope):
		return nil, errcode.ErrForbidden
	}
	return next(ctx)
}
