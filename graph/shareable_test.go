package graph

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"wisphub-graphql/graph/generated"
)

// Each field of Query is shareable, or is named here with the reason. A new field must be decided.
func Test16_2_Shareable_EveryRootField(t *testing.T) {
	t.Parallel()
	refused := map[string]string{
		"__schema":       "introspection",
		"__type":         "introspection",
		"node":           "may be a task",
		"viewer":         "is the caller",
		"facade":         "is the moment",
		"task":           "changes without a count",
		"identifyClient": "compares personal data that the caller claims",
		"verifyClient":   "compares personal data that the caller claims",
	}
	for _, field := range Schema().Query.Fields {
		_, isRefused := refused[field.Name]
		if isShared := slices.Contains(sharedFields, field.Name); isShared == isRefused {
			t.Errorf("Query.%s is shared: %t, and refused: %t", field.Name, isShared, isRefused)
		}
	}
}

// Each object that shared answers can have is shareable, or is named here. So is each field with a
// resolver: it may depend on the caller or the moment even if its type does not show that.
func Test16_2_Shareable_EveryFieldBelow(t *testing.T) {
	t.Parallel()
	refused := []string{"Client.account", "Zone.ticketQuota"}
	resolved := []string{
		"Client.tickets", "Client.otherServices", "Plan.type", "Plan.price", "Plan.downloadSpeed", "Plan.uploadSpeed",
		"Plan.downloadKbps", "Plan.uploadKbps", "Plan.clientCount", "Ticket.client", "Staff.username", "Staff.email",
	}
	resolvers := resolverFields()
	for _, object := range sharedObjects {
		definition := Schema().Types[object]
		if definition == nil {
			t.Fatalf("the schema has no %s", object)
		}
		for _, field := range definition.Fields {
			name := object + "." + field.Name
			kind := Schema().Types[field.Type.Name()]
			isShared := !kind.IsCompositeType() || slices.Contains(sharedObjects, kind.Name)
			if isShared == slices.Contains(refused, name) {
				t.Errorf("%s is shared: %t", name, isShared)
			}
			if isShared && resolvers[strings.ToLower(name)] != slices.Contains(resolved, name) {
				t.Errorf("%s has a resolver: %t; decide here whether it may be shared", name, resolvers[strings.ToLower(name)])
			}
		}
	}
}

// resolverFields returns "type.field" in lower case of all fields with a resolver.
func resolverFields() map[string]bool {
	fields, root := map[string]bool{}, reflect.TypeFor[generated.ResolverRoot]()
	for method := range root.Methods() {
		for field := range method.Type.Out(0).Methods() {
			fields[strings.ToLower(method.Name+"."+field.Name)] = true
		}
	}
	return fields
}

func Test16_2_Shareable(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		`{ client(by: {serviceId: 26}) { name plan { name price } zone { name } tickets { subject client { name } } } }`: true,
		`{ __typename clients(first: 3) { __typename nodes { name ...F } stats { byZone { zone { name } count } } } }
			fragment F on Client { technician { email } ... on Node { id } ... { otherServices { name } } }`: true,
		`query A($s: Boolean!) { zones { name } tickets { nodes { zone { name } } since } viewer @skip(if: $s) { username } }`: false,
		`{ client(by: {serviceId: 26}) { name account { owed } } }`:                                                            false,
		`{ clients { nodes { ...F } } } fragment F on Client { account { owed } }`:                                             false,
		`{ clients { nodes { ... { ... on Client { account { owed } } } } } }`:                                                 false,
		`{ zones { ticketQuota { active } } }`:                                                                                 false,
		`{ tickets { nodes { zone { ticketQuota { active } } } } }`:                                                            false,
		`{ ...Q } fragment Q on Query { facade { version } }`:                                                                  false,
		`{ ... on Query { viewer { username } } }`:                                                                             false,
		`{ zones { name } alias: viewer { username } }`:                                                                        false,
		`{ node(id: "client:26") { id } }`:                                                                                     false,
		`{ zones { name } __schema { queryType { name } } }`:                                                                   false,
		`{ __type(name: "Client") { name } }`:                                                                                  false,
		`{ task(taskId: "1") { status } }`:                                                                                     false,
		`{ verifyClient(serviceId: 26, claim: {name: "a", address: "b", planName: "c"}) { valid } }`:                           false,
		`{ identifyClient(claim: {name: "a", address: "b", planName: "c"}) { client { name } } }`:                              false,
		`mutation { logout }`:                                  false,
		`mutation { __typename }`:                              false,
		`subscription { taskUpdated(taskId: "1") { status } }`: false,
		`{ plans { type clientCount } staff { username } zone(zoneId: 1) { id } paymentMethods { name } }`: true,
		`{ ticketSubjects { name } ticket(ticketId: 1) { answers { text } } plan(planId: 1) { price } }`:   true,
	}
	for text, want := range tests {
		document, errs := gqlparser.LoadQueryWithRules(Schema(), text, rules.NewDefaultRules())
		if errs != nil {
			t.Fatalf("%s: %v", text, errs)
		}
		operation := &graphql.OperationContext{Doc: document, Operation: document.Operations[0]}
		if got := shareable(operation); got != want {
			t.Errorf("shareable(%s) = %t, want %t", text, got, want)
		}
	}
}
