package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// keysSeen is a WispHub that refuses all keys and notes which it was asked with.
type keysSeen struct {
	mu   sync.Mutex
	keys []string
}

func (k *keysSeen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = append(k.keys, r.Header.Get("Authorization"))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(`{"detail":"Usted no tiene permiso para realizar esta acción."}`))
}

func (k *keysSeen) last() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.keys) == 0 {
		return ""
	}
	return k.keys[len(k.keys)-1]
}

// A key that is replaced in its file is used without a restart; one that cannot be a key is not. The audit has each, and the
// log none.
func TestKeyFileChanges(t *testing.T) {
	t.Parallel()
	path, upstream, log := filepath.Join(t.TempDir(), "key"), &keysSeen{}, &logBuffer{}
	write := func(content string) {
		t.Helper()
		next := path + ".new"
		if err := os.WriteFile(next, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, path); err != nil {
			t.Fatal(err)
		}
	}
	write("first-canary\n")
	s, a := startLoggedApp(t, upstream, map[string]string{"WISPHUB_NET_KEY": "", "WISPHUB_NET_KEY_FILE": path, "API_PASSWORD_HASH": testHash}, log)
	s.login("ana", "a password")
	ask := func() string {
		s.query(`{ zones { name } }`, nil)
		return upstream.last()
	}
	if got := ask(); got != "Api-Key first-canary" {
		t.Errorf("the first call went with %q", got)
	}
	for i, content := range []string{"not a key", "second-canary\n", "", "third-canary"} {
		write(content)
		a.key.look()
		a.key.look() // it has settled
		want := []string{"first-canary", "second-canary", "second-canary", "third-canary"}[i]
		if got := ask(); got != "Api-Key "+want {
			t.Errorf("after %q a call went with %q, want %s", content, got, want)
		}
	}
	var outcomes []string
	for _, line := range allAuditLines(log) {
		if strings.Contains(line, "action=upstreamKey user=facade") {
			_, outcome, _ := strings.Cut(line, "outcome=")
			outcome, _, _ = strings.Cut(outcome, " request_id")
			outcomes = append(outcomes, outcome)
		}
	}
	refused := `"refused, or its user lacks a permission"`
	if want := []string{"loaded", refused, "unusable", "changed", refused, "unusable", "changed", refused}; !slices.Equal(outcomes, want) {
		t.Errorf("the audit says %q, want %q", outcomes, want)
	}
	if strings.Contains(log.String(), "canary") {
		t.Error("the log holds a key")
	}
}

// The file is looked at while the facade runs.
func TestKeyFileIsWatched(t *testing.T) {
	t.Parallel()
	path, upstream := filepath.Join(t.TempDir(), "key"), &keysSeen{}
	if err := os.WriteFile(path, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := startLoggedApp(t, upstream, map[string]string{"WISPHUB_NET_KEY": "", "WISPHUB_NET_KEY_FILE": path, "API_PASSWORD_HASH": testHash}, &logBuffer{})
	s.login("ana", "a password")
	time.Sleep(10 * time.Millisecond) // so that the file has another time
	if err := os.WriteFile(path, []byte("second"), 0o600); err != nil {
		t.Fatal(err)
	}
	poll(t, "calls go with the new key", func() bool {
		s.query(`{ zones { name } }`, nil)
		return upstream.last() == "Api-Key second"
	})
}
