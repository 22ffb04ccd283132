package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/graph/document"
	"wisphub-graphql/isp"
)

// The estimate as it was before plans: it collects all fields and decodes all arguments with each
// request. It is kept to compare.

// referenceEstimate returns how many lookups of single records an operation needs and how many values it
// returns at most, or why it may not run.
func (r *Resolver) referenceEstimate(
	ctx context.Context, operation *graphql.OperationContext,
) (lookups int, values int64, err error) {
	e := newReference(ctx, r, operation)
	for _, field := range e.fields(operation.Operation.SelectionSet) {
		e.root(field)
	}
	if calls := e.lookups + e.rows + len(e.accounts); calls > r.maxCalls {
		return 0, 0, &costError{calls, r.maxCalls}
	}
	values, err = e.checkValues()
	return e.lookups, values, err
}

// estimator adds up the calls for what memory does not have: lookups of single records, and the
// accounts of clients, which are the only field that costs a call a row.
type reference struct {
	*Resolver
	ctx       context.Context
	operation *graphql.OperationContext
	cold      func() bool // the directory is not loaded
	lookups   int
	rows      int          // accounts of clients that are not known before the operation runs
	accounts  map[int]bool // service ids of known clients whose accounts are needed
}

func newReference(ctx context.Context, r *Resolver, operation *graphql.OperationContext) *reference {
	return &reference{
		Resolver:  r,
		ctx:       ctx,
		operation: operation,
		cold:      sync.OnceValue(func() bool { return r.clients.InMemory(isp.ClientQuery{First: new(1)}) == nil }),
		accounts:  map[int]bool{},
	}
}

// fields applies directives and expands fragments of any type. Package document bounds the result.
func (e *reference) fields(selections ast.SelectionSet) []graphql.CollectedField {
	return graphql.CollectFields(e.operation, selections, nil)
}

// root counts the lookup of a root field, and the fields below it.
func (e *reference) root(field graphql.CollectedField) {
	arguments := e.arguments(field)
	rows := group{size: 1}.times(arguments.rows(field))
	switch field.Name {
	case "client":
		if e.lookup(e.Resolver.clients.Known(arguments.By)) {
			rows.known = func() []*isp.Client { return e.find(arguments.By) }
		}
	case "verifyClient":
		by := isp.ClientKey{ServiceID: &arguments.ServiceID}
		if e.lookup(e.Resolver.clients.Known(by)) {
			rows.known = func() []*isp.Client { return e.find(by) }
		}
	case "identifyClient":
		rows.listed = true // it loads the directory
	case "ticket":
		e.lookup(e.Resolver.tickets.Known(arguments.TicketID))
	case "task", "taskUpdated": // all watchers share the polls of a task, so these do not count
		e.lookup(e.Resolver.tasks.Known(arguments.TaskID))
	case "updateClient":
		e.lookups += writeCalls + 1 // the list does not show the parts of a name
	case "createTicket", "updateTicket", "answerTicket":
		e.lookups += writeCalls
	case "pingClient":
		e.lookups++
	case "activateClients", "suspendClients":
		e.lookups += 1 + e.Resolver.clients.StateLookUps(arguments.ServiceIDs)
	case "node":
		e.lookup(e.nodeKnown(arguments.ID))
	case "clients":
		rows.known = sync.OnceValue(func() []*isp.Client { return e.page(arguments.query()) })
	}
	e.below(field.Selections, rows)
}

// lookup counts a lookup unless memory has the record. It returns known.
func (e *reference) lookup(known bool) bool {
	if !known {
		e.lookups++
	}
	return known
}

// find returns the client with the key. The client must be known, so that this costs no call.
func (e *reference) find(by isp.ClientKey) []*isp.Client {
	client, err := e.Resolver.clients.Find(e.ctx, by)
	if err != nil || client == nil {
		return []*isp.Client{}
	}
	return []*isp.Client{client}
}

func (e *reference) page(query isp.ClientQuery) []*isp.Client {
	connection := e.Resolver.clients.InMemory(query)
	if connection == nil {
		return nil
	}
	return connection.Nodes
}

// below counts the fields of a selection set, recursively.
func (e *reference) below(selections ast.SelectionSet, rows group) {
	for _, field := range e.fields(selections) {
		if isSameRows(field) {
			e.below(field.Selections, rows)
			continue
		}
		switch field.Name {
		case "account":
			e.countAccounts(rows)
		case "client", "otherServices":
			e.lookup(rows.listed || !e.cold())
		}
		if len(field.Selections) > 0 {
			e.below(field.Selections, rows.times(e.arguments(field).rows(field)))
		}
	}
}

func (e *reference) countAccounts(rows group) {
	var known []*isp.Client
	if rows.known != nil {
		known = rows.known()
	}
	if known == nil {
		e.rows += rows.size
	}
	for _, client := range known {
		if !e.Resolver.accounts.Known(client.ServiceID) {
			e.accounts[client.ServiceID] = true
		}
	}
}

// nodeKnown reports whether the lookup of a node costs no call. An invalid id costs none.
func (e *reference) nodeKnown(id string) bool {
	kind, key, err := isp.ParseNodeID(id)
	if err != nil || kind == "task" {
		return err != nil || e.Resolver.tasks.Known(key)
	}
	number, err := isp.ParseKey(key)
	switch {
	case err != nil:
		return true
	case kind == "client":
		return e.Resolver.clients.Known(isp.ClientKey{ServiceID: &number})
	case kind == "ticket":
		return e.Resolver.tickets.Known(number)
	}
	return true
}

// referenceArguments are the arguments that decide what a field costs.
type referenceArguments struct {
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

// arguments decodes the arguments of a field. It ignores invalid ones, which the resolver refuses.
func (e *reference) arguments(field graphql.CollectedField) (arguments referenceArguments) {
	if len(field.Definition.Arguments) == 0 {
		return arguments
	}
	values := field.ArgumentMap(e.operation.Variables)
	for _, argument := range field.Definition.Arguments {
		values[argument.Name] = referenceCoerced(argument.Type, values[argument.Name])
	}
	if text, err := json.Marshal(values); err == nil {
		_ = json.Unmarshal(text, &arguments)
	}
	return arguments
}

// coerced returns a value as resolvers get it: a single value becomes a list of one, and an input
// object gets its defaults.
func referenceCoerced(kind *ast.Type, value any) any {
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
		result[field.Name] = referenceCoerced(field.Type, given)
	}
	return result
}

func (a referenceArguments) query() isp.ClientQuery {
	query := isp.ClientQuery{Search: a.Search, Order: a.OrderBy, First: a.First, After: a.After}
	if len(a.Filter) > 0 {
		_ = json.Unmarshal(a.Filter, &query.Filter)
	}
	return query
}

// rows returns the maximum number of rows of a field: its argument first for a list, else one. Of
// the lists without first, only otherServices leads to clients. The allowance counts its rows.
func (a referenceArguments) rows(field graphql.CollectedField) int {
	switch {
	case a.First != nil && *a.First > 0:
		return min(*a.First, maxRows)
	case field.Definition.Arguments.ForName("first") != nil:
		return isp.DefaultFirst
	}
	return 1
}

// checkValues refuses an operation whose lists and fields multiply to a huge response.
func (e *reference) checkValues() (int64, error) {
	values := e.countValues(e.operation.Operation.SelectionSet, objects{count: 1, root: true})
	if values > maxValues {
		message := fmt.Sprintf("The operation could return %d values and exceeds the maximum of %d.", values, maxValues)
		return 0, &document.LimitError{Message: message}
	}
	return int64(values), nil
}

// countValues returns how many values the response has for a selection set, in all its rows. They
// include those that stand for the objects themselves.
func (e *reference) countValues(selections ast.SelectionSet, of objects) (values int) {
	if of.page == 0 {
		values = min(of.count*objectValues, maxCounted)
	}
	for _, field := range e.fields(selections) {
		values = min(values+of.count, maxCounted)
		if len(field.Selections) > 0 {
			values = min(values+e.countValues(field.Selections, e.objectsIn(field, of)), maxCounted)
		}
	}
	return values
}

// objectsIn returns the objects that a field of other objects returns.
func (e *reference) objectsIn(field graphql.CollectedField, of objects) objects {
	isList := field.Definition.Type.Elem != nil
	switch {
	case field.Definition.Arguments.ForName("first") != nil:
		rows := e.arguments(field).rows(field)
		if !of.root {
			rows = min(rows, nestedListRows)
		}
		if isList {
			return of.times(rows)
		}
		return objects{count: of.count, page: rows}
	case !isList:
		return of.times(1)
	case of.page > 0 && (field.Name == "nodes" || field.Name == "edges"):
		return of.times(of.page)
	case of.root:
		return of.times(catalogueRows)
	}
	return of.times(shortListRows)
}
