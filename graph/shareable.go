package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// shareable STUB until branch d.
func shareable(_ context.Context, operation *graphql.OperationContext) bool {
	if operation.Operation.Operation != ast.Query {
		return false
	}
	for _, s := range operation.Operation.SelectionSet {
		f, ok := s.(*ast.Field)
		if !ok {
			return false
		}
		switch f.Name {
		case "clients", "client", "zones", "plans", "tickets", "ticket", "plan":
		default:
			return false
		}
	}
	return true
}
