package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestMaxOperations expects a waiting query to take a slot, and a stream and a login to take none.
func TestMaxOperations(t *testing.T) {
	t.Parallel()
	simulator, reached, release := newRunningTask(t), make(chan struct{}, 8), make(chan struct{})
	upstream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/clientes/") {
			reached <- struct{}{}
			<-release
		}
		simulator.ServeHTTP(w, r)
	})
	s, _ := startApp(t, upstream, map[string]string{"MAX_OPERATIONS": "1"})
	s.login("ana", "a password")
	s.subscribe()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.query("{ clients { totalCount } }", nil)
	}()
	<-reached
	status, header, body := s.do(http.MethodPost, "/graphql", `{"query":"{viewer{username}}"}`, http.Header{"Content-Type": {"application/json"}})
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") != "1" || strings.Contains(body, `"data"`) ||
		!strings.Contains(body, `"code":"RATE_LIMITED"`) || !strings.Contains(body, `"retryAfter":1`) {
		t.Errorf("a second operation = %d %s, Retry-After %q, want 503, RATE_LIMITED, 1", status, body, header.Get("Retry-After"))
	}
	another := &site{t: t, url: s.url}
	if _, body := another.query(`mutation { login(username: "ana", password: "a password") { tokenType } }`, nil); !strings.Contains(body, "bearer") {
		t.Errorf("a login = %s, want a token", body)
	}
	close(release)
	<-answered
	if _, body := s.query("{ viewer { username } }", nil); !strings.Contains(body, "ana") {
		t.Errorf("viewer after the first operation = %s, want an answer", body)
	}
}
