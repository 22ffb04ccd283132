package wisphub

import (
	"errors"
	"net/http"
	"path"
	"strings"
	"testing"
)

// Ids of tasks are opaque. One that WispHub cannot have given costs no call.
func Test13_11_TaskIDsAreOpaque(t *testing.T) {
	t.Parallel()
	for id, sent := range map[string]bool{
		taskID: true, strings.ToUpper(taskID): true, "7": true, "a_B-9": true, strings.Repeat("x", 64): true,
		strings.Repeat("x", 65): false, "": false, "a b": false, "a/b": false, "..": false, "a.b": false, "a%2Fb": false,
		"ñ": false, "a\n": false, "a?limit=1": false, "\x00": false,
	} {
		calls := 0
		api := open(t, Config{Host: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls++
			if path.Base(r.URL.Path) != id {
				t.Errorf("path = %s, want the id %q as it is", r.URL.Path, id)
			}
			reply(200, jsonType, `{"task": {"status": "PENDING"}}`)(w, r)
		}))})
		_, err := api.Tasks.Get(t.Context(), id)
		if sent != (calls == 1) || sent != (err == nil) || !sent && !errors.Is(err, ErrNotFound) {
			t.Errorf("Tasks.Get(%q) = %v after %d calls, want it sent: %t", id, err, calls, sent)
		}
	}
}
