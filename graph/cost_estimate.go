package graph

import (
	"context"
	"sync"

	"wisphub-graphql/isp"
)

// estimator adds up the calls for what memory does not have: lookups of single records, and the
// accounts of clients, which are the only field that costs a call a row.
type estimator struct {
	*Resolver
	ctx         context.Context
	variables   map[string]any
	warmth      warmth
	lookups     int
	accountRows int          // accounts of clients that are not known before the operation runs
	accounts    map[int]bool // service ids of known clients whose accounts are needed
}

// warmth is whether the directory is loaded.
type warmth uint8

const (
	unaskedWarmth warmth = iota
	cold
	warm
)

// isCold asks for the directory once, so that the answer does not change meanwhile.
func (e *estimator) isCold() bool {
	if e.warmth == unaskedWarmth {
		e.warmth = warm
		if e.clients.InMemory(isp.ClientQuery{First: new(1)}) == nil {
			e.warmth = cold
		}
	}
	return e.warmth == cold
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
func (e *estimator) root(field *costField) {
	arguments := e.arguments(field)
	rows := group{size: 1}.times(e.rows(field))
	switch field.Name {
	case "client":
		if e.lookup(e.clients.Known(arguments.by)) && field.calls {
			rows.known = e.finder(arguments.by)
		}
	case "verifyClient":
		by := isp.ClientKey{ServiceID: new(arguments.serviceID)}
		if e.lookup(e.clients.Known(by)) && field.calls {
			rows.known = e.finder(by)
		}
	case "identifyClient":
		rows.listed = true // it loads the directory
	case "ticket":
		e.lookup(e.tickets.Known(arguments.ticketID))
	case "task", "taskUpdated": // all watchers share the polls of a task, so these do not count
		e.lookup(e.tasks.Known(arguments.taskID))
	case "updateClient":
		e.lookups += writeCalls + 1 // the list does not show the parts of a name
	case "createTicket", "updateTicket", "answerTicket":
		e.lookups += writeCalls
	case "pingClient":
		e.lookups++
	case "activateClients", "suspendClients":
		e.lookups += 1 + e.clients.StateLookUps(arguments.serviceIDs)
	case "node":
		e.lookup(e.nodeKnown(arguments.id))
	case "clients":
		if field.calls {
			rows.known = e.pager(field)
		}
	}
	e.below(field, rows)
}

// lookup counts a lookup unless memory has the record. It returns known.
func (e *estimator) lookup(known bool) bool {
	if !known {
		e.lookups++
	}
	return known
}

// finder returns a function that returns the client with the key. The client must be known, so that
// this costs no call.
func (e *estimator) finder(by isp.ClientKey) func() []*isp.Client {
	return func() []*isp.Client {
		client, err := e.clients.Find(e.ctx, by)
		if err != nil || client == nil {
			return []*isp.Client{}
		}
		return []*isp.Client{client}
	}
}

// pager returns a function that returns the page of clients in memory, nil if the directory is cold.
func (e *estimator) pager(field *costField) func() []*isp.Client {
	return sync.OnceValue(func() []*isp.Client {
		connection := e.clients.InMemory(clientQuery(field.Field, e.variables))
		if connection == nil {
			return nil
		}
		return connection.Nodes
	})
}

// below counts the fields below a field, recursively.
func (e *estimator) below(field *costField, rows group) {
	for i := range field.below {
		child := &field.below[i]
		switch {
		case !child.calls:
			continue
		case child.sameRows:
			e.below(child, rows)
			continue
		}
		switch child.Name {
		case "account":
			e.countAccounts(rows)
		case "client", "otherServices":
			e.lookup(rows.listed || !e.isCold())
		}
		e.below(child, rows.times(e.rows(child)))
	}
}

func (e *estimator) countAccounts(rows group) {
	var known []*isp.Client
	if rows.known != nil {
		known = rows.known()
	}
	if known == nil {
		e.accountRows += rows.size
	}
	for _, client := range known {
		if !e.Resolver.accounts.Known(client.ServiceID) {
			if e.accounts == nil {
				e.accounts = map[int]bool{}
			}
			e.accounts[client.ServiceID] = true
		}
	}
}

// nodeKnown reports whether the lookup of a node costs no call. An invalid id costs none.
func (e *estimator) nodeKnown(id string) bool {
	kind, key, err := isp.ParseNodeID(id)
	if err != nil || kind == "task" {
		return err != nil || e.tasks.Known(key)
	}
	number, err := isp.ParseKey(key)
	switch {
	case err != nil:
		return true
	case kind == "client":
		return e.clients.Known(isp.ClientKey{ServiceID: &number})
	case kind == "ticket":
		return e.tickets.Known(number)
	}
	return true
}
