package graph_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/introspection"

	"wisphub-graphql/graph"
)

// TestBombsAreRefused: before they cost anything, by whatever way they come.
func TestBombsAreRefused(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	token := f.tokenOf(t, ana)
	f.upstream.Reset()
	for name, b := range bombs() {
		code := b.code
		if code == "" {
			code = "QUERY_TOO_COMPLEX"
		}
		a := f.send(t, request{token: token, body: b.body()})
		if a.status < 400 || a.Data != nil || len(a.Errors) == 0 || a.Errors[0].Extensions.Code != code {
			t.Errorf("%s = %d %.200s, want %s without data", name, a.status, a.body, code)
		}
		if len(a.Errors) > 20 || len(a.body) > 30_000 {
			t.Errorf("%s is answered with %d errors, %d bytes, want 20 short ones at most", name, len(a.Errors), len(a.body))
		}
	}
	if got := f.upstream.Total(); got > 0 {
		t.Errorf("refused operations cost %v, want nothing", f.upstream.Requests())
	}
}

// TestBombsOverStreams: a stream of events and a socket read documents as a request does.
func TestBombsOverStreams(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	token := f.tokenOf(t, ana)
	socket := f.connect(t, token)
	for name, b := range bombs() {
		if b.code != "" || len(b.body()) > 60<<10 {
			continue
		}
		socket.send(`{"id":"1","type":"subscribe","payload":` + b.body() + `}`)
		socket.wantError("1", "QUERY_TOO_COMPLEX", "")
		if b.variables != "" { // counted before there is a stream
			continue
		}
		stream := f.subscribe(t, request{token: token, body: b.body()})
		if e := stream.next(); !strings.Contains(e.data, `"code":"QUERY_TOO_COMPLEX"`) || strings.Contains(e.data, `"data"`) {
			t.Errorf("%s as events = %q, want QUERY_TOO_COMPLEX", name, e)
		}
	}
}

// TestErrorsAreCountedOverStreams: twenty are enough for everybody.
func TestErrorsAreCountedOverStreams(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	document := "subscription{taskUpdated(taskId:1){" + numbered("nobody%d ", 50) + "}}"
	stream := f.subscribe(t, request{token: f.tokenOf(t, ana), body: operation(t, document, nil)})
	if e := stream.next(); strings.Count(e.data, `"message"`) != 20 {
		t.Errorf("50 mistakes as events = %d errors, want 20", strings.Count(e.data, `"message"`))
	}
	socket := f.connect(t, f.tokenOf(t, ana))
	socket.subscribe("1", document)
	if text := socket.next(); strings.Count(text, `"message"`) != 20 {
		t.Errorf("50 mistakes over a socket = %d errors, want 20", strings.Count(text, `"message"`))
	}
}

// TestLimits: what is at a limit passes, and what is one above is told which limit.
func TestLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limits       graph.Limits
		within, over string
		message      string
	}{
		"depth": {
			graph.Limits{Depth: 3}, `{clients{nodes{name}}}`, `{clients{...P}} fragment P on ClientConnection{nodes{...{plan{name}}}}`,
			"Fields may lie at most 3 deep.",
		},
		"lists": {
			graph.Limits{ListDepth: 1}, `{clients{nodes{name}}}`, `{clients{nodes{otherServices{name}}}}`,
			"Lists may lie at most 1 deep in one another.",
		},
		"fields": {
			graph.Limits{Fields: 7}, `{a:viewer{...V} ...{viewer{username}}} fragment V on Viewer{username}`,
			`{viewer{...V} ...{viewer{username __typename}}} fragment V on Viewer{username}`,
			"A document may select at most 7 fields, those of fragments counted wherever they are used.",
		},
		"aliases": {
			graph.Limits{Aliases: 2}, `{a:viewer{b:username}}`, `{viewer{...V} a:viewer{...V}} fragment V on Viewer{b:username}`,
			"An operation may have at most 2 aliases, those of fragments counted wherever they are used.",
		},
		"root fields": {
			graph.Limits{RootFields: 2}, `{viewer{username} facade{version}}`, `{viewer{username} ...Q} fragment Q on Query{facade{version} __typename}`,
			"An operation may select at most 2 root fields.",
		},
		"repeats": {
			graph.Limits{Repeats: 2}, `{viewer{username username a:username}}`, `{viewer{username ...{username}} ...Q} fragment Q on Query{viewer{username}}`,
			"One name may be selected at most 2 times in one object.",
		},
		"directives": {
			graph.Limits{Directives: 2}, `{viewer{username @skip(if:false)@include(if:true)}}`,
			`query @a{viewer{username @skip(if:false)@include(if:true)}}`,
			"A document may hold at most 2 directives.",
		},
		"fragments": {
			graph.Limits{Fragments: 1}, `{...A} fragment A on Query{__typename}`, `{...A ...B} fragment A on Query{__typename} fragment B on Query{__typename}`,
			"A document may hold at most 1 fragments.",
		},
		"operations": {
			graph.Limits{Operations: 1}, `query A{__typename}`, `query A{__typename} query B{__typename}`,
			"A document may hold at most 1 operations.",
		},
		"tokens": {
			graph.Limits{Tokens: 6}, `{viewer{username}}`, `{a:viewer{username}}`,
			"A document may have at most 6 tokens.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFace(t, faceConfig{limits: tt.limits})
			f.data(t, tt.within)
			for range 2 { // and the second time it is not taken from a cache
				a := f.ask(t, tt.over)
				wantError(t, tt.over, a, "QUERY_TOO_COMPLEX", tt.message)
				if a.status != http.StatusUnprocessableEntity || a.Data != nil {
					t.Errorf("%s = %d %s, want 422 without data", tt.over, a.status, a.body)
				}
			}
		})
	}
}

// TestUsualIntrospection: what GraphiQL and generators of code ask first.
func TestUsualIntrospection(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{limits: graph.Limits{Depth: 5, ListDepth: 1}})
	f.data(t, introspection.NewQuery(introspection.QueryOptions{OneOf: true}))
	f.data(t, `{a:__type(name:"Client"){fields{name args{name}}} b:__type(name:"ClientStatus"){enumValues{name}}}`)
}

// TestDocumentsOfTheManual: what the manual tells people to send is within the limits.
func TestDocumentsOfTheManual(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), `{"query": "`)
	document, _, _ := strings.Cut(rest, `"}`)
	if !found {
		t.Fatal("README.md shows no query")
	}
	f := newFace(t, faceConfig{})
	f.data(t, strings.NewReplacer(`\"`, `"`, `\n`, "\n").Replace(document))
}

func TestLongWordsAreCut(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	a := f.ask(t, `{viewer{`+strings.Repeat("é", 10)+strings.Repeat("a", 1000)+`}}`)
	b := f.ask(t, `{clients(first:"`+strings.Repeat("é", 1000)+`"){totalCount}}`)
	for _, answer := range []*answer{a, b} {
		if len(answer.Errors) != 1 || len(answer.Errors[0].Message) > 510 {
			t.Errorf("a long mistake = %d bytes, want a short message", len(answer.body))
		}
	}
}
