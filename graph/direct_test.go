package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph"
	"wisphub-graphql/graph/generated"
)

// A document's plan is kept. Its variables and its caller are those of each request.
func Test16_3_KeptPlans(t *testing.T) {
	t.Parallel()
	pair := newTwins(t)
	none := auth.User{Username: "none", PasswordHash: ana.PasswordHash}
	pair.setUsers(t, ana, none)
	id := pair.upstream.IDs()[20]
	for _, document := range []string{
		`query($first:Int){clients(first:$first){nodes{serviceId}}}`,
		`query($b:Boolean=true){clients(first:2){nodes{serviceId name @include(if:$b)}}}`,
		`query($b:Boolean=true){clients(first:2){nodes{serviceId ...F @skip(if:$b)}}} fragment F on Client{name}`,
		`query($b:Boolean=true){clients(first:2){nodes{serviceId ...F}}} fragment F on Client{name @skip(if:$b)}`,
		`query($i:Int!=26){client(by:{serviceId:$i}){name}}`,
	} {
		for _, variables := range []map[string]any{{"first": 1, "b": true, "i": id}, {"first": 3, "b": false}, {}, {"first": 1, "b": true}} {
			for _, user := range []auth.User{ana, none} {
				asked := request{token: pair.tokenFor(t, user), body: operation(t, document, variables)}
				direct, generated := normalized(t, pair.handler, asked), normalized(t, pair.generated, asked)
				if direct != generated {
					t.Errorf("%s = %s directly, %s by gqlgen", asked.body, direct, generated)
				}
				if refused := strings.Contains(direct, "FORBIDDEN"); refused != (len(user.Scopes) == 0) {
					t.Errorf("%s of %s = %s, want FORBIDDEN exactly for the user without a scope", asked.body, user.Username, direct)
				}
			}
		}
	}
	if answered, _ := pair.graphql.DirectAnswers(); answered < 20 {
		t.Errorf("%d answers were written directly, want one for each document and variables", answered)
	}
}

// All fields with a resolver but these are answered from memory, if memory has their values.
func Test16_3_FieldsLeftToGqlgen(t *testing.T) {
	t.Parallel()
	const want = `Client.account Facade.users Facade.version Query.facade Query.identifyClient Query.node Query.task
		Query.verifyClient Query.viewer Zone.ticketQuota`
	table := graph.MemoryTable()
	var left []string
	for object, definition := range generated.DirectSchema().Objects {
		for name, field := range definition.Fields {
			key := object + "." + name
			switch inTable := table[key] != nil; {
			case field.Resolver && !inTable:
				left = append(left, key)
			case !field.Resolver && inTable:
				t.Errorf("%s is in the table, but has no resolver", key)
			}
			delete(table, key)
		}
	}
	if len(table) > 0 {
		t.Errorf("the table has fields %q that the schema lacks", slices.Sorted(maps.Keys(table)))
	}
	slices.Sort(left)
	if !slices.Equal(left, strings.Fields(want)) {
		t.Errorf("resolvers that are not in the table = %q, want %q", left, strings.Fields(want))
	}
}
