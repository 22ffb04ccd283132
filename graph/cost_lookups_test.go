package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fewCalls is a maximum of upstream calls that ten root fields exceed.
const fewCalls = 8

// Each field looks up its own client, ticket or task, none of which is in memory.
func TestCost_Lookups(t *testing.T) {
	t.Parallel()
	fields := map[string]string{
		"client":      `client(by:{serviceId:%d}){name}`,
		"ticket":      `ticket(ticketId:%d){subject}`,
		"task":        `task(taskId:"00000000-0000-4000-8000-0000000000%02d"){status}`,
		"client node": `node(id:"client:%d"){id}`,
		"ticket node": `node(id:"ticket:%d"){id}`,
		"task node":   `node(id:"task:00000000-0000-4000-8000-0000000000%02d"){id}`,
	}
	for name, field := range fields {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{maxCalls: fewCalls})
			f.wantRefused(t, aliased(field, 10), nil, 10)
			f.data(t, aliased(field, 8))
			if got := f.upstream.Total(); strings.HasPrefix(name, "client") && got > 6 {
				t.Errorf("8 lookups cost %v, want five calls at most, and the list for the others", f.upstream.Requests())
			}
			if got := f.ownCalls(); got > 8 {
				t.Errorf("8 lookups cost %v, want at most 8 calls of their own", f.upstream.Requests())
			}
		})
	}
	f := newFixture(t, fixtureConfig{maxCalls: fewCalls})
	f.setClients(oneCustomer(10)...)
	f.warmUp(t)
	f.upstream.Reset()
	f.data(t, aliased(fields["client"], 10))
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("10 clients from the directory cost %v, want nothing", f.upstream.Requests())
	}
}

// Without a directory, each field that leads to another client costs a call as well.
func TestCost_NestedLookups(t *testing.T) {
	t.Parallel()
	for _, field := range []string{`client(by:{serviceId:%d}){otherServices{name}}`, `ticket(ticketId:%d){client{name}}`} {
		newServer := func() *fixture {
			f := newFixture(t, fixtureConfig{maxCalls: fewCalls})
			f.setClients(oneCustomer(20)...)
			f.setTickets()
			return f
		}
		f := newServer()
		f.wantRefused(t, aliased(field, 5), nil, 10)
		f.data(t, aliased(field, 4))
		if got := f.ownCalls(); got > fewCalls {
			t.Errorf("%s, four times, cost %v, want at most 8 calls", field, f.upstream.Requests())
		}
		f = newServer() // late look-ups of the first do not count here
		f.warmUp(t)
		f.upstream.Reset()
		f.data(t, aliased(field, 8))
		if got := f.ownCalls(); got > fewCalls {
			t.Errorf("%s, eight times with a directory, cost %v, want at most 8 calls", field, f.upstream.Requests())
		}
	}
}

// The account of a client costs one call, however often it is selected, and none if it is in
// memory.
func TestCost_AccountOfKnownClient(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{maxCalls: fewCalls})
	f.setClients(oneCustomer(9)...)
	f.warmUp(t)
	f.wantRefused(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 9), nil, 9)
	f.wantAccounts(t, aliased(`client(by:{serviceId:10}){account{owed} n%d:name}`, 10), nil, 1)
	f.wantAccounts(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 7), nil, 6)
	f.wantAccounts(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 7), nil, 0)
	f.wantAccounts(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 9), nil, 2)
	f.wantAccounts(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 10), nil, 0) // the tenth does not exist
}

// aliased returns a document with a field several times, each with another number.
func aliased(field string, times int) string {
	var document strings.Builder
	for n := range times {
		fmt.Fprintf(&document, " a%d:"+field, n, 10+n)
	}
	return "{" + document.String() + "}"
}

// Lookups, nested lookups, accounts and plans share one allowance, whatever the estimate was.
func TestCost_Allowance(t *testing.T) {
	t.Parallel()
	documents := map[string]string{
		"clients and plans":        aliased(`client(by:{serviceId:%d}){plan{price}}`, 5),
		"tickets and plans":        aliased(`ticket(ticketId:%d){client{plan{price}}}`, 2),
		"accounts and plans":       `{clients(first:5){nodes{account{owed} plan{price}}}}`,
		"other services' accounts": `{client(by:{serviceId:10}){otherServices{account{owed}}}}`,
		"plans beside accounts":    `{a:plan(planId:1){price} b:plan(planId:2){price} clients(first:5){nodes{account{owed}}}}`,
	}
	for name, document := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{maxCalls: 5})
			f.setClients(oneCustomer(20)...)
			f.setTickets(fullTicket.with(row{"id_ticket": 10, "servicio": row{"id_servicio": 10}}), fullTicket.with(row{"id_ticket": 11, "servicio": row{"id_servicio": 11}}))
			a := f.run(t, document)
			if got := f.ownCalls(); got > 5 {
				t.Errorf("%s cost %d calls of its own, %v, want at most 5", document, got, f.upstream.Requests())
			}
			if string(a.Data) == "null" || len(a.Errors) == 0 {
				t.Errorf("%s = %.300s, want some data, and errors beyond the limit", document, a.body)
			}
			for _, err := range a.Errors {
				if len(err.Path) < 2 || err.Extensions.Code != "QUERY_TOO_COMPLEX" || !strings.HasSuffix(err.Message, " exceeds the maximum of 5.") {
					t.Errorf("%s: %v = %s %q, want only QUERY_TOO_COMPLEX below the root", document, err.Path, err.Extensions.Code, err.Message)
				}
			}
		})
	}
}

// ownCalls counts the calls that operations do not share, unlike the pages of lists.
func (f *fixture) ownCalls() (calls int) {
	shared := []string{"/api/clientes/", "/api/plan-internet/", "/api/tickets/"}
	for _, request := range f.upstream.Log() {
		if !slices.Contains(shared, request.Path) || strings.Contains(request.Query, "id_servicio") || strings.Contains(request.Query, "cedula") {
			calls++
		}
	}
	return calls
}

// oneCustomer returns a number of services from id 10, each with a plan of its own while plans last.
func oneCustomer(services int) (rows []row) {
	plans := []int{1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 20}
	for n := range services {
		plan := row{"id": plans[n%len(plans)], "nombre": "Plan"}
		rows = append(rows, fullRow.with(row{"id_servicio": 10 + n, "plan_internet": plan}))
	}
	return rows
}
