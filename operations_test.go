package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestOperationsAreCounted: one that waits for the upstream takes a place; a stream and a login take none.
func TestOperationsAreCounted(t *testing.T) {
	t.Parallel()
	simulator, reached, release := newTask(t), make(chan struct{}, 8), make(chan struct{})
	upstream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/clientes/") {
			reached <- struct{}{}
			<-release
		}
		simulator.ServeHTTP(w, r)
	})
	s, _ := startApp(t, upstream, map[string]string{"MAX_OPERATIONS": "1"})
	s.login("ana", "a password")
	s.watch()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.query("{ clients { totalCount } }", nil)
	}()
	<-reached
	status, header, body := s.do(http.MethodPost, "/graphql", `{"query":"{viewer{username}}"}`, http.Header{"Content-Type": {"application/json"}})
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") != "1" || strings.Contains(body, `"data"`) ||
		!strings.Contains(body, `"code":"RATE_LIMITED"`) || !strings.Contains(body, `"retryAfter":1`) {
		t.Errorf("one operation too many = %d %s, Retry-After %q, want 503, RATE_LIMITED, 1", status, body, header.Get("Retry-After"))
	}
	another := &site{t: t, url: s.url}
	if _, body := another.query(`mutation { login(username: "ana", password: "a password") { tokenType } }`, nil); !strings.Contains(body, "bearer") {
		t.Errorf("a login beside it = %s, want a token", body)
	}
	close(release)
	<-answered
	if _, body := s.query("{ viewer { username } }", nil); !strings.Contains(body, "ana") {
		t.Errorf("after the first has ended: %s, want an answer", body)
	}
}
