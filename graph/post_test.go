package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	plainJSON   = "application/json; charset=utf-8"
	graphqlJSON = "application/graphql-response+json; charset=utf-8"
)

func TestPost_OtherMethodsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		a := f.send(t, request{method: method, token: f.tokenFor(t, ana), body: operation(t, `{viewer{username}}`, nil)})
		if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != http.MethodPost {
			t.Errorf("%s = %d, Allow %q, want 405, POST", method, a.status, a.header.Get("Allow"))
		}
		wantError(t, method, a, "BAD_USER_INPUT", "GraphQL is served over POST.")
	}
}

func TestPost_InvalidRequests(t *testing.T) {
	t.Parallel()
	const (
		needsJSON   = "Content-Type must be application/json."
		needsObject = `The body must be a JSON object such as {"query": "…", "variables": {}}.`
		canary      = "canary-of-a-password"
	)
	login := `{"query":"mutation($p:String!){login(username:\"ana\",password:$p){accessToken}}","variables":{"p":"` + canary + `"}}`
	tests := map[string]struct {
		contentType, body string
		status            int
		message           string
	}{
		"latin-1":       {"application/json; charset=iso-8859-1", login, http.StatusUnsupportedMediaType, needsJSON},
		"form":          {"application/x-www-form-urlencoded", "query=" + canary, http.StatusUnsupportedMediaType, needsJSON},
		"text":          {"text/plain", login, http.StatusUnsupportedMediaType, needsJSON},
		"graphql":       {"application/graphql", login, http.StatusUnsupportedMediaType, needsJSON},
		"multipart":     {"multipart/form-data; boundary=x", login, http.StatusUnsupportedMediaType, needsJSON},
		"too large":     {"", login + strings.Repeat(" ", 128<<10), http.StatusRequestEntityTooLarge, "The body must be at most 128 kB."},
		"truncated":     {"", login[:len(login)-2], http.StatusBadRequest, needsObject},
		"array":         {"", "[" + login + "]", http.StatusBadRequest, needsObject},
		"trailing":      {"", login + `"` + canary + `"`, http.StatusBadRequest, needsObject},
		"trailing mess": {"", login + canary, http.StatusBadRequest, needsObject},
		"text instead":  {"", `"` + canary + `"`, http.StatusBadRequest, needsObject},
		"null":          {"", "null", http.StatusBadRequest, needsObject},
		"empty":         {"", "", http.StatusBadRequest, needsObject},
		"empty object":  {"", "{}", http.StatusBadRequest, needsObject},
		"blank query":   {"", `{"query":" \n","variables":{"p":"` + canary + `"}}`, http.StatusBadRequest, needsObject},
		"number":        {"", `{"query":5,"operationName":"` + canary + `"}`, http.StatusBadRequest, needsObject},
		"variables":     {"", `{"query":"{viewer{username}}","variables":["` + canary + `"]}`, http.StatusBadRequest, needsObject},
	}
	f := newFixture(t, fixtureConfig{})
	for name, tt := range tests {
		for _, token := range []string{"", f.tokenFor(t, ana)} {
			a := f.send(t, request{contentType: tt.contentType, token: token, body: tt.body})
			message := tt.message
			if token == "" { // only a login is of use
				message = strings.Replace(message, "128 kB", "8 kB", 1)
			}
			if a.status != tt.status || a.Data != nil || strings.Contains(a.body, canary) {
				t.Errorf("%s = %d %s, want %d without data or parts of the request", name, a.status, a.body, tt.status)
			}
			wantError(t, name, a, "BAD_USER_INPUT", message)
		}
	}
	if strings.Contains(f.log.String(), canary) {
		t.Errorf("the log contains what was sent: %s", f.log)
	}
}

func TestPost_InvalidDocuments(t *testing.T) {
	t.Parallel()
	const syntax, invalid = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"
	tests := map[string]struct {
		document  string
		variables map[string]any
		status    int
		code      string
	}{
		"not closed":        {`{viewer{username}`, nil, http.StatusBadRequest, syntax},
		"no GraphQL":        {`SELECT 1`, nil, http.StatusBadRequest, syntax},
		"too many tokens":   {"{" + strings.Repeat("viewer{username}", 501) + "}", nil, http.StatusUnprocessableEntity, "QUERY_TOO_COMPLEX"},
		"unknown field":     {`{unknown}`, nil, http.StatusUnprocessableEntity, invalid},
		"unknown argument":  {`{clients(last:1){totalCount}}`, nil, http.StatusUnprocessableEntity, invalid},
		"fragment alone":    {`fragment F on Query{viewer{username}}`, nil, http.StatusUnprocessableEntity, invalid},
		"missing variable":  {`query($id:Int!){plan(planId:$id){name}}`, nil, http.StatusUnprocessableEntity, "BAD_USER_INPUT"},
		"variable's type":   {`query($id:Int!){plan(planId:$id){name}}`, map[string]any{"id": "x"}, http.StatusUnprocessableEntity, "BAD_USER_INPUT"},
		"endless fragments": {`{...F} fragment F on Query{...F}`, nil, http.StatusUnprocessableEntity, invalid},
	}
	f := newFixture(t, fixtureConfig{})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := f.runWith(t, tt.document, tt.variables)
			if a.status != tt.status || a.Data != nil || len(a.Errors) == 0 || a.Errors[0].Extensions.Code != tt.code {
				t.Errorf("%.60s = %d %s, want %d %s without data", tt.document, a.status, a.body, tt.status, tt.code)
			}
		})
	}
}

func TestPost_LongestDocument(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	const most = 1984 // zones, which make 2,000 tokens
	f.data(t, "{clients(filter:{zoneId:["+strings.Repeat("1 ", most)+"]}){totalCount}}")
	document := "{clients(filter:{zoneId:[" + strings.Repeat("1 ", most+1) + "]}){totalCount}}"
	wantError(t, "one token more", f.run(t, document), "QUERY_TOO_COMPLEX", "The query exceeds the maximum of 2000 tokens.")
}

func TestPost_MaximumOfErrors(t *testing.T) {
	t.Parallel()
	var document strings.Builder
	for n := range 50 {
		fmt.Fprintf(&document, " unknown%d", n)
	}
	f := newFixture(t, fixtureConfig{})
	if a := f.run(t, "{viewer{"+document.String()+"}}"); len(a.Errors) != 20 {
		t.Errorf("50 unknown fields return %d errors, want 20", len(a.Errors))
	}
}

func TestPost_ContentTypes(t *testing.T) {
	t.Parallel()
	const viewer, invalid = `{viewer{username}}`, `{unknown}`
	tests := map[string]struct {
		accept, document, want string
	}{
		"not asked for":     {"", viewer, plainJSON},
		"anything":          {"*/*", viewer, plainJSON},
		"JSON":              {"application/json", viewer, plainJSON},
		"GraphQL":           {"application/graphql-response+json", viewer, graphqlJSON},
		"GraphQL preferred": {"application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", viewer, graphqlJSON},
		"GraphQL as good":   {"application/json, application/graphql-response+json", viewer, graphqlJSON},
		"JSON preferred":    {"application/graphql-response+json;q=0.5, application/json", viewer, plainJSON},
		"GraphQL refused":   {"application/graphql-response+json;q=0, */*", viewer, plainJSON},
		"application":       {"text/html, application/*;q=0.1", viewer, plainJSON},
		"a q like no other": {"application/json;q=7", viewer, plainJSON},
		"an error":          {"application/graphql-response+json", invalid, graphqlJSON},
		"an error as JSON":  {"application/json", invalid, plainJSON},
	}
	f := newFixture(t, fixtureConfig{})
	for name, tt := range tests {
		a := f.send(t, request{accept: tt.accept, token: f.tokenFor(t, ana), body: operation(t, tt.document, nil)})
		if got := a.header.Get("Content-Type"); got != tt.want {
			t.Errorf("%s: Content-Type = %q, want %q", name, got, tt.want)
		}
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control = %q, want no-store", name, got)
		}
		if got := a.header.Get("Content-Length"); got != fmt.Sprint(len(a.body)) {
			t.Errorf("%s: Content-Length = %q, want %d", name, got, len(a.body))
		}
	}
}

// TestPost_NotAcceptable checks that an operation does not run if the caller accepts no response
// type.
func TestPost_NotAcceptable(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for _, accept := range []string{"text/html", "application/xml, text/*", "application/json;q=0", "*/*;q=0", "nonsense"} {
		a := f.send(t, request{accept: accept, token: f.tokenFor(t, ana), body: operation(t, `{clients{totalCount}}`, nil)})
		if a.status != http.StatusNotAcceptable || a.Data != nil {
			t.Errorf("Accept: %s = %d %s, want 406", accept, a.status, a.body)
		}
		wantError(t, accept, a, "BAD_USER_INPUT", "Accept must allow application/json or application/graphql-response+json.")
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("%d upstream calls, want none", got)
	}
}

func TestPost_RequestCharset(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	for _, contentType := range []string{"application/json; charset=utf-8", "Application/JSON"} {
		a := f.send(t, request{contentType: contentType, token: f.tokenFor(t, ana), body: operation(t, `{viewer{username}}`, nil)})
		wantJSON(t, contentType, a.body, `{"data":{"viewer":{"username":"ana"}}}`)
	}
}

func TestPost_DisconnectedCaller(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	sent := request{token: f.tokenFor(t, ana), body: operation(t, `{viewer{username}}`, nil)}.build(t, f.server.URL)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	recorder := httptest.NewRecorder()
	f.handler.ServeHTTP(recorder, sent.WithContext(ctx))
	if recorder.Body.Len() > 0 || f.log.String() != "" {
		t.Errorf("a disconnected caller got %q, and the log has %q, want both empty", recorder.Body, f.log)
	}
}
