package graph_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph"
)

// guarded is a field of each scope beyond READ.
var guarded = map[string]auth.Scope{
	`mutation{updateClient(input:{serviceId:26,name:"Ana"}){client{id}}}`:                             auth.ScopeSupport,
	`mutation{createTicket(input:{serviceId:26,subject:"Sin internet",description:"x"}){ticket{id}}}`: auth.ScopeSupport,
	`mutation{updateTicket(input:{ticketId:5}){ticket{id}}}`:                                          auth.ScopeSupport,
	`mutation{answerTicket(input:{ticketId:5,text:"x"}){ticket{id}}}`:                                 auth.ScopeSupport,
	`mutation{pingClient(serviceId:26){task{id}}}`:                                                    auth.ScopeSupport,
	`mutation{activateClients(serviceIds:[26]){task{id}}}`:                                            auth.ScopeOperate,
	`mutation{suspendClients(serviceIds:[26]){task{id}}}`:                                             auth.ScopeOperate,
	`mutation{refresh(resource:CLIENTS){version}}`:                                                    auth.ScopeAdmin,
}

func TestScopes(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	for document, scope := range guarded {
		for _, held := range auth.AllScopes() {
			if held == scope {
				continue // it is served
			}
			user := auth.User{Username: "ana", Scopes: []auth.Scope{auth.ScopeRead, held}}
			a := f.send(t, request{token: f.tokenOf(t, user), body: operation(t, document, nil)})
			if a.status != http.StatusOK {
				t.Errorf("%s with %s = %d, want 200", document, held, a.status)
			}
			wantError(t, document+" with "+string(held), a, "FORBIDDEN", "Not enough permissions.")
		}
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refusals cost %d upstream calls, want none", got)
	}
}

// TestForbiddenFieldLeavesTheOthers: what a caller may not do takes nothing else away.
func TestForbiddenFieldLeavesTheOthers(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	document := `mutation{refresh(resource:CLIENTS){version} pingClient(serviceId:26){task{id}} __typename}`
	a := f.send(t, request{token: f.tokenOf(t, ben), body: operation(t, document, nil)})
	wantJSON(t, document, string(a.Data), `{"refresh":null,"pingClient":null,"__typename":"Mutation"}`)
	if len(a.Errors) != 2 {
		t.Errorf("%s = %s, want two errors", document, a.body)
	}
}

// TestEveryRootFieldNamesItsScope: who adds a field must say who may ask for it.
func TestEveryRootFieldNamesItsScope(t *testing.T) {
	t.Parallel()
	schema := graph.Schema()
	open := []string{"__schema", "__type", "login"}
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, field := range root.Fields {
			if field.Directives.ForName("hasScope") == nil && !slices.Contains(open, field.Name) {
				t.Errorf("%s.%s has no @hasScope", root.Name, field.Name)
			}
		}
	}
}

// TestEveryWriteIsGuarded: a mutation added with READ, or missing above, is noticed.
func TestEveryWriteIsGuarded(t *testing.T) {
	t.Parallel()
	sessions := []string{"login", "renewToken", "logout"} // they change nothing but the caller's own token
	scopes := map[string]int{}
	for _, field := range graph.Schema().Mutation.Fields {
		if slices.Contains(sessions, field.Name) {
			continue
		}
		scope := field.Directives.ForName("hasScope").Arguments.ForName("scope").Value.Raw
		if scope == string(auth.ScopeRead) {
			t.Errorf("Mutation.%s needs READ only", field.Name)
		}
		scopes[scope]++
	}
	for _, scope := range guarded {
		scopes[string(scope)]--
	}
	for scope, missing := range scopes {
		if missing != 0 {
			t.Errorf("%d mutations of %s are not asked for in this file", missing, scope)
		}
	}
}
