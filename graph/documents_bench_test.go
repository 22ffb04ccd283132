package graph_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"wisphub-graphql/graph/document/documenttest"
)

// BenchmarkGuard measures the handler with each bomb. For comparison, it measures a dashboard's query,
// new and from the cache. With -cpu 1 the result is processor time.
func BenchmarkGuard(b *testing.B) {
	const dashboard = `{clients(first:50){totalCount nodes{` + benchRelations + `}}}`
	const unknown = "#" // with a number, a comment that is not cached yet
	f := newFixture(b, fixtureConfig{clients: 2000})
	f.warmUp(b)
	token := f.tokenFor(b, ana)
	run := func(b *testing.B, bomb documenttest.Bomb, comment string) {
		for n := 0; b.Loop(); n++ {
			changed := bomb
			if comment != "" {
				changed.Document += fmt.Sprint(comment, n)
			}
			f.handler.ServeHTTP(httptest.NewRecorder(), request{token: token, body: changed.Body()}.build(b, "http://127.0.0.1/graphql"))
		}
	}
	b.Run("comparison/cached", func(b *testing.B) { run(b, documenttest.Bomb{Document: dashboard}, "") })
	b.Run("comparison/new", func(b *testing.B) { run(b, documenttest.Bomb{Document: dashboard}, unknown) })
	for kind, all := range map[string]map[string]documenttest.Bomb{"bombs": documenttest.Bombs(), "permitted": documenttest.Permitted()} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			b.Run(kind+"/"+name, func(b *testing.B) { run(b, all[name], unknown) })
		}
	}
}
