package graph

import (
	"encoding/json"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/isp"
)

// fieldArguments are the arguments that decide what a field costs.
type fieldArguments struct {
	By         isp.ClientKey
	ServiceID  int
	ServiceIDs []int
	TicketID   int
	TaskID     string
	ID         string
	Filter     json.RawMessage
	Search     *string
	OrderBy    *isp.ClientOrder
	First      *int
	After      *string
}

// inputTypes are the types of the schema by name.
var inputTypes = Schema().Types

// arguments decodes the arguments of a field. It ignores invalid ones, which the resolver refuses.
func (e *estimator) arguments(field graphql.CollectedField) (arguments fieldArguments) {
	if len(field.Definition.Arguments) == 0 {
		return arguments
	}
	values := field.ArgumentMap(e.operation.Variables)
	for _, argument := range field.Definition.Arguments {
		values[argument.Name] = coerced(argument.Type, values[argument.Name])
	}
	if text, err := json.Marshal(values); err == nil {
		_ = json.Unmarshal(text, &arguments)
	}
	return arguments
}

// coerced returns a value as resolvers get it: a single value becomes a list of one, and an input
// object gets its defaults.
func coerced(kind *ast.Type, value any) any {
	if value == nil {
		return nil
	}
	if kind.Elem != nil && reflect.TypeOf(value).Kind() != reflect.Slice {
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

func (a fieldArguments) query() isp.ClientQuery {
	query := isp.ClientQuery{Search: a.Search, Order: a.OrderBy, First: a.First, After: a.After}
	if len(a.Filter) > 0 {
		_ = json.Unmarshal(a.Filter, &query.Filter)
	}
	return query
}

// rows returns the maximum number of rows of a field: its argument first for a list, else one. Of
// the lists without first, only otherServices leads to clients. The allowance counts its rows.
func (a fieldArguments) rows(field graphql.CollectedField) int {
	switch {
	case a.First != nil && *a.First > 0:
		return min(*a.First, maxRows)
	case field.Definition.Arguments.ForName("first") != nil:
		return isp.DefaultFirst
	}
	return 1
}
