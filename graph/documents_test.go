package graph_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/introspection"

	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/document/documenttest"
)

// Costly documents are refused before they cost anything.
func TestDocuments_Bombs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	token := f.tokenFor(t, ana)
	f.upstream.Reset()
	for name, b := range documenttest.Bombs() {
		code := b.Code
		if code == "" {
			code = "QUERY_TOO_COMPLEX"
		}
		a := f.send(t, request{token: token, body: b.Body()})
		if a.status < 400 || a.Data != nil || len(a.Errors) == 0 || a.Errors[0].Extensions.Code != code {
			t.Errorf("%s = %d %.200s, want %s without data", name, a.status, a.body, code)
		}
		if len(a.Errors) > 20 || len(a.body) > 30_000 {
			t.Errorf("%s = %d errors in %d bytes, want at most 20 short ones", name, len(a.Errors), len(a.body))
		}
	}
	if got := f.upstream.Total(); got > 0 {
		t.Errorf("refused operations cost %v, want no calls", f.upstream.Requests())
	}
}

// Server-sent events and WebSockets use the same limits as POST.
func TestDocuments_BombsOverStreams(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	token := f.tokenFor(t, ana)
	socket := f.connect(t, token)
	for name, b := range documenttest.Bombs() {
		if b.Code != "" || len(b.Body()) > 60<<10 {
			continue
		}
		socket.send(`{"id":"1","type":"subscribe","payload":` + b.Body() + `}`)
		socket.wantError("1", "QUERY_TOO_COMPLEX", "")
		if b.Variables != "" { // refused before the stream begins
			continue
		}
		stream := f.subscribe(t, request{token: token, body: b.Body()})
		if e := stream.next(); !strings.Contains(e.data, `"code":"QUERY_TOO_COMPLEX"`) || strings.Contains(e.data, `"data"`) {
			t.Errorf("%s as events = %q, want QUERY_TOO_COMPLEX", name, e)
		}
	}
}

func TestErrors_MaxOverStreams(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	failing := "subscription{taskUpdated(taskId:1){" + documenttest.Numbered("unknown%d ", 50) + "}}"
	stream := f.subscribe(t, request{token: f.tokenFor(t, ana), body: operation(t, failing, nil)})
	if e := stream.next(); strings.Count(e.data, `"message"`) != 20 {
		t.Errorf("50 mistakes as events = %d errors, want 20", strings.Count(e.data, `"message"`))
	}
	socket := f.connect(t, f.tokenFor(t, ana))
	socket.subscribe("1", failing)
	if text := socket.next(); strings.Count(text, `"message"`) != 20 {
		t.Errorf("50 mistakes over a socket = %d errors, want 20", strings.Count(text, `"message"`))
	}
}

// TestDocumentLimits expects status 422 with the limit and without data, also the second time.
func TestDocumentLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limits   document.Limits
		document string
		message  string
	}{
		"depth": {document.Limits{Depth: 3}, `{clients{...P}} fragment P on ClientConnection{nodes{...{plan{name}}}}`,
			"The query exceeds the maximum depth of 3."},
		"fields": {document.Limits{Fields: 7}, `{viewer{...V} ...{viewer{username __typename}}} fragment V on Viewer{username}`,
			"The query exceeds the maximum of 7 fields; those of a fragment count at each use."},
		"tokens":     {document.Limits{Tokens: 6}, `{a:viewer{username}}`, "The query exceeds the maximum of 6 tokens."},
		"operations": {document.Limits{}, documenttest.Numbered("query Q%d{__typename}", 6), "The query exceeds the maximum of 5 operations."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{limits: tt.limits})
			f.data(t, `{viewer{username}}`)
			for range 2 {
				a := f.run(t, tt.document)
				wantError(t, tt.document, a, "QUERY_TOO_COMPLEX", tt.message)
				if a.status != http.StatusUnprocessableEntity || a.Data != nil {
					t.Errorf("%s = %d %s, want 422 without data", tt.document, a.status, a.body)
				}
			}
		})
	}
}

// GraphiQL and code generators send these queries first.
func TestDocuments_UsualIntrospection(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{limits: document.Limits{Depth: 5}})
	f.data(t, introspection.NewQuery(introspection.QueryOptions{OneOf: true}))
	f.data(t, `{a:__type(name:"Client"){fields{name args{name}}} b:__type(name:"ClientStatus"){enumValues{name}}}`)
}

// The query of the README is within the limits.
func TestDocuments_Readme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), `{"query": "`)
	text, _, _ := strings.Cut(rest, `"}`)
	if !found {
		t.Fatal("README.md shows no query")
	}
	f := newFixture(t, fixtureConfig{})
	f.data(t, strings.NewReplacer(`\"`, `"`, `\n`, "\n").Replace(text))
}

func TestErrors_LongMessages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	a := f.run(t, `{viewer{`+strings.Repeat("é", 10)+strings.Repeat("a", 1000)+`}}`)
	b := f.run(t, `{clients(first:"`+strings.Repeat("é", 1000)+`"){totalCount}}`)
	for _, answer := range []*answer{a, b} {
		if len(answer.Errors) != 1 || len(answer.Errors[0].Message) > 510 {
			t.Errorf("a long name = %d bytes, want one error with a short message", len(answer.body))
		}
	}
}
