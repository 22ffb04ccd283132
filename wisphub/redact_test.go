package wisphub

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// The next call uses the new key. Neither key appears in errors.
func TestAPI_SetKey(t *testing.T) {
	t.Parallel()
	var used atomic.Value
	var refusals atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		used.Store(r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"detail": "first-key and second-key"}`))
	}))
	t.Cleanup(server.Close)
	api, err := New(Config{Host: server.URL, Key: "first-key", OnForbidden: func() { refusals.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	for _, key := range []string{"first-key", "second-key", "first-key", "second-key"} {
		api.SetKey(key)
		_, err := api.Zones.List(t.Context())
		if got := used.Load(); got != "Api-Key "+key {
			t.Errorf("Authorization = %v, want the key %s", got, key)
		}
		if err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("Zones.List = %v, want an error without the key", err)
		}
	}
	if _, err := api.Zones.List(t.Context()); err == nil || strings.Contains(err.Error(), "first-key") || refusals.Load() != 5 {
		t.Errorf("Zones.List = %v after %d refusals, want an error without the old key after 5", err, refusals.Load())
	}
}

func TestKeyRing_Bounded(t *testing.T) {
	t.Parallel()
	var ring keyRing
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			ring.set(strings.Repeat("k", i%20+1))
			_, _ = ring.current(), ring.redact("kkk")
		})
	}
	group.Wait()
	if len(ring.keys) > maxKeys {
		t.Errorf("the ring holds %d keys, want at most %d", len(ring.keys), maxKeys)
	}
}
