package wisphub

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A new key is used from the next call on, and neither it nor the old one gets into errors.
func TestSetKey(t *testing.T) {
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
			t.Errorf("the call went with %v, want %s", got, key)
		}
		if err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("the error is %v, want one without the key", err)
		}
	}
	if _, err := api.Zones.List(t.Context()); err == nil || strings.Contains(err.Error(), "first-key") || refusals.Load() != 5 {
		t.Errorf("the error is %v after %d refusals, want one without the old key after 5", err, refusals.Load())
	}
}

func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	var k keyRing
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			k.set(strings.Repeat("k", i%20+1))
			_, _ = k.current(), k.redact("kkk")
		})
	}
	group.Wait()
	if len(k.keys) > maxKeys {
		t.Errorf("%d keys are kept", len(k.keys))
	}
}
