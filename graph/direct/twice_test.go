package direct_test

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/graph/direct"
)

// twoInterfaces is a schema in which a field can be collected twice, once for each interface.
var twoInterfaces = gqlparser.MustLoadSchema(&ast.Source{Input: `
	interface A{id:ID} interface B{id:ID} type X implements A&B{id:ID} type Query{x:A}`})

type smallSchema struct{ fallback }

func (smallSchema) Schema() *ast.Schema { return twoInterfaces }

// gqlgen runs both fields, and writes one. Its executor must do so.
func Test16_3_FieldCollectedTwice(t *testing.T) {
	t.Parallel()
	id := func(b []byte, _ *direct.Run, _ *direct.Step, _ any) ([]byte, bool) { return append(b, '1'), true }
	x := func(b []byte, run *direct.Run, step *direct.Step, _ any) ([]byte, bool) {
		return run.ObjectOf(b, step, "X", 1)
	}
	executor := direct.New(direct.Config{
		Generated: smallSchema{},
		Schema: direct.Schema{
			Query: "Query",
			Objects: map[string]direct.Object{
				"Query": {Implements: []string{"Query"}, Fields: map[string]direct.Field{"x": {Write: x, Type: "A"}}},
				"X":     {Implements: []string{"X", "A", "B"}, Fields: map[string]direct.Field{"id": {Write: id}}},
			},
			Interfaces: map[string][]string{"A": {"X"}},
		},
		Panicked: (&panics{}).add,
	})
	for document, want := range map[string]string{
		`{x{id ...on X{id} ...on A{id}}}`:                                               `{"x":{"id":1}}`,
		`{x{...on A{id} ...on B{b:id}}}`:                                                `{"x":{"id":1,"b":1}}`,
		`{x{...on A{id} ...on B{id}}}`:                                                  generatedData,
		`{x{...on X{...F ...on B{id}}}} fragment F on A{a:id ...G} fragment G on A{id}`: generatedData,
	} {
		if got := answer(t, executor, document, nil); got != want {
			t.Errorf("%s = %s, want %s", document, got, want)
		}
	}
}
