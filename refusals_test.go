package main

import (
	"io"
	"net/http"
	"testing"
	"time"
)

// Who is refused has the answer at once, and asks on that connection again a little later; who is served is not held up.
func TestConnectionsRestAfterRefusals(t *testing.T) {
	t.Parallel()
	s, a := startApp(t, http.NotFoundHandler(), nil)
	a.refusalRest = 300 * time.Millisecond
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	ask := func(path string) time.Duration {
		t.Helper()
		began := time.Now()
		response, err := client.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	for range freeRefusals + 1 {
		if took := ask("/graphql"); took > 200*time.Millisecond { // 405
			t.Errorf("a refusal took %v", took)
		}
	}
	if took := ask("/graphql"); took < 200*time.Millisecond {
		t.Errorf("the next question was answered after %v, want a rest before it", took)
	}
	ask("/health") // rests for the refusal before
	if took := ask("/health"); took > 200*time.Millisecond {
		t.Errorf("a good question was answered after %v", took)
	}
}

// The connections of a trusted proxy carry everybody: they do not rest.
func TestProxiesDoNotRest(t *testing.T) {
	t.Parallel()
	s, a := startApp(t, http.NotFoundHandler(), map[string]string{"TRUSTED_PROXIES": "127.0.0.1"})
	a.refusalRest = time.Minute
	for range 3 * freeRefusals {
		if status, _, _ := s.do(http.MethodGet, "/graphql", "", nil); status != http.StatusMethodNotAllowed {
			t.Fatalf("GET /graphql = %d", status)
		}
	}
}
