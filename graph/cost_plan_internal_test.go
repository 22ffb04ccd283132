package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"pgregory.net/rapid"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/document/documenttest"
	"wisphub-graphql/graph/generated"
	"wisphub-graphql/isp"
)

// pretender answers what the estimate asks of memory, always the same for the same question. It
// notes all questions.
type pretender struct {
	seed      maphash.Seed
	cold      bool
	questions map[string]bool
}

// ask returns 0 to 9 for a question.
func (p *pretender) ask(question ...any) int {
	text, err := json.Marshal(question)
	if err != nil {
		panic(err) // questions are names and arguments
	}
	p.questions[string(text)] = true
	return int(maphash.String(p.seed, string(text)) % 10)
}

type (
	pretendedClients struct {
		*pretender
		clientService
	}
	pretendedAccounts struct {
		*pretender
		accountService
	}
	pretendedTickets struct {
		*pretender
		ticketService
	}
	pretendedTasks struct {
		*pretender
		taskService
	}
)

func (p pretendedClients) Known(by isp.ClientKey) bool { return p.ask("client", by) < 5 }
func (p pretendedAccounts) Known(id int) bool          { return p.ask("account", id) < 5 }
func (p pretendedTickets) Known(id int) bool           { return p.ask("ticket", id) < 5 }
func (p pretendedTasks) Known(id string) bool          { return p.ask("task", id) < 5 }

func (p pretendedClients) StateLookUps(ids []int) int { return p.ask("states", ids) }

func (p pretendedClients) Find(_ context.Context, by isp.ClientKey) (*isp.Client, error) {
	switch n := p.ask("find", by); n {
	case 0:
		return nil, errors.New("not found")
	case 1:
		return nil, nil
	default:
		return &isp.Client{ServiceID: n}, nil
	}
}

func (p pretendedClients) InMemory(query isp.ClientQuery) *isp.ClientConnection {
	n := p.ask("page", query)
	if p.cold {
		return nil
	}
	connection := &isp.ClientConnection{}
	for i := range n {
		connection.Nodes = append(connection.Nodes, &isp.Client{ServiceID: 10*n + i})
	}
	return connection
}

func (p *pretender) resolver() *Resolver {
	p.questions = map[string]bool{}
	return &Resolver{
		clients:  pretendedClients{pretender: p},
		accounts: pretendedAccounts{pretender: p},
		tickets:  pretendedTickets{pretender: p},
		tasks:    pretendedTasks{pretender: p},
		maxCalls: 20,
	}
}

// estimated is what comes out of an estimate.
type estimated struct {
	lookups   int
	values    int64
	err       string
	questions []string
}

func (p *pretender) outcome(lookups int, values int64, err error) estimated {
	return estimated{lookups, values, fmt.Sprintf("%T %v", err, err), slices.Sorted(maps.Keys(p.questions))}
}

// preparer prepares operations as the server does, with one cache of documents.
type preparer struct {
	server   *handler.Server
	params   *graphql.RawParams
	prepared *graphql.OperationContext
	errs     gqlerror.List
}

func newPreparer() *preparer {
	p := &preparer{server: handler.New(generated.NewExecutableSchema(generated.Config{}))}
	newReader(Config{Introspection: true}).Install(p.server, p)
	return p
}

// Supports implements [graphql.Transport].
func (p *preparer) Supports(*http.Request) bool { return true }

// Do implements [graphql.Transport].
func (p *preparer) Do(_ http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	p.prepared, p.errs = exec.CreateOperationContext(r.Context(), p.params)
}

// prepare returns nil if the operation is not valid.
func (p *preparer) prepare(t rapid.TB, text string, variables map[string]any) *graphql.OperationContext {
	t.Helper()
	encoded, err := json.Marshal(variables)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := document.DecodeVariables(encoded)
	if err != nil {
		t.Fatal(err)
	}
	p.params = &graphql.RawParams{Query: text, Variables: decoded}
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	p.server.ServeHTTP(httptest.NewRecorder(), r.WithContext(auth.NewContext(r.Context(), &auth.Caller{Username: "ana"})))
	if p.errs != nil {
		return nil
	}
	return p.prepared
}

// compareEstimates reports whether the operation is valid.
func (p *preparer) compareEstimates(t rapid.TB, text string, variables map[string]any, cold bool) bool {
	t.Helper()
	want, got := &pretender{seed: estimateSeed, cold: cold}, &pretender{seed: estimateSeed, cold: cold}
	operation := p.prepare(t, text, variables)
	if operation == nil {
		return false
	}
	lookups, values, err := want.resolver().referenceEstimate(context.Background(), operation)
	wanted := want.outcome(lookups, values, err)
	lookups, values, err = got.resolver().estimate(context.Background(), p.prepare(t, text, variables))
	if found := got.outcome(lookups, values, err); !reflect.DeepEqual(found, wanted) {
		t.Errorf("%s with %v costs %+v, want %+v", text, variables, found, wanted)
	}
	return true
}

var estimateSeed = maphash.MakeSeed()

// Test16_1_EstimateOfRandomOperations compares the estimate with the one before plans. It asks memory
// the same, and counts the same, whatever the document and the variables.
func Test16_1_EstimateOfRandomOperations(t *testing.T) {
	t.Parallel()
	p := newPreparer()
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom([]ast.Operation{ast.Query, ast.Query, ast.Query, ast.Mutation, ast.Subscription}).Draw(rt, "kind")
		text, variables := documenttest.Random(rt, Schema(), kind)
		cold := rapid.Bool().Draw(rt, "cold")
		if p.compareEstimates(rt, text, variables, cold) {
			p.compareEstimates(rt, text, flipped(variables), !cold) // with the plan of the first
			p.compareEstimates(rt, text, variables, !cold)
		}
	})
}

// flipped returns the variables with every Boolean turned round and every number increased.
func flipped(variables map[string]any) map[string]any {
	result := maps.Clone(variables)
	for name, value := range variables {
		switch value := value.(type) {
		case bool:
			result[name] = !value
		case int:
			result[name] = value + 1
		}
	}
	return result
}

// Test16_1_EstimateOfDocuments compares documents whose costs random ones seldom have.
func Test16_1_EstimateOfDocuments(t *testing.T) {
	t.Parallel()
	p := newPreparer()
	documents := slices.Collect(maps.Values(estimatedDocuments))
	for _, permitted := range documenttest.Permitted() {
		documents = append(documents, permitted.Document)
	}
	for i, text := range documents {
		valid := 0
		for _, yes := range []bool{true, false} {
			for _, n := range []any{nil, 0, 1, 3, 21, 2000, 1 << 30, -5} {
				if p.compareEstimates(t, text, map[string]any{"yes": yes, "n": n}, yes) {
					valid++
				}
			}
		}
		if valid == 0 && i < len(estimatedDocuments) {
			t.Errorf("%s is not valid: %v", text, p.errs)
		}
	}
}

var estimatedDocuments = map[string]string{
	"nodes":         `query($n:Int){clients(first:$n){nodes{account{owed} otherServices{account{owed}}} edges{node{account{owed}}}}}`,
	"tickets":       `query($n:Int=3){tickets(first:$n){nodes{client{account{owed} tickets(first:$n){client{account{owed}}}}}}}`,
	"filter":        `query($n:Int!){clients(filter:{zoneId:[$n,3],status:ACTIVE},orderBy:{direction:DESC},search:"a",first:7){nodes{account{owed}}}}`,
	"included":      `query($yes:Boolean!){clients @include(if:$yes){nodes{account @skip(if:$yes){owed} name}} clients{nodes{account{owed}}}}`,
	"two fragments": `query($yes:Boolean!){...A @include(if:$yes) ...B @skip(if:$yes)} fragment A on Query{clients(first:3){nodes{account{owed}}}} fragment B on Query{clients(first:3){nodes{name}}}`,
	"client":        `query($n:Int!){client(by:{serviceId:$n}){account{owed} otherServices{account{owed} otherServices{name}}}}`,
	"verify":        `query($n:Int!){verifyClient(serviceId:$n,claim:{name:"ana"}){valid client{account{owed}}} identifyClient(claim:{name:"ana"}){client{account{owed} otherServices{name}}}}`,
	"node":          `{a:node(id:"client:26"){...on Client{account{owed}}} b:node(id:"ticket:1"){...on Ticket{client{name}}} c:node(id:"x"){id} d:node(id:7){id} e:node(id:"task:x"){id} f:node(id:"plan:1"){id}}`,
	"task":          `{task(taskId:"x"){status} ticket(ticketId:26){client{account{owed}}}}`,
	"writes":        `mutation($n:Int!){updateClient(input:{serviceId:$n}){client{account{owed}}} suspendClients(serviceIds:[1,$n]){userErrors{code}} activateClients(serviceIds:7){userErrors{code}} pingClient(serviceId:$n){userErrors{code}}}`,
	"watch":         `subscription{taskUpdated(taskId:"x"){status}}`,
	"many values":   `query($n:Int=2000){a:clients(first:$n){nodes{name document phone}} b:clients(first:2000){edges{cursor node{tickets(first:$n){id client{name}}}}} zones{id name} plans{id}}`,
	"conditions": `query($a:Boolean=true,$b:Boolean=true,$c:Boolean=false,$d:Boolean=false,$yes:Boolean!){
		clients{totalCount @skip(if:$a) nodes @skip(if:$b){id @skip(if:$c) name @skip(if:$d) document @skip(if:$yes)}}}`,
	"typename": `{__typename clients{__typename nodes{__typename}} __schema{types{name fields{name}}}}`,
}

// A plan is used again for the same operation and the same conditions, and only then.
func Test16_1_PlanOfACachedOperation(t *testing.T) {
	t.Parallel()
	const text = `query($yes:Boolean!,$n:Int){clients(first:$n){totalCount nodes @include(if:$yes){name}}}`
	p := newPreparer()
	plan := func(yes bool, n int) *costPlan {
		return costPlanOf(p.prepare(t, text, map[string]any{"yes": yes, "n": n}))
	}
	first := plan(true, 1)
	if got := plan(true, 2); got != first {
		t.Error("another number has another plan, want the same")
	}
	if got := plan(false, 1); got == first || len(got.fields[0].below) > 0 || plan(false, 9) != got {
		t.Error("without nodes the plan is the same, want another, which is kept too")
	}
}

// The plan's bytes are those that the cache counts.
func Test16_1_PlanBytes(t *testing.T) {
	t.Parallel()
	most := reflect.TypeFor[costField]().Size() + reflect.TypeFor[fieldArguments]().Size()
	if most > costFieldBytes {
		t.Errorf("a field takes up to %d bytes, counted %d", most, costFieldBytes)
	}
}
