package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestMaxOperations expects a waiting query to count, and a stream and a login not to. The user is
// told that the limit is its own, and other users that it is the one in all.
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
	users := writeFile(t, "ben:"+testHash+":READ\n", 0o600)
	s, _ := startApp(t, upstream, map[string]string{"MAX_OPERATIONS": "1", "API_USERS_FILE": users})
	ben := &site{t: t, url: s.url}
	ben.login("ben", "a password")
	s.login("ana", "a password")
	s.subscribe()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.query("{ clients { totalCount } }", nil)
	}()
	<-reached
	for caller, want := range map[*site]int{s: http.StatusTooManyRequests, ben: http.StatusServiceUnavailable} {
		status, header, body := caller.do(http.MethodPost, "/graphql", `{"query":"{viewer{username}}"}`, http.Header{"Content-Type": {"application/json"}})
		if status != want || header.Get("Retry-After") != "1" || strings.Contains(body, `"data"`) ||
			!strings.Contains(body, `"code":"RATE_LIMITED"`) || !strings.Contains(body, `"retryAfter":1`) {
			t.Errorf("a second operation = %d %s, Retry-After %q, want %d, RATE_LIMITED, 1", status, body, header.Get("Retry-After"), want)
		}
		if status, _, body := caller.do(http.MethodGet, "/api/v1/internet-plans", "", nil); status != want || !strings.Contains(body, `"detail"`) {
			t.Errorf("a second operation over REST = %d %s, want %d with a detail", status, body, want)
		}
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
