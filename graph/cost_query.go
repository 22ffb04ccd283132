package graph

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/isp"
)

// inputTypes are the types of the schema by name.
var inputTypes = Schema().Types

// clientQuery decodes the arguments of the field clients. It ignores invalid ones, which the
// resolver refuses. It is costly, and only needed where each row may cost a call.
func clientQuery(field *ast.Field, variables map[string]any) (query isp.ClientQuery) {
	values := map[string]any{}
	for _, argument := range field.Definition.Arguments {
		values[argument.Name] = coerced(argument.Type, givenValue(field, argument, variables))
	}
	var decoded struct {
		Filter  json.RawMessage
		Search  *string
		OrderBy *isp.ClientOrder
		First   *int
		After   *string
	}
	if text, err := json.Marshal(values); err == nil {
		_ = json.Unmarshal(text, &decoded)
	}
	query = isp.ClientQuery{Search: decoded.Search, Order: decoded.OrderBy, First: decoded.First, After: decoded.After}
	if len(decoded.Filter) > 0 {
		_ = json.Unmarshal(decoded.Filter, &query.Filter)
	}
	return query
}

// coerced returns a value as resolvers get it: a single value becomes a list of one, and an input
// object gets its defaults.
func coerced(kind *ast.Type, value any) any {
	if value == nil {
		return nil
	}
	if _, isList := value.([]any); kind.Elem != nil && !isList {
		return []any{value}
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		return value
	}
	result := make(map[string]any, len(object))
	for _, field := range inputTypes[kind.Name()].Fields {
		given, present := object[field.Name]
		if !present && field.DefaultValue != nil {
			given, _ = field.DefaultValue.Value(nil) // a literal, which was checked with the schema
		}
		result[field.Name] = coerced(field.Type, given)
	}
	return result
}
