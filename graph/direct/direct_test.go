package direct_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/direct"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

// generatedData is what the generated executor of these tests answers.
const generatedData = `"generated"`

// fallback is a generated executor that runs no resolver.
type fallback struct{ graphql.ExecutableSchema }

func (fallback) Exec(context.Context) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Data: []byte(generatedData)})
}

// panics counts panics.
type panics struct{ count int }

func (p *panics) add(context.Context, any) { p.count++ }

// newExecutor returns an executor with the resolvers, over the real schema.
func newExecutor(resolvers direct.Resolvers, panicked *panics) *direct.Executor {
	return direct.New(direct.Config{
		Generated: fallback{generated.NewExecutableSchema(generated.Config{})},
		Schema:    generated.DirectSchema(),
		Resolvers: resolvers,
		Panicked:  panicked.add,
	})
}

// answer runs the document as a user with the scopes, and returns the data.
func answer(t testing.TB, executor *direct.Executor, document string, variables map[string]any, scopes ...auth.Scope) string {
	t.Helper()
	ctx := contextOf(t, executor, document, variables, scopes...)
	handler := executor.Exec(ctx)
	response := handler(ctx)
	if next := handler(ctx); next != nil {
		t.Errorf("%s has a second response %s", document, next.Data)
	}
	return string(response.Data)
}

func contextOf(t testing.TB, executor *direct.Executor, document string, variables map[string]any, scopes ...auth.Scope) context.Context {
	t.Helper()
	parsed, errs := gqlparser.LoadQueryWithRules(executor.Schema(), document, rules.NewDefaultRules())
	if errs != nil {
		t.Fatalf("%s: %v", document, errs)
	}
	ctx := auth.NewContext(t.Context(), &auth.Caller{Username: "ana", Scopes: scopes})
	return graphql.WithOperationContext(ctx, &graphql.OperationContext{Doc: parsed, Operation: parsed.Operations[0], Variables: variables})
}

// clientsOf returns resolvers that answer with the clients and the plan.
func clientsOf(clients ...*isp.Client) direct.Resolvers {
	return direct.Resolvers{
		"Query.clients": func(context.Context, any, map[string]any) (any, bool) {
			return &isp.ClientConnection{Nodes: clients}, true
		},
		"Query.client": func(_ context.Context, _ any, arguments map[string]any) (any, bool) {
			for _, client := range clients {
				if id := arguments["by"].(isp.ClientKey).ServiceID; id != nil && client.ServiceID == *id {
					return client, true
				}
			}
			return nil, true
		},
		"Query.node": func(_ context.Context, _ any, arguments map[string]any) (any, bool) {
			switch arguments["id"] {
			case "client:26":
				return clients[0], true
			case "task:1":
				return &isp.Task{ID: "task:1"}, true
			}
			return nil, true
		},
		"Plan.price": func(context.Context, any, map[string]any) (any, bool) { return nil, false },
	}
}

var ana = &isp.Client{
	ID: "client:26", ServiceID: 26, Name: "Ana \"Pérez\"\n", Phones: []string{"1", "2"}, Status: isp.ClientActive,
	Location: &isp.GeoPoint{Latitude: 4.61, Longitude: -1e21}, Plan: &isp.Plan{ID: "plan:3", PlanID: 3},
}

func Test16_3_Answers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, document string
		variables      map[string]any
		want           string
	}{
		{"values", `{client(by:{serviceId:26}){serviceId name phones status city balance location{latitude longitude}}}`, nil,
			`{"client":{"serviceId":26,"name":"Ana \"Pérez\"\n","phones":["1","2"],"status":"ACTIVE","city":null,"balance":null,"location":{"latitude":4.61,"longitude":-1e+21}}}`},
		{"null object", `{client(by:{serviceId:27}){name}}`, nil, `{"client":null}`},
		{"list of objects", `{clients{nodes{serviceId}}}`, nil, `{"clients":{"nodes":[{"serviceId":26}]}}`},
		{"alias and type", `{a:client(by:{serviceId:26}){__typename b:serviceId c:__typename} __typename}`, nil,
			`{"a":{"__typename":"Client","b":26,"c":"Client"},"__typename":"Query"}`},
		{"merged fields", `{client(by:{serviceId:26}){plan{id} serviceId ...F}} fragment F on Client{plan{planId id}}`, nil,
			`{"client":{"plan":{"id":"plan:3","planId":3},"serviceId":26}}`},
		{"argument in a variable", `query($by:ClientKey!){client(by:$by){serviceId}}`, map[string]any{"by": map[string]any{"serviceId": 26}},
			`{"client":{"serviceId":26}}`},
		{"arguments twice", `query($i:Int!,$j:Int!){a:client(by:{serviceId:$i}){serviceId} b:client(by:{serviceId:$j}){serviceId}}`, map[string]any{"i": 1, "j": 26},
			`{"a":null,"b":{"serviceId":26}}`},
		{"literal directives", `{client(by:{serviceId:26}){id @skip(if:true) serviceId @include(if:true)} __typename @include(if:false)}`, nil,
			`{"client":{"serviceId":26}}`},
		{"nothing left", `{client(by:{serviceId:26}){id @skip(if:true)}}`, nil, `{"client":{}}`},
		{"directive with a variable", `query($b:Boolean!){client(by:{serviceId:26}){id @skip(if:$b) serviceId}}`, map[string]any{"b": true},
			`{"client":{"serviceId":26}}`},
		{"interface", `{node(id:"client:26"){id __typename ...on Client{serviceId} ...on Plan{planId}}}`, nil,
			`{"node":{"id":"client:26","__typename":"Client","serviceId":26}}`},
		{"no node", `{node(id:"x"){id}}`, nil, `{"node":null}`},
	}
	for _, test := range tests {
		executor := newExecutor(clientsOf(ana), &panics{})
		if got := answer(t, executor, test.document, test.variables, auth.ScopeRead); got != test.want {
			t.Errorf("%s: %s = %s, want %s", test.name, test.document, got, test.want)
		}
		if answered, dropped := executor.Answers(); answered != 1 || dropped != 0 {
			t.Errorf("%s: Answers() = %d, %d, want 1, 0", test.name, answered, dropped)
		}
	}
}

// What cannot be written from memory is left to gqlgen's executor, as a whole.
func Test16_3_LeftToGqlgen(t *testing.T) {
	t.Parallel()
	huge := &isp.Client{ServiceID: 27, Name: strings.Repeat("a", direct.MaxBytes)}
	tests := []struct {
		name, document string
		variables      map[string]any
		scopes         []auth.Scope
	}{
		{name: "missing value", document: `{client(by:{serviceId:26}){plan{price}}}`},
		{name: "null where none may be", document: `{client(by:{serviceId:26}){asOf}}`},
		{name: "no resolver", document: `{zones{name}}`},
		{name: "one field without a resolver", document: `{client(by:{serviceId:26}){serviceId} zones{name}}`},
		{name: "too large", document: `{client(by:{serviceId:27}){name}}`},
		{name: "rows that are too large together", document: `{clients{nodes{name comments}}}`},
		{name: "introspection", document: `{client(by:{serviceId:26}){serviceId} __schema{description}}`},
		{name: "deferred", document: `{... @defer {client(by:{serviceId:26}){serviceId}}}`},
		{name: "deferred in a fragment", document: `{client(by:{serviceId:26}){...F @defer}} fragment F on Client{serviceId}`},
		{name: "mutation", document: `mutation{logout}`},
		{name: "type of the root of changes", document: `mutation{__typename}`},
		{name: "subscription", document: `subscription{taskUpdated(taskId:"1"){id}}`},
		{name: "bad argument", document: `query($by:ClientKey!){client(by:$by){serviceId}}`, variables: map[string]any{"by": map[string]any{"serviceId": "x"}}},
		{name: "scope of a nested field", document: `{node(id:"task:1"){...on Task{error}}}`},
		{name: "panic", document: `{client(by:{serviceId:26}){plan{type}}}`},
	}
	for _, test := range tests {
		resolvers := clientsOf(ana, huge)
		resolvers["Plan.type"] = func(context.Context, any, map[string]any) (any, bool) { panic("no type") }
		panicked := &panics{}
		executor := newExecutor(resolvers, panicked)
		if got := answer(t, executor, test.document, test.variables, auth.ScopeRead); got != generatedData {
			t.Errorf("%s: %s = %.200s, want the answer of the generated executor", test.name, test.document, got)
		}
		if want := strings.Count(test.name, "panic"); panicked.count != want {
			t.Errorf("%s: Panicked was called %d times, want %d", test.name, panicked.count, want)
		}
		if answered, _ := executor.Answers(); answered != 0 {
			t.Errorf("%s: Answers() = %d, want 0", test.name, answered)
		}
	}
}

// A panic while a plan is made is like one while an answer is written.
func Test16_3_PanicInAPlan(t *testing.T) {
	t.Parallel()
	panicked := &panics{}
	schema := generated.DirectSchema()
	client := schema.Objects["Query"].Fields["client"]
	client.Arguments = func(context.Context, map[string]any) (map[string]any, error) { panic("no arguments") }
	schema.Objects["Query"].Fields["client"] = client
	executor := direct.New(direct.Config{
		Generated: fallback{generated.NewExecutableSchema(generated.Config{})},
		Schema:    schema,
		Resolvers: clientsOf(ana),
		Panicked:  panicked.add,
	})
	if got := answer(t, executor, `{client(by:{serviceId:26}){name}}`, nil, auth.ScopeRead); got != generatedData || panicked.count != 1 {
		t.Errorf("the answer is %s after %d panics, want that of the generated executor after one", got, panicked.count)
	}
}

// The rows after those that are too many are not written.
func Test16_3_TooLargeStopsEarly(t *testing.T) {
	t.Parallel()
	written := 0
	large := &isp.Client{Comments: isp.Text(strings.Repeat("a", direct.MaxBytes/8)), Plan: &isp.Plan{}}
	resolvers := clientsOf(slices.Repeat([]*isp.Client{large}, 100)...)
	resolvers["Plan.type"] = func(context.Context, any, map[string]any) (any, bool) { written++; return isp.PlanTypeUnknown, true }
	executor := newExecutor(resolvers, &panics{})
	if got := answer(t, executor, `{clients{nodes{comments plan{type}}}}`, nil, auth.ScopeRead); got != generatedData || written > 10 {
		t.Errorf("%d rows were written before %.100s, want about eight", written, got)
	}
}

// Arguments with variables are converted once for all rows.
func Test16_3_ArgumentsOnce(t *testing.T) {
	t.Parallel()
	converted := 0
	schema := generated.DirectSchema()
	tickets := schema.Objects["Client"].Fields["tickets"]
	convert := tickets.Arguments
	tickets.Arguments = func(ctx context.Context, raw map[string]any) (map[string]any, error) {
		converted++
		return convert(ctx, raw)
	}
	schema.Objects["Client"].Fields["tickets"] = tickets
	resolvers := clientsOf(ana, ana, ana)
	resolvers["Client.tickets"] = func(_ context.Context, _ any, arguments map[string]any) (any, bool) {
		return make([]*isp.Ticket, 0), *arguments["first"].(*int) == 7
	}
	executor := direct.New(direct.Config{Generated: fallback{generated.NewExecutableSchema(generated.Config{})}, Schema: schema, Resolvers: resolvers})
	got := answer(t, executor, `query($n:Int){clients{nodes{tickets(first:$n){id}}}}`, map[string]any{"n": 7}, auth.ScopeRead)
	if want := `{"clients":{"nodes":[{"tickets":[]},{"tickets":[]},{"tickets":[]}]}}`; got != want || converted != 1 {
		t.Errorf("the answer is %s after %d conversions, want %s after one", got, converted, want)
	}
}

// A caller without the scope of a field gets the error and the record of gqlgen's executor.
func Test16_3_Scopes(t *testing.T) {
	t.Parallel()
	const read, support = `{client(by:{serviceId:26}){serviceId}}`, `{node(id:"task:1"){...on Task{error}}}`
	tests := []struct {
		name, document string
		scopes         []auth.Scope
		want           string
	}{
		{"no scope", read, nil, generatedData},
		{"scope READ", read, []auth.Scope{auth.ScopeRead}, `{"client":{"serviceId":26}}`},
		{"a scope that includes READ", read, []auth.Scope{auth.ScopeBilling}, `{"client":{"serviceId":26}}`},
		{"a nested field", support, []auth.Scope{auth.ScopeRead}, generatedData},
		{"a nested field with its scope", support, []auth.Scope{auth.ScopeSupport}, `{"node":{"error":null}}`},
	}
	for _, test := range tests {
		executor := newExecutor(clientsOf(ana), &panics{})
		if got := answer(t, executor, test.document, nil, test.scopes...); got != test.want {
			t.Errorf("%s: %s = %s, want %s", test.name, test.document, got, test.want)
		}
	}
}

// The memory of an answer does not grow with its rows.
func Test16_3_AllocatesNothingARow(t *testing.T) {
	const document = `{clients{nodes{id serviceId username name phones status balance installedAt location{latitude} plan{id name}}}}`
	allocations := func(rows int) float64 {
		clients := make([]*isp.Client, rows)
		for i := range clients {
			clients[i] = ana
		}
		executor := newExecutor(clientsOf(clients...), &panics{})
		ctx := contextOf(t, executor, document, nil, auth.ScopeRead)
		return testing.AllocsPerRun(20, func() { executor.Exec(ctx)(ctx) })
	}
	few, many := allocations(10), allocations(1000)
	if many > few+20 { // the slices of ever larger answers
		t.Errorf("%g allocations for 1,000 rows and %g for 10, want no more a row", many, few)
	}
}
