package document

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"pgregory.net/rapid"

	"wisphub-graphql/graph/document/documenttest"
)

// Test16_1_ArgumentsPlan compares the arguments that a plan checks with a check of all arguments. The
// errors and their order are the same, whatever the document and the variables.
func Test16_1_ArgumentsPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom([]ast.Operation{ast.Query, ast.Query, ast.Mutation, ast.Subscription}).Draw(rt, "kind")
		text, sent := documenttest.Random(rt, schema, kind)
		encoded, err := json.Marshal(sent)
		if err != nil {
			rt.Fatal(err)
		}
		variables, err := DecodeVariables(encoded)
		if err != nil {
			rt.Fatal(err)
		}
		comparePlan(rt, text, variables)
	})
}

// comparePlan reports true if the document is valid.
func comparePlan(t rapid.TB, text string, variables map[string]any) bool {
	t.Helper()
	r := newTestReader(Limits{})
	document, errs := r.read(context.Background(), text)
	if errs != nil {
		return false
	}
	document.plans = &Plans{cache: newCache(maxCachedBytes), document: document}
	operation := document.tree.Operations[0]
	plain, planned := r.newCoercer(), r.newCoercer()
	values := plain.variables(operation.VariableDefinitions, variables)
	if plain.errs != nil {
		return true
	}
	plain.checkArguments(&argumentsPlan{operation.SelectionSet, document.tree.Fragments}, values)
	planned.checkArguments(r.arguments(document, operation), values)
	if want, got := messages(plain.errs), messages(planned.errs); !reflect.DeepEqual(got, want) {
		t.Errorf("%s with %v = %v, want %v", text, variables, got, want)
	}
	if again, err := validator.VariableValues(schema, operation, values); err != nil || !reflect.DeepEqual(again, values) {
		t.Errorf("VariableValues(%v) = %v, %v, want the same values", values, again, err)
	}
	return true
}

func messages(errs gqlerror.List) (list []string) {
	for _, err := range errs {
		list = append(list, fmt.Sprint(err.Message, err.Locations, err.Err))
	}
	return list
}

// Test16_1_ArgumentsPlanCases has documents that a random one seldom is.
func Test16_1_ArgumentsPlanCases(t *testing.T) {
	t.Parallel()
	yes, no, null := map[string]any{"a": true}, map[string]any{"a": false}, map[string]any{"a": nil}
	tests := []struct {
		document string
		left     int // selections of the operation that a request must check
	}{
		{`{client(by:{serviceId:26}){name}}`, 0},
		{`query($a:Int!){client(by:{serviceId:$a}){name} clients(first:$a){totalCount}}`, 0},
		{`query($a:Int){clients(first:$a){totalCount}}`, 0},
		{`query($a:Boolean!){viewer{username @include(if:$a)} zones @skip(if:$a){name}}`, 0},
		{`query($a:Boolean=true){viewer{username @include(if:$a)}}`, 1},
		{`query($a:Boolean=true){viewer @skip(if:true) @include(if:$a){username}}`, 1},
		{`query($a:Boolean=true){... @skip(if:true) @include(if:$a){viewer{username}}}`, 1},
		{`query($a:Boolean!){clients(filter:{cutOffTo:"x"}) @skip(if:$a){totalCount}}`, 1},
		{`query($a:Boolean!){...F @skip(if:$a) ...F} fragment F on Query{clients(filter:{cutOffTo:"x"}){totalCount}}`, 2},
		{`query($a:Boolean!){...F @skip(if:true) viewer{username @skip(if:$a)}} fragment F on Query{clients(filter:{cutOffTo:"x"}){totalCount}}`, 0},
		{`{clients(filter:{cutOffTo:"x"}){totalCount} b:clients(filter:{cutOffFrom:"2026-02-30"}){totalCount} zones{name}}`, 2},
		{`query($a:Boolean=true){...F ...G} fragment F on Query{...G} fragment G on Query{viewer{username @skip(if:$a)}}`, 2},
		{`query($a:Boolean=true){...F @skip(if:$a) ...F} fragment F on Query{viewer{username}}`, 1},
		{`query($a:Int=5){client(by:{serviceId:$a}){name}}`, 1},
	}
	for _, tt := range tests {
		r := newTestReader(Limits{})
		document, errs := r.read(callerContext(t, "ana"), tt.document)
		if errs != nil {
			if tt.left == 1 {
				continue // refused by validation
			}
			t.Errorf("%s = %v, want a valid document", tt.document, errs)
			continue
		}
		if plan := r.arguments(document, document.tree.Operations[0]); len(plan.selections) != tt.left {
			t.Errorf("%s leaves %d selections, want %d", tt.document, len(plan.selections), tt.left)
		}
		for _, variables := range []map[string]any{nil, yes, no, null, {"a": json.Number("3")}} {
			comparePlan(t, tt.document, variables)
		}
	}
}

// One plan serves all requests of a document, each with its own variables.
func Test16_1_PreparedFromCache(t *testing.T) {
	t.Parallel()
	const text = `query($a:Date){clients(filter:{cutOffTo:$a}){totalCount} b:clients(filter:{cutOffTo:"x"}) @include(if:false){totalCount}}`
	r := newTestReader(Limits{})
	ctx := callerContext(t, "ana")
	for _, value := range []any{"2026-05-08", nil, "2026-05-09"} {
		document, _ := r.read(ctx, text)
		prepared, errs := r.prepare(document, &graphql.RawParams{Variables: map[string]any{"a": value}})
		if errs != nil || prepared.Variables["a"] != value {
			t.Errorf("prepare(%v) = %v, %v, want the value", value, prepared.Variables, errs)
		}
	}
}
