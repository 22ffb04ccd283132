package graph

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/direct"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/document/documenttest"
	"wisphub-graphql/graph/generated"
)

// plannedDocuments are documents whose plans differ most in what they take. Each has the number n, so
// that no two are equal.
var plannedDocuments = map[string]func(n int) string{
	"small": func(n int) string { return fmt.Sprintf(`query Q%d{zones{name}}`, n) },
	"fields": func(n int) string {
		return fmt.Sprintf(`query Q%d{clients(first:1){nodes{%s}}}`, n, documenttest.Numbered("a%d:name ", 28))
	},
	"arguments": func(n int) string {
		const field = `a%d:clients(filter:{zoneId:[1,2,3],status:ACTIVE,planId:7},orderBy:{direction:DESC},search:"a",first:1){totalCount} `
		return fmt.Sprintf(`query Q%d{%s}`, n, documenttest.Numbered(field, 10))
	},
	"objects": func(n int) string {
		return fmt.Sprintf(`query Q%d{clients(first:1){nodes{%s}}}`, n, documenttest.Numbered("a%d:plan{id} ", 28))
	},
	"nothing selected": func(n int) string {
		return fmt.Sprintf(`query Q%d{clients(first:1){nodes{%s}}}`, n, documenttest.Numbered("a%d:plan{id @skip(if:true)} ", 9))
	},
	"conditions": func(n int) string {
		return fmt.Sprintf(`query Q%d($a:Boolean!,$b:Boolean!,$c:Boolean!,$d:Boolean!){clients(first:1){nodes{
			name @skip(if:$a) document @skip(if:$b) phone @skip(if:$c) plan @skip(if:$d){name}}}}`, n)
	},
	"operations": func(n int) string {
		return strings.ReplaceAll(documenttest.Numbered("query Q%dof_N{clients{nodes{name}}} ", 5), "of_N", fmt.Sprint("of", n))
	},
}

// planner reads and plans operations as the server does, and runs none.
type planner struct {
	*preparer
	reader   *document.Reader
	executor *direct.Executor
}

func newPlanner() *planner {
	schema := generated.NewExecutableSchema(generated.Config{})
	p := &planner{preparer: &preparer{server: handler.New(schema)}, reader: newReader(Config{})}
	p.reader.Install(p.server, p)
	p.executor = direct.New(direct.Config{Generated: schema, Schema: generated.DirectSchema(), Resolvers: MemoryTable()})
	return p
}

func (p *planner) plan(t testing.TB, text, operationName string, variables map[string]any) {
	t.Helper()
	p.params = &graphql.RawParams{Query: text, OperationName: operationName, Variables: variables}
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	ctx := auth.NewContext(r.Context(), &auth.Caller{Username: "ana", Scopes: []auth.Scope{auth.ScopeRead}})
	p.server.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
	if p.errs != nil {
		t.Fatal(text, p.errs)
	}
	costPlanOf(p.prepared)
	p.executor.Exec(graphql.WithOperationContext(ctx, p.prepared))
}

// planAll plans each operation of a document, and each of its variants.
func (p *planner) planAll(t testing.TB, text string, n int) {
	t.Helper()
	switch {
	case strings.Contains(text, "$a"):
		for bits := range 16 {
			p.plan(t, text, "", map[string]any{"a": bits&1 > 0, "b": bits&2 > 0, "c": bits&4 > 0, "d": bits&8 > 0})
		}
	case strings.Contains(text, "query Q0of"):
		for i := range 5 {
			p.plan(t, text, fmt.Sprintf("Q%dof%d", i, n), nil)
		}
	default:
		p.plan(t, text, "", nil)
	}
}

// Documents and their plans take at most half more than what the cache counts.
func Test16_1_PlansAreCounted(t *testing.T) {
	for name, shape := range plannedDocuments {
		t.Run(name, func(t *testing.T) {
			p := newPlanner()
			p.planAll(t, shape(0), 0)
			before := heapBytes()
			_, counted := p.reader.CacheSize()
			for n := 1; n <= 40; n++ {
				p.planAll(t, strings.Clone(shape(n)), n)
			}
			p.params, p.prepared = nil, nil
			held := int(heapBytes() - before)
			documents, bytes := p.reader.CacheSize()
			bytes -= counted
			runtime.KeepAlive(p)
			t.Logf("%d documents, %d bytes each counted, %d real", documents, bytes/40, held/40)
			if held > bytes*3/2 {
				t.Errorf("40 documents take %d bytes, counted %d, want at most half more", held, bytes)
			}
		})
	}
}

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
