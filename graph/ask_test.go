package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// askedID is the request id of everything that is asked; package main sees to it in the real thing.
const askedID = "request-7"

// answer is what came back over HTTP.
type answer struct {
	status int
	header http.Header
	body   string

	Data   json.RawMessage `json:"data"`
	Errors []shownError    `json:"errors"`
}

// shownError is an error as callers see it.
type shownError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code       string   `json:"code"`
		Field      []string `json:"field"`
		RequestID  string   `json:"requestId"`
		RetryAfter int      `json:"retryAfter"`
	} `json:"extensions"`
}

// request is one HTTP request. Empty fields are those of a good one by nobody.
type request struct {
	method      string
	contentType string
	accept      string
	token       string
	body        string
}

// send sends the request and reads the answer, which must be JSON.
func (f *face) send(t testing.TB, r request) *answer {
	t.Helper()
	response, err := f.server.Client().Do(r.build(t, f.server.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	spills.Check(string(body))
	a := &answer{status: response.StatusCode, header: response.Header, body: string(body)}
	if err := json.Unmarshal(body, a); err != nil {
		t.Fatalf("%s answered %q: %v", r.body, body, err)
	}
	return a
}

func (r request) build(t testing.TB, url string) *http.Request {
	t.Helper()
	if r.method == "" {
		r.method = http.MethodPost
	}
	built, err := http.NewRequestWithContext(t.Context(), r.method, url, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	if r.contentType == "" {
		r.contentType = "application/json"
	}
	built.Header.Set("Content-Type", r.contentType)
	if r.accept != "" {
		built.Header.Set("Accept", r.accept)
	}
	if r.token != "" {
		built.Header.Set("Authorization", "Bearer "+r.token)
	}
	return built
}

// ask runs a document as ana.
func (f *face) ask(t testing.TB, document string) *answer {
	t.Helper()
	return f.askWith(t, document, nil)
}

// askWith runs a document with variables as ana.
func (f *face) askWith(t testing.TB, document string, variables map[string]any) *answer {
	t.Helper()
	return f.send(t, request{token: f.tokenOf(t, ana), body: operation(t, document, variables)})
}

// data runs a document as ana and returns its data; any error fails the test.
func (f *face) data(t testing.TB, document string) string {
	t.Helper()
	a := f.ask(t, document)
	if a.status != http.StatusOK || len(a.Errors) > 0 {
		t.Fatalf("%s = %d %s, want data", document, a.status, a.body)
	}
	return string(a.Data)
}

// operation returns the body of a request.
func operation(t testing.TB, document string, variables map[string]any) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// into decodes a text of JSON.
func into[T any](t testing.TB, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return value
}

// wantJSON compares texts of JSON without regard to spaces between tokens, but to the order of members.
func wantJSON(t testing.TB, name, got, want string) {
	t.Helper()
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		t.Fatalf("the JSON that %s wants: %v", name, err)
	}
	if got != compact.String() {
		t.Errorf("%s =\n%s, want\n%s", name, got, &compact)
	}
}

// wantError demands exactly one error with the code, the message and the path of input fields, and the request's id.
func wantError(t testing.TB, name string, a *answer, code, message string, field ...string) {
	t.Helper()
	if len(a.Errors) != 1 {
		t.Errorf("%s = %d %s, want one error %s", name, a.status, a.body, code)
		return
	}
	got := a.Errors[0]
	if got.Extensions.Code != code || got.Message != message || !slices.Equal(got.Extensions.Field, field) {
		t.Errorf("%s = %s %q %q, want %s %q %q", name, got.Extensions.Code, got.Message, got.Extensions.Field, code, message, field)
	}
	if got.Extensions.RequestID != askedID {
		t.Errorf("%s: requestId = %q, want %q", name, got.Extensions.RequestID, askedID)
	}
}

// wantPath demands that the only error be at this path.
func wantPath(t testing.TB, name string, a *answer, path ...any) {
	t.Helper()
	if len(a.Errors) != 1 || fmt.Sprint(a.Errors[0].Path...) != fmt.Sprint(path...) {
		t.Errorf("%s = %d %s, want one error at %v", name, a.status, a.body, path)
	}
}

// operationNamed is operation for a document that has several.
func operationNamed(t testing.TB, name, document string, variables map[string]any) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"operationName": name, "query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
