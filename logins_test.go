package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// from is the header of a caller behind a proxy that is trusted.
func from(address string) http.Header { return http.Header{"X-Forwarded-For": {address}} }

var behindAProxy = map[string]string{"TRUSTED_PROXIES": "127.0.0.1"}

// TestFacesCountFailuresTogether: who has guessed over one face has to wait at the other, whether or not there is such a user,
// and learns how long.
func TestFacesCountFailuresTogether(t *testing.T) {
	t.Parallel()
	for _, username := range []string{"ana", "nobody"} {
		log := &logBuffer{}
		s, _ := startLoggedApp(t, http.NotFoundHandler(), behindAProxy, log)
		for n := range 5 {
			face := []string{"GraphQL", "REST"}[n%2]
			if body := s.tryLogin(face, username, "a canary", from("198.51.100.7")); !strings.Contains(body, "Incorrect username or password.") {
				t.Errorf("guess %d at %s over %s = %s, want it refused as wrong", n+1, username, face, body)
			}
		}
		body := s.tryLogin("GraphQL", username, "a password", from("203.0.113.9"))
		if !strings.Contains(body, `"message":"Too many requests."`) || !strings.Contains(body, `"code":"RATE_LIMITED"`) ||
			!strings.Contains(body, `"retryAfter":1`) {
			t.Errorf("GraphQL: after five guesses at %s %s, want RATE_LIMITED with retryAfter", username, body)
		}
		header := from("203.0.113.9")
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		status, answer, body := s.do(http.MethodPost, "/api/v1/auth/token", "username="+username+"&password=a+password", header)
		if status != http.StatusTooManyRequests || answer.Get("Retry-After") != "1" || body != `{"detail":"Too many requests."}`+"\n" {
			t.Errorf("REST: after five guesses at %s %d %q, Retry-After %q, want 429 and 1", username, status, body, answer.Get("Retry-After"))
		}
		lines := auditLines(log)
		if len(lines) != 7 || !strings.Contains(lines[6], `outcome="too many attempts"`) {
			t.Errorf("the audit lines are %q, want seven", lines)
		}
		if strings.Contains(log.String(), "canary") || strings.Contains(log.String(), "field failed") {
			t.Errorf("the log holds more than it should: %s", log)
		}
	}
}

// TestReplicasCountFailuresTogether over a real store.
func TestReplicasCountFailuresTogether(t *testing.T) {
	t.Parallel()
	_, first, second := sharing(t, behindAProxy)
	for n := range 5 {
		first.tryLogin("REST", "nobody", "a canary", from(fmt.Sprintf("198.51.100.%d", n)))
	}
	body := ""
	for range 4 { // which would be free if this one had not heard
		if body = second.tryLogin("GraphQL", "nobody", "a canary", from("203.0.113.9")); strings.Contains(body, "RATE_LIMITED") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("after five guesses at the other replica: %s, want RATE_LIMITED", body)
}
