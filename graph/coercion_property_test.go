package graph_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyJSON draws a JSON value with at most the given depth. It is often a value of our inputs.
func anyJSON(depth int) *rapid.Generator[any] {
	leaves := []any{nil, true, "", "abc", "ACTIVE", "2026-05-08", "1.50", json.Number("26"), json.Number("26.0"), json.Number("2.6e1"),
		json.Number("26.5"), json.Number("2147483648"), json.Number("-1e400"), json.Number("1e999999999")}
	leaf := rapid.SampledFrom(leaves)
	if depth == 0 {
		return leaf
	}
	keys := rapid.SampledFrom([]string{"serviceId", "balance", "phone", "name", "status", "zoneId", "cutOffFrom", "document", "other", "__typename"})
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(anyJSON(depth-1), 0, 3), func(list []any) any { return list }),
		rapid.Map(rapid.MapOfN(keys, anyJSON(depth-1), 0, 4), func(object map[string]any) any { return object }))
}

// Test13_6_AnyVariables sends any JSON. Either nothing runs and nothing is sent, or the operation runs
// and no scalar is refused on the way.
func Test13_6_AnyVariables(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	token := f.tokenFor(t, ana)
	documents := rapid.SampledFrom([]string{
		`mutation($a:UpdateClientInput!,$b:Decimal){c:updateClient(input:{serviceId:0}){userErrors{code}} updateClient(input:$a){userErrors{code}} b:updateClient(input:{serviceId:0,balance:$b}){userErrors{code}}}`,
		`query($a:ClientFilter,$b:[Int!]){viewer{username} clients(filter:$a){totalCount} b:clients(filter:{zoneId:$b}){totalCount}}`,
		`query($a:ClientKey!,$b:Date){client(by:$a){name} clients(filter:{cutOffFrom:$b}){totalCount}}`,
		`query($a:Int=5,$b:Boolean=true){clients(first:$a){totalCount} viewer@include(if:$b){username}}`,
	})
	rapid.Check(t, func(rt *rapid.T) {
		variables := map[string]any{"a": anyJSON(3).Draw(rt, "a")}
		if rapid.Bool().Draw(rt, "has b") {
			variables["b"] = anyJSON(2).Draw(rt, "b")
		}
		f.upstream.Reset()
		body := operation(t, documents.Draw(rt, "document"), variables)
		a := f.send(t, request{token: token, body: body})
		sent := f.upstream.Total()
		switch {
		case a.status == http.StatusUnprocessableEntity && (a.Data != nil || sent > 0):
			rt.Errorf("%s = %s with %d calls, want no data and no call", body, a.body, sent)
		case a.status != http.StatusUnprocessableEntity && a.status != http.StatusOK:
			rt.Errorf("%s = %d, want 200 or 422", body, a.status)
		}
		if strings.Contains(a.body, "INTERNAL") || a.status == http.StatusOK && strings.Contains(a.body, `must be a `) {
			rt.Errorf("%s = %d %s, want no scalar refused while it runs", body, a.status, a.body)
		}
	})
	if log := f.log.String(); strings.Contains(log, "panic") {
		t.Errorf("log = %s, want no panic", log)
	}
}
