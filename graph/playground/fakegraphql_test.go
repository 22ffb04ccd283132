package playground_test

import (
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"wisphub-graphql/graph/playground"
)

const (
	token = "the-token-of-the-test"

	loggedIn     = `{"data":{"login":{"accessToken":"` + token + `","expiresAt":"2030-01-02T15:04:05-05:00"}}}`
	refused      = `{"errors":[{"message":"Incorrect username or password.","extensions":{"code":"UNAUTHENTICATED"}}],"data":null}`
	throttled    = `{"errors":[{"message":"Too many requests.","extensions":{"code":"RATE_LIMITED","retryAfter":30}}],"data":null}`
	unauthorized = `{"errors":[{"message":"Could not validate credentials.","extensions":{"code":"UNAUTHENTICATED"}}]}`
	greeting     = `{"data":{"greeting":"good morning"}}`
	ticks        = ":\n\nevent: next\ndata: {\"data\":{\"ticks\":\"one\"}}\n\nevent: next\ndata: {\"data\":{\"ticks\":\"two\"}}\n\nevent: complete\ndata:\n\n"
)

//go:embed testdata/introspection.json
var introspection string

// fakeGraphQL is a fake API with the user ana and the password secret. It serves a schema, one
// query and one subscription.
type fakeGraphQL struct {
	expired      atomic.Bool   // reject every token
	unauthorized atomic.Int32  // requests refused so far
	loggedOut    chan struct{} // receives once per logout
}

// newPage serves the playground and a fake API. It returns the server's URL.
func newPage(t *testing.T) (*fakeGraphQL, string) {
	t.Helper()
	fake := &fakeGraphQL{loggedOut: make(chan struct{}, 1)}
	mux := http.NewServeMux()
	mux.Handle("/", playground.Handler())
	mux.Handle("POST /graphql", fake)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return fake, server.URL
}

func (f *fakeGraphQL) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Query     string
		Variables struct{ Username, Password string }
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if strings.Contains(request.Query, "mutation Login") {
		io.WriteString(w, login(request.Variables.Username, request.Variables.Password))
		return
	}
	if f.expired.Load() || r.Header.Get("Authorization") != "Bearer "+token {
		f.unauthorized.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, unauthorized)
		return
	}
	f.answer(w, request.Query)
}

func login(username, password string) string {
	switch {
	case username == "bot":
		return throttled
	case username == "ana" && password == "secret":
		return loggedIn
	}
	return refused
}

func (f *fakeGraphQL) answer(w http.ResponseWriter, query string) {
	switch {
	case strings.Contains(query, "IntrospectionQuery"):
		io.WriteString(w, introspection)
	case strings.Contains(query, "subscription"):
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, ticks)
	case strings.Contains(query, "logout"):
		f.loggedOut <- struct{}{}
		io.WriteString(w, `{"data":{"logout":true}}`)
	default:
		io.WriteString(w, greeting)
	}
}
