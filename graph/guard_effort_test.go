package graph_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"

	"wisphub-graphql/graph"
)

// TestEffortIsLinear: of the guard's own work, and of what it leaves to the rules. Times would say the same less surely.
func TestEffortIsLinear(t *testing.T) {
	t.Parallel()
	all := bombs()
	maps.Copy(all, permitted())
	for name, b := range all {
		steps, comparisons, err := graph.Effort(b.document)
		if tokens := countTokens(b.document); steps > tokens+2000 {
			t.Errorf("%s: %d steps for %d tokens, want a step a token and 2000", name, steps, tokens)
		}
		if err == nil && comparisons > 20_000 {
			t.Errorf("%s leaves %d comparisons to the rules, want 20000 at most", name, comparisons)
		}
	}
}

// TestPermittedDocumentsPass, or the limits would be others than those that are measured.
func TestPermittedDocumentsPass(t *testing.T) {
	t.Parallel()
	for name, b := range permitted() {
		if _, _, err := graph.Effort(b.document); err != nil {
			t.Errorf("%s: %v, want it let through", name, err)
		}
	}
}

func countTokens(document string) (tokens int) {
	source := lexer.New(&ast.Source{Input: document})
	for tokens < 3000 { // more than are read
		token, err := source.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			break
		}
		tokens++
	}
	return tokens
}

// BenchmarkGuard has what each bomb costs the whole handler beside what a dashboard's query costs, read for the first time
// and from the cache. With -cpu 1 the time is that of the processor.
func BenchmarkGuard(b *testing.B) {
	const dashboard = `{clients(first:50){totalCount nodes{` + benchRelations + `}}}`
	const unknown = "#" // to any cache, with a number
	f := newFace(b, faceConfig{clients: 2000})
	f.warm(b)
	token := f.tokenOf(b, ana)
	ask := func(b *testing.B, asked bomb, comment string) {
		for n := 0; b.Loop(); n++ {
			changed := asked
			if comment != "" {
				changed.document += fmt.Sprint(comment, n)
			}
			f.handler.ServeHTTP(httptest.NewRecorder(), request{token: token, body: changed.body()}.build(b, "http://127.0.0.1/graphql"))
		}
	}
	b.Run("yardstick/cached", func(b *testing.B) { ask(b, bomb{document: dashboard}, "") })
	b.Run("yardstick/new", func(b *testing.B) { ask(b, bomb{document: dashboard}, unknown) })
	for kind, all := range map[string]map[string]bomb{"bomb": bombs(), "permitted": permitted()} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			b.Run(kind+"/"+name, func(b *testing.B) { ask(b, all[name], unknown) })
		}
	}
}
