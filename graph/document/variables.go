package document

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/graph/scalar"
	"wisphub-graphql/isp"
)

// coercer coerces input values as the specification says: GraphQL, 6.1.2. gqlparser accepts enum
// values in the wrong case, numbers as text, and @oneOf objects with several keys. It refuses 26.0
// as an Int, and does not look at custom scalars.
type coercer struct {
	schema        *ast.Schema
	introspection bool // errors may name the values of an enum
	position      *ast.Position
	errs          gqlerror.List // at most [errcode.MaxErrors]
}

// fail adds an error about the value at the path. Messages do not repeat the value, which could be
// a password.
func (c *coercer) fail(path []string, message string) {
	if len(c.errs) == errcode.MaxErrors {
		return
	}
	err := gqlerror.Wrap(&isp.InputError{Field: path, Message: message})
	if c.position != nil {
		err.Locations = []gqlerror.Location{{Line: c.position.Line, Column: c.position.Column}}
	}
	c.errs = append(c.errs, err)
}

// variables returns the values of the variables that the operation defines, with its defaults. A
// variable without a value and a default is absent.
func (c *coercer) variables(definitions ast.VariableDefinitionList, given map[string]any) map[string]any {
	result := make(map[string]any, len(definitions))
	for _, definition := range definitions {
		c.position = definition.Position
		path := []string{definition.Variable}
		value, present := given[definition.Variable]
		if !present && definition.DefaultValue != nil {
			value, present = c.literal(definition.DefaultValue, nil, path)
		} else if !present && definition.Type.NonNull {
			c.fail(path, "is required")
		}
		if present {
			result[definition.Variable] = c.value(definition.Type, value, path)
		}
	}
	return result
}

// literal returns the value of a literal, which may contain variables.
func (c *coercer) literal(literal *ast.Value, variables map[string]any, path []string) (value any, ok bool) {
	value, err := literal.Value(variables)
	if err != nil {
		c.fail(path, "has a number that is too large for a literal; send it as a string")
	}
	return value, err == nil
}

// value returns a value as resolvers must get it. The result is arbitrary after a mistake.
func (c *coercer) value(kind *ast.Type, value any, path []string) any {
	if _, right := value.(rightValue); right {
		return value
	}
	if value == nil {
		if kind.NonNull {
			c.fail(path, "must not be null")
		}
		return nil
	}
	if kind.Elem != nil {
		return c.list(kind.Elem, value, path)
	}
	switch definition := c.schema.Types[kind.NamedType]; definition.Kind {
	case ast.Enum:
		return c.enum(definition, value, path)
	case ast.InputObject:
		return c.object(definition, value, path)
	}
	coerced, err := scalar.Coerce(kind.NamedType, value)
	if err != nil {
		c.fail(path, err.Error())
	}
	return coerced
}

// list accepts a single value as a list of one.
func (c *coercer) list(kind *ast.Type, value any, path []string) []any {
	list, isList := value.([]any)
	if !isList {
		return []any{c.value(kind, value, path)}
	}
	result := make([]any, len(list))
	for i, element := range list {
		result[i] = c.value(kind, element, path)
	}
	return result
}

// object leaves absent fields absent: gqlgen fills in the defaults.
func (c *coercer) object(definition *ast.Definition, value any, path []string) map[string]any {
	given, isObject := value.(map[string]any)
	if !isObject {
		c.fail(path, "must be an object")
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		// Some clients send back the __typename that they have read.
		if name != "__typename" && definition.Fields.ForName(name) == nil {
			c.fail(below(path, errcode.Shorten(name)), "is not a field of "+definition.Name)
		}
	}
	result := make(map[string]any, len(given))
	for _, field := range definition.Fields {
		value, present := given[field.Name]
		if present {
			result[field.Name] = c.value(field.Type, value, below(path, field.Name))
		} else if field.Type.NonNull && field.DefaultValue == nil {
			c.fail(below(path, field.Name), "is required")
		}
	}
	c.checkOneOf(definition, result, path)
	return result
}

// checkOneOf must run before the resolver, which cannot tell a null key from an absent one.
func (c *coercer) checkOneOf(definition *ast.Definition, object map[string]any, path []string) {
	if definition.Directives.ForName("oneOf") == nil {
		return
	}
	isNull := slices.Contains(slices.Collect(maps.Values(object)), nil)
	if len(object) == 1 && !isNull {
		return
	}
	names := make([]string, len(definition.Fields))
	for i, field := range definition.Fields {
		names[i] = field.Name
	}
	last := len(names) - 1
	c.fail(path, "must have exactly one key: "+strings.Join(names[:last], ", ")+" or "+names[last])
}

func (c *coercer) enum(definition *ast.Definition, value any, path []string) any {
	text, _ := value.(string)
	if definition.EnumValues.ForName(text) != nil {
		return text
	}
	if !c.introspection {
		c.fail(path, "must be one of the enum's values")
		return nil
	}
	names := make([]string, len(definition.EnumValues))
	for i, known := range definition.EnumValues {
		names[i] = known.Name
	}
	c.fail(path, "must be one of "+strings.Join(names, ", "))
	return nil
}

// below returns the path of a field of the value at path.
func below(path []string, name string) []string { return append(slices.Clip(path), name) }
