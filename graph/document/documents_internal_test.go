package document

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
)

// schema is the public schema. Its files are read because the generated code imports this package.
var schema = loadSchema()

func loadSchema() *ast.Schema {
	names, err := filepath.Glob("../schema/*.graphqls")
	if err != nil {
		panic(err) // only for a malformed pattern
	}
	var sources []*ast.Source
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	return gqlparser.MustLoadSchema(sources...)
}

func newTestReader(limits Limits) *Reader {
	return NewReader(Config{Schema: schema, Limits: limits, Introspection: true})
}

// TestReader_Cache reads documents three times. Valid ones are cached, refused ones are not.
func TestReader_Cache(t *testing.T) {
	t.Parallel()
	r := newTestReader(Limits{Depth: 2})
	ctx := callerContext(t, "ana")
	var first *checkedDocument
	for range 3 {
		document, errs := r.read(ctx, `{viewer{username}}`)
		if first == nil {
			first = document
		}
		if errs != nil || document != first {
			t.Errorf("read = %p, %v, want the same document each time, %p", document, errs, first)
		}
		for _, refused := range []string{`{clients{nodes{name}}}`, `{unknown}`, `{`, ``} {
			if _, errs := r.read(ctx, refused); len(errs) != 1 {
				t.Errorf("read(%s) = %v, want one error", refused, errs)
			}
		}
	}
	if documents, _ := r.CacheSize(); documents != 1 {
		t.Errorf("%d documents cached, want 1", documents)
	}
}

// TestReader_CacheBounds expects that documents of callers without a token are not cached, nor
// those that take more than an eighth of the cache.
func TestReader_CacheBounds(t *testing.T) {
	t.Parallel()
	r := newTestReader(Limits{})
	caller := callerContext(t, "ana")
	const login = `mutation{login(username:"a",password:"b"){accessToken}}`
	for _, tt := range []struct {
		name   string
		ctx    context.Context
		text   string
		cached int
	}{
		{"no token", t.Context(), login, 0},
		{"large document", caller, `{viewer{username}}#` + strings.Repeat("a", maxCachedBytes/largestShare), 0},
		{"caller", caller, login, 1},
	} {
		document, errs := r.read(tt.ctx, tt.text)
		if cached, _ := r.CacheSize(); document == nil || errs != nil || cached != tt.cached {
			t.Errorf("read(%s) = %v, %v with %d cached, want a document and %d cached", tt.name, document, errs, cached, tt.cached)
		}
	}
}

func callerContext(t *testing.T, username string) context.Context {
	t.Helper()
	return auth.NewContext(t.Context(), &auth.Caller{Username: username})
}

func TestReader_MaxErrors(t *testing.T) {
	t.Parallel()
	document := "query Q{clients(filter:{zoneId:[" + strings.Repeat("$a ", 900) + "]}){totalCount}}"
	if _, errs := newTestReader(Limits{}).read(t.Context(), document); len(errs) != errcode.MaxErrors {
		t.Errorf("read(900 mistakes) = %d errors, want %d", len(errs), errcode.MaxErrors)
	}
}
