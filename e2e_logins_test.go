package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// from returns the header of a caller at this address behind a trusted proxy.
func from(address string) http.Header { return http.Header{"X-Forwarded-For": {address}} }

var behindProxy = map[string]string{"TRUSTED_PROXIES": "127.0.0.1"}

// TestLoginThrottle_AcrossAPIs expects failed logins over one API to delay logins over the other,
// for existing and unknown users, with the time to wait.
func TestLoginThrottle_AcrossAPIs(t *testing.T) {
	t.Parallel()
	for _, username := range []string{"ana", "unknown"} {
		log := &logBuffer{}
		s, _ := startLoggedApp(t, http.NotFoundHandler(), behindProxy, log)
		for n := range 5 {
			api := []string{"GraphQL", "REST"}[n%2]
			if body := s.tryLogin(api, username, "a canary", from("198.51.100.7")); !strings.Contains(body, "Incorrect username or password.") {
				t.Errorf("guess %d at %s over %s = %s, want the refusal of wrong credentials", n+1, username, api, body)
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
		if status != http.StatusTooManyRequests || answer.Get("Retry-After") != "1" || body != `{"detail":"Too many requests.","error":"temporarily_unavailable"}`+"\n" {
			t.Errorf("REST: after five guesses at %s %d %q, Retry-After %q, want 429 and 1", username, status, body, answer.Get("Retry-After"))
		}
		lines := auditLines(log)
		if len(lines) != 7 || !strings.Contains(lines[6], `outcome="too many attempts"`) {
			t.Errorf("audit lines = %q, want seven, the last with too many attempts", lines)
		}
		if strings.Contains(log.String(), "canary") || strings.Contains(log.String(), "field failed") {
			t.Errorf("log = %s, want no password and no failed field", log)
		}
	}
}

func TestLoginThrottle_AcrossReplicas(t *testing.T) {
	t.Parallel()
	_, first, second := startReplicas(t, behindProxy)
	for n := range 5 {
		first.tryLogin("REST", "unknown", "a canary", from(fmt.Sprintf("198.51.100.%d", n)))
	}
	body := ""
	for range 4 { // fewer than the free failures of one replica
		if body = second.tryLogin("GraphQL", "unknown", "a canary", from("203.0.113.9")); strings.Contains(body, "RATE_LIMITED") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("after five guesses at the other replica: %s, want RATE_LIMITED", body)
}
