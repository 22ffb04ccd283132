package graph

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"pgregory.net/rapid"
)

func Test15_12_SchemaPath(t *testing.T) {
	t.Parallel()
	const document = `{a:node(id:"plan:3"){...on Plan{x:name y:planId} ...on Zone{x:name y:zoneId} ...P} __typename}
		fragment P on Plan{p:downloadKbps ...Q} fragment Q on Plan{q:uploadKbps}`
	parsed, err := gqlparser.LoadQueryWithRules(Schema(), document, rules.NewDefaultRules())
	if err != nil {
		t.Fatal(err)
	}
	ctx := graphql.WithOperationContext(t.Context(), &graphql.OperationContext{Operation: parsed.Operations[0]})
	for want, path := range map[string]ast.Path{
		"":                  nil,
		"node":              {ast.PathName("a")},
		"node.name":         {ast.PathName("a"), ast.PathName("x")},
		"node.?":            {ast.PathName("a"), ast.PathName("y")}, // planId or zoneId
		"node.downloadKbps": {ast.PathName("a"), ast.PathIndex(3), ast.PathName("p")},
		"node.uploadKbps":   {ast.PathName("a"), ast.PathName("q")},
		"?":                 {ast.PathName("node")},
		"?.?":               {ast.PathName("b"), ast.PathName("x")},
		"__typename":        {ast.PathName("__typename")},
	} {
		if got := schemaPath(ctx, path); got != want {
			t.Errorf("schemaPath(%s) = %q, want %q", path, got, want)
		}
	}
	if got := schemaPath(t.Context(), ast.Path{ast.PathName("a")}); got != "" {
		t.Errorf("schemaPath without an operation = %q, want none", got)
	}
	none := graphql.WithOperationContext(t.Context(), &graphql.OperationContext{})
	if got := schemaPath(none, ast.Path{ast.PathName("a")}); got != "?" {
		t.Errorf("schemaPath of an operation that was not chosen = %q, want ?", got)
	}
}

// Texts of GraphQL are cut, and no path is in the text of an error.
func Test15_12_CauseText(t *testing.T) {
	t.Parallel()
	own := errors.New("our own " + strings.Repeat("a", 300))
	path := ast.Path{ast.PathName("canary")}
	located := gqlerror.WrapPath(path, own)
	for _, err := range []error{own, located, gqlerror.WrapPath(path, located)} {
		if got := causeText(err); got != own.Error() {
			t.Errorf("causeText(%v) = %q, want our own text", err, got)
		}
	}
	if got := causeText(fmt.Errorf("more: %w", gqlerror.ErrorPathf(path, "text"))); got != "text" {
		t.Errorf("causeText(a message of GraphQL) = %q, want it without the path", got)
	}
	rapid.Check(t, func(rt *rapid.T) {
		message := rapid.String().Draw(rt, "message")
		got := []rune(causeText(gqlerror.ErrorPathf(path, "%s", message)))
		if len(got) > maxLoggedText+1 || len(got) <= maxLoggedText && string(got) != string([]rune(message)) {
			rt.Errorf("causeText(%q) = %q, want it, or its first %d characters", message, string(got), maxLoggedText)
		}
	})
}
