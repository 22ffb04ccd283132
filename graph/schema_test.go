package graph_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"wisphub-graphql/graph"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/graph/playground"
)

// resolvers are the fields with a resolver. All others are fields of structs, which cost almost
// nothing.
const resolvers = `
Client.Account
Client.OtherServices
Client.Tickets
Facade.Users
Facade.Version
Mutation.ActivateClients
Mutation.AnswerTicket
Mutation.CreateTicket
Mutation.EndSessions
Mutation.Login
Mutation.Logout
Mutation.LogoutEverywhere
Mutation.PingClient
Mutation.Refresh
Mutation.RenewToken
Mutation.SuspendClients
Mutation.UpdateClient
Mutation.UpdateTicket
Plan.ClientCount
Plan.DownloadKbps
Plan.DownloadSpeed
Plan.Price
Plan.Type
Plan.UploadKbps
Plan.UploadSpeed
Query.Client
Query.Clients
Query.Facade
Query.IdentifyClient
Query.Node
Query.PaymentMethods
Query.Plan
Query.Plans
Query.Staff
Query.Task
Query.Ticket
Query.TicketSubjects
Query.Tickets
Query.VerifyClient
Query.Viewer
Query.Zone
Query.Zones
Staff.Email
Staff.Username
Subscription.TaskUpdated
Ticket.Client
Zone.TicketQuota
`

// gqlgen silently makes a resolver of each field that the Go type lacks or has with another type.
func TestResolvers(t *testing.T) {
	t.Parallel()
	var got []string
	for object := range reflect.TypeFor[generated.ResolverRoot]().Methods() {
		for field := range object.Type.Out(0).Methods() {
			got = append(got, object.Name+"."+field.Name)
		}
	}
	want := strings.Fields(resolvers)
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("%s has a resolver, want a field of a struct", name)
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s has no resolver, want one", name)
		}
	}
}

func TestPlaygroundExamples_Validate(t *testing.T) {
	t.Parallel()
	examples := playground.Examples()
	if len(examples) == 0 {
		t.Fatal("Examples() is empty")
	}
	for _, example := range examples {
		if _, errs := gqlparser.LoadQueryWithRules(graph.Schema(), example.Query, rules.NewDefaultRules()); errs != nil {
			t.Errorf("%s: %v", example.Name, errs)
		}
	}
}

// The first example of the page must run without an error.
func TestPlaygroundExamples_Run(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for _, example := range playground.Examples() {
		f.data(t, example.Query)
	}
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	wantJSON(t, "__type", f.data(t, `{__type(name:"ClientKey"){name kind isOneOf}}`),
		`{"__type":{"name":"ClientKey","kind":"INPUT_OBJECT","isOneOf":true}}`)
}
