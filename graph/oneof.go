package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// strictOneOf empties variables of @oneOf types that hold more than one key, so that they are refused even where only one
// of the keys is not null: gqlparser checks literals alone, and a resolver cannot tell a null key from an absent one.
type strictOneOf struct{}

// ExtensionName implements [graphql.HandlerExtension].
func (strictOneOf) ExtensionName() string { return "StrictOneOf" }

// Validate implements [graphql.HandlerExtension].
func (strictOneOf) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements [graphql.OperationContextMutator].
func (strictOneOf) MutateOperationContext(_ context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	for _, variable := range operation.Operation.VariableDefinitions {
		keys, isObject := operation.Variables[variable.Variable].(map[string]any)
		if isObject && len(keys) > 1 && variable.Definition.Directives.ForName("oneOf") != nil {
			operation.Variables[variable.Variable] = map[string]any{}
		}
	}
	return nil
}
