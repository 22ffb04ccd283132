package document

import (
	"context"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/graph/generated"
)

// schema is the public schema.
var schema = generated.NewExecutableSchema(generated.Config{}).Schema()

func newTestReader(limits Limits) *Reader {
	return NewReader(Config{Schema: schema, Limits: limits, Introspection: true})
}

// countingCache counts additions and hits.
type countingCache struct {
	documents map[string]*ast.QueryDocument
	added     int
	hits      int
}

func (c *countingCache) Get(_ context.Context, key string) (*ast.QueryDocument, bool) {
	document, ok := c.documents[key]
	if ok {
		c.hits++
	}
	return document, ok
}

func (c *countingCache) Add(_ context.Context, key string, document *ast.QueryDocument) {
	c.added++
	c.documents[key] = document
}

// TestReader_Cache reads documents three times. Valid ones are cached, refused ones are not.
func TestReader_Cache(t *testing.T) {
	t.Parallel()
	cache := &countingCache{documents: map[string]*ast.QueryDocument{}}
	r := newTestReader(Limits{Depth: 2})
	r.cache = cache
	ctx := auth.NewContext(t.Context(), &auth.Caller{Username: "ana"})
	for range 3 {
		if _, errs := r.read(ctx, `{viewer{username}}`); errs != nil {
			t.Errorf("read = %v, want no error", errs)
		}
		for _, refused := range []string{`{clients{nodes{name}}}`, `{unknown}`, `{`, ``} {
			if _, errs := r.read(ctx, refused); len(errs) != 1 {
				t.Errorf("read(%s) = %v, want one error", refused, errs)
			}
		}
	}
	if cache.added != 1 || cache.hits != 2 {
		t.Errorf("%d documents cached, %d hits, want 1 and 2", cache.added, cache.hits)
	}
}

// TestReader_CacheBounds expects that long documents are not cached, nor those of callers without a
// token.
func TestReader_CacheBounds(t *testing.T) {
	t.Parallel()
	cache := &countingCache{documents: map[string]*ast.QueryDocument{}}
	r := newTestReader(Limits{})
	r.cache = cache
	caller := auth.NewContext(t.Context(), &auth.Caller{Username: "ana"})
	const login = `mutation{login(username:"a",password:"b"){accessToken}}`
	for _, tt := range []struct {
		name  string
		ctx   context.Context
		text  string
		added int
	}{
		{"no token", t.Context(), login, 0},
		{"long document", caller, `{viewer{username}}#` + strings.Repeat("a", maxCachedBytes), 0},
		{"caller", caller, login, 1},
	} {
		document, errs := r.read(tt.ctx, tt.text)
		if document == nil || errs != nil || cache.added != tt.added {
			t.Errorf("read(%s) = %v, %v with %d cached, want a document and %d cached", tt.name, document, errs, cache.added, tt.added)
		}
	}
}

func TestReader_MaxErrors(t *testing.T) {
	t.Parallel()
	document := "query Q{clients(filter:{zoneId:[" + strings.Repeat("$a ", 900) + "]}){totalCount}}"
	if _, errs := newTestReader(Limits{}).read(t.Context(), document); len(errs) != errcode.MaxErrors {
		t.Errorf("read(900 mistakes) = %d errors, want %d", len(errs), errcode.MaxErrors)
	}
}
