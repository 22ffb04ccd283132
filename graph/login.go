package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// loginTokens bounds what a stranger may send; GraphiQL's login has 32.
const loginTokens = 200

// isLogin reports whether the document asks for nothing but login: the one operation that needs no token. It is decided
// on the document as it stands, before validation, and the document must hold nothing else, so that a stranger cannot try
// out the names of the schema: no fragment, directive or variable that would name another type, and nothing beneath what
// login answers.
func isLogin(query string) bool {
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, loginTokens)
	if err != nil || len(document.Operations) != 1 || len(document.Fragments) > 0 {
		return false
	}
	operation := document.Operations[0]
	if operation.Operation != ast.Mutation || len(operation.Directives) > 0 || len(operation.SelectionSet) != 1 {
		return false
	}
	for _, variable := range operation.VariableDefinitions {
		if variable.Type.NamedType != "String" || len(variable.Directives) > 0 {
			return false
		}
	}
	field, ok := operation.SelectionSet[0].(*ast.Field)
	return ok && field.Name == "login" && len(field.Directives) == 0 && allPlain(field.SelectionSet)
}

// allPlain reports whether nothing but names is selected.
func allPlain(selections ast.SelectionSet) bool {
	for _, selection := range selections {
		field, ok := selection.(*ast.Field)
		if !ok || len(field.Arguments)+len(field.Directives)+len(field.SelectionSet) > 0 {
			return false
		}
	}
	return true
}

// requireLoginAlone refuses operations that log in and do something else besides, or log in twice.
func requireLoginAlone(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	if operation.Operation.Operation != ast.Mutation {
		return next(ctx)
	}
	fields := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Mutation"})
	for _, field := range fields {
		if field.Name == "login" && len(fields) > 1 {
			return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{present(ctx, errLoginAlone)}})
		}
	}
	return next(ctx)
}
