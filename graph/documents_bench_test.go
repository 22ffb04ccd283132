package graph_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"testing"

	"wisphub-graphql/graph/document/documenttest"
)

// BenchmarkGuard has what each bomb costs the whole handler beside what a dashboard's query costs, read for the first time
// and from the cache. With -cpu 1 the time is that of the processor.
func BenchmarkGuard(b *testing.B) {
	const dashboard = `{clients(first:50){totalCount nodes{` + benchRelations + `}}}`
	const unknown = "#" // to any cache, with a number
	f := newFace(b, faceConfig{clients: 2000})
	f.warm(b)
	token := f.tokenOf(b, ana)
	ask := func(b *testing.B, asked documenttest.Bomb, comment string) {
		for n := 0; b.Loop(); n++ {
			changed := asked
			if comment != "" {
				changed.Document += fmt.Sprint(comment, n)
			}
			f.handler.ServeHTTP(httptest.NewRecorder(), request{token: token, body: changed.Body()}.build(b, "http://127.0.0.1/graphql"))
		}
	}
	b.Run("yardstick/cached", func(b *testing.B) { ask(b, documenttest.Bomb{Document: dashboard}, "") })
	b.Run("yardstick/new", func(b *testing.B) { ask(b, documenttest.Bomb{Document: dashboard}, unknown) })
	for kind, all := range map[string]map[string]documenttest.Bomb{"bomb": documenttest.Bombs(), "permitted": documenttest.Permitted()} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			b.Run(kind+"/"+name, func(b *testing.B) { ask(b, all[name], unknown) })
		}
	}
}
