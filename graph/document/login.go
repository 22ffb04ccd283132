package document

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"wisphub-graphql/graph/errcode"
)

// maxLoginTokens bounds the documents of callers without a token. GraphiQL's login has 32.
const maxLoginTokens = 200

// IsLogin reports whether the document only logs in: the one operation that needs no token. It
// looks at the document before validation. A caller without a token must not be able to test which
// names the schema has. So the document may have no fragment, no directive, no variable of another
// type, and nothing below the fields of the token.
func IsLogin(text string) bool {
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxLoginTokens)
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
	return ok && field.Name == "login" && len(field.Directives) == 0 && onlyNames(field.SelectionSet)
}

// onlyNames reports whether the selection set has fields without arguments, directives or
// selections, and nothing else.
func onlyNames(selections ast.SelectionSet) bool {
	for _, selection := range selections {
		field, ok := selection.(*ast.Field)
		if !ok || len(field.Arguments)+len(field.Directives)+len(field.SelectionSet) > 0 {
			return false
		}
	}
	return true
}

// CheckLoginAlone returns [errcode.ErrLoginNotAlone] for an operation with login and another field,
// or with login twice: one request must not try several passwords.
func CheckLoginAlone(operation *graphql.OperationContext) error {
	if operation.Operation.Operation != ast.Mutation {
		return nil
	}
	fields := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Mutation"})
	for _, field := range fields {
		if field.Name == "login" && len(fields) > 1 {
			return errcode.ErrLoginNotAlone
		}
	}
	return nil
}
