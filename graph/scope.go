package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/auth"
)

// hasScope is the @hasScope directive: the field needs a caller with the scope.
func hasScope(ctx context.Context, _ any, next graphql.Resolver, scope auth.Scope) (any, error) {
	caller := auth.FromContext(ctx)
	switch {
	case caller == nil:
		return nil, errUnauthenticated
	case !caller.Has(scope):
		return nil, errForbidden
	}
	return next(ctx)
}
