package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/isp"
)

// estimator adds up the calls for what memory does not hold: single look-ups, and the accounts of clients, which are the
// one thing that costs a call a row.
type estimator struct {
	*Resolver
	ctx       context.Context
	operation *graphql.OperationContext
	cold      func() bool // there is no directory yet
	lookUps   int
	rows      int          // accounts of clients that are not known beforehand
	accounts  map[int]bool // of those that are, so that each counts once
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

// fields resolves directives, and fragments on any type. What they unfold to is bounded, see [Limits].
func (e *estimator) fields(selections ast.SelectionSet) []graphql.CollectedField {
	return graphql.CollectFields(e.operation, selections, nil)
}

// group is the rows that a selection is answered for.
type group struct {
	size int // at most
	// listed rows are those of a list, for which the directory is read when a client is asked for.
	listed bool
	// known returns the rows that are clients, nil when memory cannot tell. The function is nil where there is none to ask.
	known func() []*isp.Client
}

// times is what a field has that answers each row with so many.
func (g group) times(count int) group {
	return group{size: min(g.size*count, maxRows), listed: g.listed || count > 1}
}

// maxRows bounds the product of lists in lists, which no machine word may hold.
const maxRows = 1 << 31

// writeCalls is what a write costs that is checked: a look before it or behind it, the write, and the fresh read.
const writeCalls = 3

// root counts the look-up that a root field is, and what is asked beneath it.
func (e *estimator) root(field graphql.CollectedField) {
	arguments := e.arguments(field)
	rows := group{size: 1}.times(arguments.rows(field))
	switch field.Name {
	case "client":
		if e.lookUp(e.Resolver.clients.Known(arguments.By)) {
			rows.known = func() []*isp.Client { return e.found(arguments.By) }
		}
	case "verifyClient":
		by := isp.ClientKey{ServiceID: &arguments.ServiceID}
		if e.lookUp(e.Resolver.clients.Known(by)) {
			rows.known = func() []*isp.Client { return e.found(by) }
		}
	case "identifyClient":
		rows.listed = true // of the directory, which is read for it
	case "ticket":
		e.lookUp(e.Resolver.tickets.Known(arguments.TicketID))
	case "task", "taskUpdated": // the polls of a task are shared by all who watch it, and not charged
		e.lookUp(e.Resolver.tasks.Known(arguments.TaskID))
	case "updateClient":
		e.lookUps += writeCalls + 1 // a name has parts, which the list does not show
	case "createTicket", "updateTicket", "answerTicket":
		e.lookUps += writeCalls
	case "pingClient", "activateClients", "suspendClients":
		e.lookUps++
	case "node":
		e.lookUp(e.nodeKnown(arguments.ID))
	case "clients":
		rows.known = sync.OnceValue(func() []*isp.Client { return e.page(arguments.query()) })
	}
	e.beneath(field.Selections, rows)
}

// lookUp counts a look-up unless memory knows the answer.
func (e *estimator) lookUp(known bool) bool {
	if !known {
		e.lookUps++
	}
	return known
}

// found returns the client that the key names. It is known, so that this costs no call.
func (e *estimator) found(by isp.ClientKey) []*isp.Client {
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

// beneath counts what is asked in a selection, however deep.
func (e *estimator) beneath(selections ast.SelectionSet, rows group) {
	for _, field := range e.fields(selections) {
		if holdsRows(field) {
			e.beneath(field.Selections, rows)
			continue
		}
		switch field.Name {
		case "account":
			e.accountsOf(rows)
		case "client", "otherServices":
			e.lookUp(rows.listed || !e.cold())
		}
		if len(field.Selections) > 0 {
			e.beneath(field.Selections, rows.times(e.arguments(field).rows(field)))
		}
	}
}

// holdsRows: the field leads to what the one around it has looked up.
func holdsRows(field graphql.CollectedField) bool {
	switch field.Name {
	case "nodes", "edges", "node":
		return true
	}
	return field.Name == "client" && field.ObjectDefinition.Name == "IdentityCheck"
}

func (e *estimator) accountsOf(rows group) {
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

// nodeKnown reports whether the node's look-up costs no call of its own. What cannot be looked up costs none.
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
