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

// requestID is the id of all requests. In production, package httpserver sets it.
const requestID = "request-7"

// answer is an HTTP response.
type answer struct {
	status int
	header http.Header
	body   string

	Data   json.RawMessage `json:"data"`
	Errors []responseError `json:"errors"`
}

// responseError is an error of a response.
type responseError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code       string   `json:"code"`
		Field      []string `json:"field"`
		RequestID  string   `json:"requestId"`
		RetryAfter int      `json:"retryAfter"`
	} `json:"extensions"`
}

// request is an HTTP request. With empty fields it is a valid request without a token.
type request struct {
	method      string
	contentType string
	accept      string
	token       string
	body        string
}

// send sends the request and reads the answer, which must be JSON.
func (f *fixture) send(t testing.TB, r request) *answer {
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
	leaks.Check(string(body))
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

// run runs a document as ana.
func (f *fixture) run(t testing.TB, document string) *answer {
	t.Helper()
	return f.runWith(t, document, nil)
}

// runWith runs a document with variables as ana.
func (f *fixture) runWith(t testing.TB, document string, variables map[string]any) *answer {
	t.Helper()
	return f.send(t, request{token: f.tokenFor(t, ana), body: operation(t, document, variables)})
}

// data runs a document as ana and returns its data. An error fails the test.
func (f *fixture) data(t testing.TB, document string) string {
	t.Helper()
	a := f.run(t, document)
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

// into decodes JSON.
func into[T any](t testing.TB, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return value
}

// wantJSON compares JSON. It ignores spaces between tokens, but not the order of members.
func wantJSON(t testing.TB, name, got, want string) {
	t.Helper()
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		t.Fatalf("%s: invalid JSON wanted: %v", name, err)
	}
	if got != compact.String() {
		t.Errorf("%s =\n%s, want\n%s", name, got, &compact)
	}
}

// wantError expects exactly one error with the code, the message, the path of input fields and the
// request id.
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
	if got.Extensions.RequestID != requestID {
		t.Errorf("%s: requestId = %q, want %q", name, got.Extensions.RequestID, requestID)
	}
}

// wantPath expects exactly one error, at the path.
func wantPath(t testing.TB, name string, a *answer, path ...any) {
	t.Helper()
	if len(a.Errors) != 1 || fmt.Sprint(a.Errors[0].Path...) != fmt.Sprint(path...) {
		t.Errorf("%s = %d %s, want one error at %v", name, a.status, a.body, path)
	}
}

// operationNamed returns the body of a request with a document that has several operations.
func operationNamed(t testing.TB, name, document string, variables map[string]any) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"operationName": name, "query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
