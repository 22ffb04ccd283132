package graph_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph"
)

// scopedFields has a field for each scope other than READ.
var scopedFields = map[string]auth.Scope{
	`mutation{updateClient(input:{serviceId:26,name:"Ana"}){client{id}}}`:                             auth.ScopeSupport,
	`mutation{createTicket(input:{serviceId:26,subject:"Sin internet",description:"x"}){ticket{id}}}`: auth.ScopeSupport,
	`mutation{updateTicket(input:{ticketId:5}){ticket{id}}}`:                                          auth.ScopeSupport,
	`mutation{answerTicket(input:{ticketId:5,text:"x"}){ticket{id}}}`:                                 auth.ScopeSupport,
	`mutation{pingClient(serviceId:26){task{id}}}`:                                                    auth.ScopeSupport,
	`mutation{activateClients(serviceIds:[26]){task{id}}}`:                                            auth.ScopeOperate,
	`mutation{suspendClients(serviceIds:[26]){task{id}}}`:                                             auth.ScopeOperate,
	`mutation{endSessions(username:"ben")}`:                                                           auth.ScopeAdmin,
	`mutation{refresh(resource:CLIENTS){version}}`:                                                    auth.ScopeAdmin,
}

func TestScopes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for document, scope := range scopedFields {
		for _, held := range auth.AllScopes() {
			if held == scope {
				continue // allowed
			}
			user := auth.User{Username: "ana", Scopes: []auth.Scope{auth.ScopeRead, held}}
			a := f.send(t, request{token: f.tokenFor(t, user), body: operation(t, document, nil)})
			if a.status != http.StatusOK {
				t.Errorf("%s with %s = %d, want 200", document, held, a.status)
			}
			wantError(t, document+" with "+string(held), a, "FORBIDDEN", "Not enough permissions.")
		}
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refused fields cost %d upstream calls, want none", got)
	}
}

// A forbidden field does not affect the others.
func TestScopes_OtherFieldsStay(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	document := `mutation{refresh(resource:CLIENTS){version} pingClient(serviceId:26){task{id}} __typename}`
	a := f.send(t, request{token: f.tokenFor(t, ben), body: operation(t, document, nil)})
	wantJSON(t, document, string(a.Data), `{"refresh":null,"pingClient":null,"__typename":"Mutation"}`)
	if len(a.Errors) != 2 {
		t.Errorf("%s = %s, want two errors", document, a.body)
	}
}

// A new root field must name its scope.
func TestScopes_EveryRootField(t *testing.T) {
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

// Finds a new mutation that needs only READ or is not tested above.
func TestScopes_EveryWrite(t *testing.T) {
	t.Parallel()
	sessions := []string{"login", "renewToken", "logout", "logoutEverywhere"} // they change only the caller's own tokens
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
	for _, scope := range scopedFields {
		scopes[string(scope)]--
	}
	for scope, missing := range scopes {
		if missing != 0 {
			t.Errorf("%d mutations with the scope %s are not tested in this file", missing, scope)
		}
	}
}
