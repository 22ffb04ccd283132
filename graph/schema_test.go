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

// resolvers are the fields that Go code answers. Every other field is read from a struct, which costs next to nothing.
const resolvers = `
Client.Account
Client.OtherServices
Client.Tickets
Facade.Version
Mutation.ActivateClients
Mutation.AnswerTicket
Mutation.CreateTicket
Mutation.Login
Mutation.Logout
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

// TestResolversAreMeant: gqlgen makes a resolver of every field that the bound Go type lacks, or has with another type,
// and says nothing.
func TestResolversAreMeant(t *testing.T) {
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
			t.Errorf("%s has become a resolver", name)
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s is no resolver any more", name)
		}
	}
}

func TestPlaygroundExamplesFitTheSchema(t *testing.T) {
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

// TestPlaygroundExamplesRun: what the page offers first must not greet with an error.
func TestPlaygroundExamplesRun(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	for _, example := range playground.Examples() {
		f.data(t, example.Query)
	}
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	wantJSON(t, "__type", f.data(t, `{__type(name:"ClientKey"){name kind isOneOf}}`),
		`{"__type":{"name":"ClientKey","kind":"INPUT_OBJECT","isOneOf":true}}`)
}
