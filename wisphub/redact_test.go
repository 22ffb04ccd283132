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
	if err == nil || strings.Contains(err.Error(), testKey) || !strings.Contains(err.Error(), "[key]") {
		t.Errorf("List() = %v, want the refusal without the key", err)
	}
}
