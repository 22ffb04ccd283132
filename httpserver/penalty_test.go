package httpserver

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

// startPenalty serves 405 at /refused and 200 elsewhere. It returns a function that sends a
// request on the one connection, and returns how long the answer took.
func startPenalty(t *testing.T, penalty *Penalty) func(path string) time.Duration {
	t.Helper()
	handler := penalty.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	}))
	limit := NewConnLimit(ConnLimitConfig{Max: 10, MaxPerAddress: 10, Logger: slog.New(slog.DiscardHandler)})
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnContext = limit.ConnContext
	server.Start()
	t.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	t.Cleanup(client.CloseIdleConnections)
	return func(path string) time.Duration {
		t.Helper()
		start := time.Now()
		response, err := client.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		return time.Since(start)
	}
}

func TestPenalty_DelaysTheNextRequest(t *testing.T) {
	t.Parallel()
	get := startPenalty(t, &Penalty{Delay: 300 * time.Millisecond})
	for range FreeRefusals + 1 {
		if took := get("/refused"); took > 200*time.Millisecond {
			t.Errorf("a refusal took %v, want it at once", took)
		}
	}
	if took := get("/refused"); took < 200*time.Millisecond {
		t.Errorf("the request after too many refusals took %v, want a delay", took)
	}
	get("/") // is delayed for the refusal before it
	if took := get("/"); took > 200*time.Millisecond {
		t.Errorf("the request after a success took %v, want no delay", took)
	}
}

func TestPenalty_ExemptsTrustedProxies(t *testing.T) {
	t.Parallel()
	get := startPenalty(t, &Penalty{Delay: time.Minute, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for range 3 * FreeRefusals {
		if took := get("/refused"); took > 30*time.Second {
			t.Fatalf("a request through a trusted proxy took %v, want no delay", took)
		}
	}
}

func TestPenalty_EndsWhenStopping(t *testing.T) {
	t.Parallel()
	stopping := make(chan struct{})
	get := startPenalty(t, &Penalty{Delay: time.Minute, Stopping: stopping})
	for range FreeRefusals + 1 {
		get("/refused")
	}
	close(stopping)
	if took := get("/"); took > 30*time.Second {
		t.Errorf("a delayed request took %v after Stopping was closed, want it at once", took)
	}
}

// Test15_4_SuccessesBetweenRefusals expects that a caller cannot avoid the penalty with a success now
// and then, such as GET /health, and that successes end it.
func Test15_4_SuccessesBetweenRefusals(t *testing.T) {
	t.Parallel()
	p := &peer{}
	delayed := func(status int) bool {
		p.delayedUntil.Store(0)
		p.record(status, time.Minute)
		return p.delayedUntil.Load() != 0
	}
	refusals, delays := 0, 0
	for n := range 60 {
		if n%(FreeRefusals+1) == FreeRefusals {
			delayed(http.StatusOK)
			continue
		}
		if refusals++; delayed(http.StatusMethodNotAllowed) {
			delays++
		}
	}
	if free := refusals - delays; free > FreeRefusals+1 {
		t.Errorf("%d of %d refusals cost no delay, want at most %d", free, refusals, FreeRefusals+1)
	}
	for range FreeRefusals + 1 {
		delayed(http.StatusOK)
	}
	for n := range FreeRefusals {
		if delayed(http.StatusMethodNotAllowed) {
			t.Errorf("refusal %d after successes cost a delay, want it free", n+1)
		}
	}
}
