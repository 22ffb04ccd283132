package document

import (
	"context"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/isp"
)

// strictVariables refuses variables that the specification forbids and gqlparser accepts: enum
// values in the wrong case, numbers as text, and @oneOf objects with several keys.
type strictVariables struct {
	schema        *ast.Schema
	introspection bool // errors may name the values of an enum
}

// ExtensionName implements [graphql.HandlerExtension].
func (*strictVariables) ExtensionName() string { return "StrictVariables" }

// Validate implements [graphql.HandlerExtension].
func (*strictVariables) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements [graphql.OperationContextMutator].
func (s *strictVariables) MutateOperationContext(_ context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	for _, variable := range operation.Operation.VariableDefinitions {
		value, given := operation.Variables[variable.Variable]
		if !given {
			continue
		}
		if err := s.check(variable.Type, value, []string{variable.Variable}); err != nil {
			return gqlerror.Wrap(err)
		}
		if keys, isObject := value.(map[string]any); isObject && len(keys) > 1 && isOneOf(variable.Definition) {
			// An empty object is refused where it is used. That cannot be left to the resolver,
			// because it cannot tell a null key from an absent one.
			operation.Variables[variable.Variable] = map[string]any{}
		}
	}
	return nil
}

func isOneOf(definition *ast.Definition) bool { return definition.Directives.ForName("oneOf") != nil }

// check compares a value with its type, recursively.
func (s *strictVariables) check(kind *ast.Type, value any, path []string) error {
	if value == nil {
		return nil
	}
	if kind.Elem != nil {
		return s.checkList(kind.Elem, value, path)
	}
	switch definition := s.schema.Types[kind.NamedType]; {
	case definition.Kind == ast.Enum:
		return s.checkEnum(definition, value, path)
	case definition.Kind == ast.InputObject:
		return s.checkObject(definition, value, path)
	case definition.Name == "String":
		if _, isText := value.(string); !isText {
			return &isp.InputError{Field: path, Message: "must be a string"}
		}
	}
	return nil
}

// checkList accepts a single value as a list of one, as GraphQL does.
func (s *strictVariables) checkList(kind *ast.Type, value any, path []string) error {
	list, isList := value.([]any)
	if !isList {
		return s.check(kind, value, path)
	}
	for _, element := range list {
		if err := s.check(kind, element, path); err != nil {
			return err
		}
	}
	return nil
}

func (s *strictVariables) checkObject(definition *ast.Definition, value any, path []string) error {
	fields, isObject := value.(map[string]any)
	if !isObject {
		return nil // gqlparser refuses it
	}
	for _, field := range definition.Fields {
		if err := s.check(field.Type, fields[field.Name], append(slices.Clone(path), field.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (s *strictVariables) checkEnum(definition *ast.Definition, value any, path []string) error {
	text, _ := value.(string)
	if definition.EnumValues.ForName(text) != nil {
		return nil
	}
	if !s.introspection {
		return &isp.InputError{Field: path, Message: "must be one of the enum's values"}
	}
	names := make([]string, len(definition.EnumValues))
	for i, known := range definition.EnumValues {
		names[i] = known.Name
	}
	return &isp.InputError{Field: path, Message: "must be one of " + strings.Join(names, ", ")}
}
