package wisphub

import (
	"net/http"
	"strings"
	"testing"
)

// A proxy may repeat the request in its error. The key must not get into the log.
func TestError_KeyIsRedacted(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"detail": "no: ` + r.Header.Get("Authorization") + `"}`))
	})
	_, err := api.Zones.List(t.Context())
	if err == nil || strings.Contains(err.Error(), testKey) || !strings.Contains(err.Error(), "text withheld, keys: detail") {
		t.Errorf("List() = %v, want the refusal without the key", err)
	}
}

// Package net/http quotes answers that are not HTTP. Errors must not.
func TestError_DoesNotQuoteTheNetwork(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"canary\r\n\r\n", "HTTP/1.1 canary\r\n\r\n", "HTTP/1.1 200 OK\r\ncanary\r\n\r\n", "HTTP/1.1 200 OK\r\n canary\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: canary\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n", "HTTP/1.1 101 canary\r\n\r\ncanary",
	} {
		api, mux := setup(t)
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = conn.Write([]byte(answer))
			_ = conn.Close()
		})
		if _, err := api.Zones.List(t.Context()); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("List() after %q = %v, want an error that does not quote it", answer, err)
		}
	}
}
