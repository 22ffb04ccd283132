package errcode_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/graph/errcode"
)

func TestSummarize(t *testing.T) {
	t.Parallel()
	at := func(message string, path ...ast.PathElement) *gqlerror.Error {
		return &gqlerror.Error{Message: message, Path: path}
	}
	got := errcode.Summarize(gqlerror.List{
		at("a", ast.PathName("clients"), ast.PathIndex(0)),
		at("a", ast.PathName("clients"), ast.PathIndex(1)),
		at("b", ast.PathName("clients"), ast.PathIndex(1)),
		at("a", ast.PathName("plans")),
		at("a"),
		at("a"),
	})
	var summary []string
	for _, err := range got {
		summary = append(summary, err.Message+" "+err.Path.String())
	}
	if want := "a clients[0], b clients[1], a plans, a "; strings.Join(summary, ", ") != want {
		t.Errorf("Summarize = %q, want %q", strings.Join(summary, ", "), want)
	}
}

func TestSummarize_MaxErrors(t *testing.T) {
	t.Parallel()
	var many gqlerror.List
	for n := range 2 * errcode.MaxErrors {
		many = append(many, gqlerror.Errorf("%d", n))
	}
	if got := errcode.Summarize(many); len(got) != errcode.MaxErrors || got[0].Message != "0" {
		t.Errorf("Summarize(%d errors) = %d errors from %q, want the first %d", len(many), len(got), got[0].Message, errcode.MaxErrors)
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	const limit = 500
	if message := strings.Repeat("a", limit); errcode.Shorten(message) != message {
		t.Errorf("Shorten(%d bytes) changed the message", limit)
	}
	got := errcode.Shorten(strings.Repeat("a", limit-1) + "éé")
	if want := strings.Repeat("a", limit-1) + "…"; got != want {
		t.Errorf("Shorten(%d bytes) = %q, want a valid text that ends in …", limit+3, got)
	}
}
