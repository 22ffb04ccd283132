package wisphub

import (
	"net/http"
	"strings"
	"testing"
)

// TestKeyIsStruckOut: a proxy that repeats the request in its error must not bring the key into our log.
func TestKeyIsStruckOut(t *testing.T) {
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

// TestNoiseIsNotRepeated: net/http quotes what is no HTTP.
func TestNoiseIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, noise := range []string{
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
			_, _ = conn.Write([]byte(noise))
			_ = conn.Close()
		})
		if _, err := api.Zones.List(t.Context()); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("List() after %q = %v, want an error that does not repeat it", noise, err)
		}
	}
}
