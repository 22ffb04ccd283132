package graph_test

import (
	"strconv"
	"testing"
)

// BenchmarkRequest measures what a request pays besides its resolvers: one client, by a literal and
// by variables. For comparison, it measures encoding/json and net/http alone. With -cpu 1 the result
// is processor time.
func BenchmarkRequest(b *testing.B) {
	const selection = `{serviceId name status plan{name}}}`
	f := newFixture(b, fixtureConfig{clients: 2000})
	f.warmUp(b)
	id := f.upstream.IDs()[0]
	documents := map[string]struct {
		document  string
		variables map[string]any
	}{
		"literal":  {`{client(by:{serviceId:` + strconv.Itoa(id) + `})` + selection, nil},
		"variable": {`query($id:Int!){client(by:{serviceId:$id})` + selection, map[string]any{"id": id}},
		"object":   {`query($by:ClientKey!){client(by:$by)` + selection, map[string]any{"by": map[string]any{"serviceId": id}}},
		"list":     {`query($n:Int){clients(first:$n){nodes{name}}}`, map[string]any{"n": 20}},
	}
	for name, d := range documents {
		asked := request{token: f.tokenFor(b, ana), body: operation(b, d.document, d.variables)}
		answer := into[benchAnswer](b, f.send(b, asked).body)
		b.Run(name+"/graph", func(b *testing.B) { serve(b, f.handler, asked) })
		b.Run(name+"/yardstick", func(b *testing.B) { serve(b, f.users.Authenticate(encoded(answer)), asked) })
	}
}
