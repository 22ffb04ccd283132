package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fewCalls is a maximum of upstream calls that ten root fields can exceed.
const fewCalls = 8

// TestLookUpsAreCounted: each names its own client, ticket or task, of which memory knows nothing.
func TestLookUpsAreCounted(t *testing.T) {
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
			f := newFace(t, faceConfig{maxCalls: fewCalls})
			f.wantRefused(t, aliased(field, 10), nil, 10)
			f.data(t, aliased(field, 8))
			if got := f.upstream.Total(); got != 8 {
				t.Errorf("8 lookups cost %v, want 8 calls", f.upstream.Requests())
			}
		})
	}
	f := newFace(t, faceConfig{maxCalls: fewCalls})
	f.warm(t)
	f.upstream.Reset()
	f.data(t, aliased(fields["client"], 10))
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("10 clients of a directory cost %v, want nothing", f.upstream.Requests())
	}
}

// TestLookUpsBehindLookUps: with no directory in memory each way to another client costs a call, too.
func TestLookUpsBehindLookUps(t *testing.T) {
	t.Parallel()
	for _, field := range []string{`client(by:{serviceId:%d}){otherServices{name}}`, `ticket(ticketId:%d){client{name}}`} {
		f := newFace(t, faceConfig{maxCalls: fewCalls})
		f.keep(oneCustomer(20)...)
		f.keepTickets()
		f.wantRefused(t, aliased(field, 5), nil, 10)
		f.data(t, aliased(field, 4))
		if got := f.ownCalls(); got > fewCalls {
			t.Errorf("%s, four times, cost %v, want at most 8 calls", field, f.upstream.Requests())
		}
		f.warm(t)
		f.upstream.Reset()
		f.data(t, aliased(field, 8))
		if got := f.ownCalls(); got > fewCalls {
			t.Errorf("%s, eight times of a directory, cost %v, want at most 8 calls", field, f.upstream.Requests())
		}
	}
}

// TestKnownClientsAreCountedOnce: one client's account is one call, however often it is asked for, and none when it is known.
func TestKnownClientsAreCountedOnce(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{maxCalls: fewCalls})
	f.keep(oneCustomer(9)...)
	f.warm(t)
	f.wantRefused(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 9), nil, 9)
	f.wantAccounts(t, aliased(`client(by:{serviceId:10}){account{owed} n%d:name}`, 10), nil, 1)
	f.wantAccounts(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 7), nil, 6)
	f.wantAccounts(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 7), nil, 0)
	f.wantAccounts(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 9), nil, 2)
	f.wantAccounts(t, aliased(`client(by:{serviceId:%d}){account{owed}}`, 10), nil, 0) // the tenth does not exist
}

// aliased asks for a field so many times, with another number each.
func aliased(field string, times int) string {
	var document strings.Builder
	for n := range times {
		fmt.Fprintf(&document, " a%d:"+field, n, 10+n)
	}
	return "{" + document.String() + "}"
}

// TestLimitHoldsForAllTogether: look-ups, what they lead to, accounts and plans share one allowance, whatever the estimate said.
func TestLimitHoldsForAllTogether(t *testing.T) {
	t.Parallel()
	documents := map[string]string{
		"clients and plans":        aliased(`client(by:{serviceId:%d}){plan{price}}`, 5),
		"tickets and plans":        aliased(`ticket(ticketId:%d){client{plan{price}}}`, 2),
		"accounts and plans":       `{clients(first:5){nodes{account{owed} plan{price}}}}`,
		"other services' accounts": `{client(by:{serviceId:10}){otherServices{account{owed}}}}`,
		"plans":                    `{plans{price}}`,
		"all plans and accounts":   `{plans{price} clients(first:5){nodes{account{owed}}}}`,
	}
	for name, document := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFace(t, faceConfig{maxCalls: 5})
			f.keep(oneCustomer(20)...)
			f.keepTickets(fullTicket.with(row{"id_ticket": 10, "servicio": row{"id_servicio": 10}}), fullTicket.with(row{"id_ticket": 11, "servicio": row{"id_servicio": 11}}))
			a := f.ask(t, document)
			if got := f.ownCalls(); got > 5 {
				t.Errorf("%s cost %d calls of its own, %v, want at most 5", document, got, f.upstream.Requests())
			}
			if string(a.Data) == "null" || len(a.Errors) == 0 {
				t.Errorf("%s = %.300s, want some data, and errors for what is too much", document, a.body)
			}
			for _, err := range a.Errors {
				if len(err.Path) < 2 || err.Extensions.Code != "QUERY_TOO_COMPLEX" || !strings.HasSuffix(err.Message, " exceeds the maximum of 5.") {
					t.Errorf("%s: %v = %s %q, want QUERY_TOO_COMPLEX alone", document, err.Path, err.Extensions.Code, err.Message)
				}
			}
		})
	}
}

// ownCalls counts the calls that an operation alone is to blame for: not the readings that all share.
func (f *face) ownCalls() (calls int) {
	shared := []string{"/api/clientes/", "/api/plan-internet/", "/api/tickets/"}
	for _, request := range f.upstream.Log() {
		if !slices.Contains(shared, request.Path) || strings.Contains(request.Query, "id_servicio") || strings.Contains(request.Query, "cedula") {
			calls++
		}
	}
	return calls
}

// oneCustomer has so many services from 10 on, each with a plan of its own as far as there are any.
func oneCustomer(services int) (rows []row) {
	plans := []int{1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 20}
	for n := range services {
		plan := row{"id": plans[n%len(plans)], "nombre": "Plan"}
		rows = append(rows, fullRow.with(row{"id_servicio": 10 + n, "plan_internet": plan}))
	}
	return rows
}
