package graph

import (
	"encoding/json"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/isp"
)

// fieldArguments are those arguments that decide what a field costs.
type fieldArguments struct {
	By        isp.ClientKey
	ServiceID int
	TicketID  int
	TaskID    string
	ID        string
	Filter    json.RawMessage
	Search    *string
	OrderBy   *isp.ClientOrder
	First     *int
	After     *string
}

// inputTypes are the types that arguments may have, by name.
var inputTypes = Schema().Types

// arguments reads a field's arguments as far as they are of a form that the resolver will take; it will refuse the rest.
func (e *estimator) arguments(field graphql.CollectedField) (arguments fieldArguments) {
	if len(field.Definition.Arguments) == 0 {
		return arguments
	}
	values := field.ArgumentMap(e.operation.Variables)
	for _, argument := range field.Definition.Arguments {
		values[argument.Name] = completed(argument.Type, values[argument.Name])
	}
	if text, err := json.Marshal(values); err == nil {
		_ = json.Unmarshal(text, &arguments)
	}
	return arguments
}

// completed is a value as resolvers get it: one value stands for a list of one, and an input object has its defaults.
func completed(kind *ast.Type, value any) any {
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
	whole := make(map[string]any, len(object))
	for _, field := range inputTypes[kind.Name()].Fields {
		given, present := object[field.Name]
		if !present && field.DefaultValue != nil {
			given, _ = field.DefaultValue.Value(nil) // a literal, which the schema's own check has read
		}
		whole[field.Name] = completed(field.Type, given)
	}
	return whole
}

func (a fieldArguments) query() isp.ClientQuery {
	query := isp.ClientQuery{Search: a.Search, Order: a.OrderBy, First: a.First, After: a.After}
	if len(a.Filter) > 0 {
		_ = json.Unmarshal(a.Filter, &query.Filter)
	}
	return query
}

// rows is the most that a field can answer with: its first argument for a list, else one. The other lists of this schema
// lead to no client but otherServices, whose rows the allowance counts.
func (a fieldArguments) rows(field graphql.CollectedField) int {
	switch {
	case a.First != nil && *a.First > 0:
		return min(*a.First, maxRows)
	case field.Definition.Arguments.ForName("first") != nil:
		return isp.DefaultFirst
	}
	return 1
}
