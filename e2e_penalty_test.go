package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestPenalty expects refusals at once, and a delay of the next request on the same connection.
func TestPenalty(t *testing.T) {
	t.Parallel()
	s, a := startApp(t, http.NotFoundHandler(), nil)
	a.penalty.Delay = 300 * time.Millisecond
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	get := func(path string) time.Duration {
		t.Helper()
		start := time.Now()
		response, err := client.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		return time.Since(start)
	}
	for range 6 {
		if took := get("/graphql"); took > 200*time.Millisecond { // 405
			t.Errorf("a refusal took %v, want it at once", took)
		}
	}
	if took := get("/graphql"); took < 200*time.Millisecond {
		t.Errorf("the request after six refusals took %v, want a delay", took)
	}
	get("/health") // is delayed for the refusal before it
	if took := get("/health"); took > 200*time.Millisecond {
		t.Errorf("the request after a success took %v, want no delay", took)
	}
}

func TestPenalty_ExemptsTrustedProxies(t *testing.T) {
	t.Parallel()
	s, a := startApp(t, http.NotFoundHandler(), map[string]string{"TRUSTED_PROXIES": "127.0.0.1"})
	a.penalty.Delay = time.Minute
	for range 15 {
		if status, _, _ := s.do(http.MethodGet, "/graphql", "", nil); status != http.StatusMethodNotAllowed {
			t.Fatalf("GET /graphql = %d, want 405", status)
		}
	}
}

// Test15_4_RefusedEvents expects refused documents to cost a delay when the caller wants the answer
// as events, whose status is 200.
func Test15_4_RefusedEvents(t *testing.T) {
	t.Parallel()
	s, a := startApp(t, http.NotFoundHandler(), nil)
	a.penalty.Delay = 300 * time.Millisecond
	s.login("ana", "a password")
	for name, token := range map[string]string{"a stranger": "", "a user": s.token} {
		client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
		send := func() time.Duration {
			t.Helper()
			r, err := http.NewRequest(http.MethodPost, s.url+"/graphql", strings.NewReader(`{"query":"mutation{login{unknown}}"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept", "text/event-stream")
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			start := time.Now()
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if text, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(text), "event: next") {
				t.Fatalf("%s got %s, %v, want an event", name, text, err)
			}
			return time.Since(start)
		}
		for range 6 {
			send()
		}
		if took := send(); took < 200*time.Millisecond {
			t.Errorf("%s: the request after six refusals took %v, want a delay", name, took)
		}
		client.CloseIdleConnections()
	}
}
