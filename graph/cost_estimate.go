package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/isp"
)

// estimator adds up the calls for what memory does not have: lookups of single records, and the
// accounts of clients, which are the only field that costs a call a row.
type estimator struct {
	*Resolver
	ctx       context.Context
	operation *graphql.OperationContext
	cold      func() bool // the directory is not loaded
	lookups   int
	rows      int          // accounts of clients that are not known before the operation runs
	accounts  map[int]bool // service ids of known clients whose accounts are needed
}

func newEstimator(ctx context.Context, r *Resolver, operation *graphql.OperationContext) *estimator {
	return &estimator{
		Resolver:  r,
		ctx:       ctx,
		operation: operation,
		cold:      sync.OnceValue(func() bool { return r.clients.InMemory(isp.ClientQuery{First: new(1)}) == nil }),
		accounts:  map[int]bool{},
	}
}

// fields applies directives and expands fragments of any type. Package document bounds the result.
func (e *estimator) fields(selections ast.SelectionSet) []graphql.CollectedField {
	return graphql.CollectFields(e.operation, selections, nil)
}

// group is a set of rows that have the same selection.
type group struct {
	size int // at most
	// listed rows come from a list. The directory is loaded if a field asks for their client.
	listed bool
	// known returns the rows that are clients, or nil if memory does not have them. A nil function
	// means that memory cannot have them.
	known func() []*isp.Client
}

// times returns the group of a field that has count rows for each row of g.
func (g group) times(count int) group {
	return group{size: min(g.size*count, maxRows), listed: g.listed || count > 1}
}

// maxRows is where the product of nested lists stops, so that it does not overflow.
const maxRows = 1 << 31

// writeCalls is the cost of a write: a read before or after it, the write, and a fresh read of the
// result.
const writeCalls = 3

// root counts the lookup of a root field, and the fields below it.
func (e *estimator) root(field graphql.CollectedField) {
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
func (e *estimator) lookup(known bool) bool {
	if !known {
		e.lookups++
	}
	return known
}

// find returns the client with the key. The client must be known, so that this costs no call.
func (e *estimator) find(by isp.ClientKey) []*isp.Client {
	client, err := e.Resolver.clients.Find(e.ctx, by)
	if err != nil || client == nil {
		return []*isp.Client{}
	}
	return []*isp.Client{client}
}

func (e *estimator) page(query isp.ClientQuery) []*isp.Client {
	connection := e.Resolver.clients.InMemory(query)
	if connection == nil {
		return nil
	}
	return connection.Nodes
}

// below counts the fields of a selection set, recursively.
func (e *estimator) below(selections ast.SelectionSet, rows group) {
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

// isSameRows reports whether the field returns the rows that the field around it has looked up.
func isSameRows(field graphql.CollectedField) bool {
	switch field.Name {
	case "nodes", "edges", "node":
		return true
	}
	return field.Name == "client" && field.ObjectDefinition.Name == "IdentityCheck"
}

func (e *estimator) countAccounts(rows group) {
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
func (e *estimator) nodeKnown(id string) bool {
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
