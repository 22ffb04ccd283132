package graph

import (
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/graph/document"
	"wisphub-graphql/isp"
)

// fieldArguments are the arguments that decide what a field costs. Those of a page of clients are
// in [clientQuery].
type fieldArguments struct {
	by         isp.ClientKey
	serviceID  int
	serviceIDs []int
	ticketID   int
	taskID     string
	id         string
	first      int // 0 if absent
}

// noArguments is shared by all fields without arguments that decide.
var noArguments = &fieldArguments{}

// set takes an argument that decides. The value is nil or as package document has coerced it. An
// invalid one stays zero: the resolver refuses it.
func (a *fieldArguments) set(name string, value any) {
	switch name {
	case "by":
		a.by = clientKey(value)
	case "serviceId":
		a.serviceID = toInt(value)
	case "serviceIds":
		a.serviceIDs = toInts(value)
	case "ticketId":
		a.ticketID = toInt(value)
	case "taskId":
		a.taskID, _ = value.(string)
	case "id":
		a.id, _ = value.(string)
	case "first":
		a.first = toInt(value)
	}
}

// decides reports whether fieldArguments has the argument.
func decides(argument string) bool {
	switch argument {
	case "by", "serviceId", "serviceIds", "ticketId", "taskId", "id", "first":
		return true
	}
	return false
}

func clientKey(value any) (key isp.ClientKey) {
	object, _ := value.(map[string]any)
	if id, present := object["serviceId"]; present && id != nil {
		key.ServiceID = new(toInt(id))
	}
	key.Document, key.Phone, key.Username = toText(object["document"]), toText(object["phone"]), toText(object["username"])
	return key
}

func toText(value any) *string {
	text, ok := value.(string)
	if !ok {
		return nil
	}
	return &text
}

// toInt returns an Int of a variable or a literal. Literals may be such as 26.0.
func toInt(value any) int {
	switch value := value.(type) {
	case int64:
		return int(value)
	case float64:
		return int(value)
	}
	return 0
}

// toInts accepts a single value as a list of one.
func toInts(value any) (ints []int) {
	if value == nil {
		return nil
	}
	list, isList := value.([]any)
	if !isList {
		return []int{toInt(value)}
	}
	ints = make([]int, len(list))
	for i, element := range list {
		ints[i] = toInt(element)
	}
	return ints
}

// fixedArguments returns the arguments of a field that are the same for each request, or nil if
// variables decide.
func fixedArguments(field *ast.Field) *fieldArguments {
	found := false
	for _, argument := range field.Definition.Arguments {
		if !decides(argument.Name) {
			continue
		}
		found = true
		if given := field.Arguments.ForName(argument.Name); given != nil && document.UsesVariable(given.Value) {
			return nil
		}
	}
	if !found {
		return noArguments
	}
	return new(givenArguments(field, nil))
}

// arguments returns the arguments of a field that decide.
func (e *estimator) arguments(field *costField) fieldArguments {
	if field.fixed != nil {
		return *field.fixed
	}
	return givenArguments(field.Field, e.variables)
}

func givenArguments(field *ast.Field, variables map[string]any) (arguments fieldArguments) {
	for _, argument := range field.Definition.Arguments {
		if decides(argument.Name) {
			arguments.set(argument.Name, givenValue(field, argument, variables))
		}
	}
	return arguments
}

// givenValue returns the value of an argument, or its default if it is absent.
func givenValue(field *ast.Field, argument *ast.ArgumentDefinition, variables map[string]any) (value any) {
	if given := field.Arguments.ForName(argument.Name); given != nil {
		if _, present := variables[given.Value.Raw]; given.Value.Kind != ast.Variable || present {
			value, _ = given.Value.Value(variables) // numbers were checked before
			return value
		}
	}
	if argument.DefaultValue != nil {
		value, _ = argument.DefaultValue.Value(nil) // a literal, which was checked with the schema
	}
	return value
}

// rows returns the maximum number of rows of a field: its argument first for a list, else one. Of
// the lists without first, only otherServices leads to clients. The allowance counts its rows.
func (e *estimator) rows(field *costField) int {
	if !field.hasFirst {
		return 1
	}
	if first := e.arguments(field).first; first > 0 {
		return min(first, maxRows)
	}
	return isp.DefaultFirst
}
