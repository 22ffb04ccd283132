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

// keyRecorder is a WispHub that refuses every key and records it.
type keyRecorder struct {
	mu   sync.Mutex
	keys []string
}

func (k *keyRecorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = append(k.keys, r.Header.Get("Authorization"))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(`{"detail":"Usted no tiene permiso para realizar esta acción."}`))
}

func (k *keyRecorder) last() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.keys) == 0 {
		return ""
	}
	return k.keys[len(k.keys)-1]
}

// TestKeyFile_Changes expects a valid new key to be used without a restart and an invalid one to
// be ignored. The audit records both, and the log contains neither.
func TestKeyFile_Changes(t *testing.T) {
	t.Parallel()
	path, upstream, log := filepath.Join(t.TempDir(), "key"), &keyRecorder{}, &logBuffer{}
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
	query := func() string {
		s.query(`{ zones { name } }`, nil)
		return upstream.last()
	}
	if got := query(); got != "Api-Key first-canary" {
		t.Errorf("the first call was sent with %q, want first-canary", got)
	}
	for i, content := range []string{"not a key", "second-canary\n", "", "third-canary"} {
		write(content)
		a.key.check()
		a.key.check() // the file is stable
		want := []string{"first-canary", "second-canary", "second-canary", "third-canary"}[i]
		if got := query(); got != "Api-Key "+want {
			t.Errorf("with the file %q a call was sent with %q, want %s", content, got, want)
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
		t.Errorf("audit outcomes = %q, want %q", outcomes, want)
	}
	if strings.Contains(log.String(), "canary") {
		t.Errorf("log = %s, want no key in it", log)
	}
}

func TestKeyFile_IsWatched(t *testing.T) {
	t.Parallel()
	path, upstream := filepath.Join(t.TempDir(), "key"), &keyRecorder{}
	if err := os.WriteFile(path, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := startLoggedApp(t, upstream, map[string]string{"WISPHUB_NET_KEY": "", "WISPHUB_NET_KEY_FILE": path, "API_PASSWORD_HASH": testHash}, &logBuffer{})
	s.login("ana", "a password")
	time.Sleep(10 * time.Millisecond) // so that the modification time differs
	if err := os.WriteFile(path, []byte("second"), 0o600); err != nil {
		t.Fatal(err)
	}
	poll(t, "calls are sent with the new key", func() bool {
		s.query(`{ zones { name } }`, nil)
		return upstream.last() == "Api-Key second"
	})
}

// Test14_8_KeyFileOfAnotherProvider expects a key of another provider not to be used, and the data
// in memory to be served on.
func Test14_8_KeyFileOfAnotherProvider(t *testing.T) {
	t.Parallel()
	demo, other, environ := startWispHub(t, map[string]string{
		"WISPHUB_NET_KEY": "", "WISPHUB_NET_KEY_FILE": writeFile(t, oldKey, 0o600), "CACHE_DIR": filepath.Join(t.TempDir(), "kept"),
	})
	log := &logBuffer{}
	s, a := startLoggedApp(t, demo, environ, log)
	s.login("ana", testPassword)
	s.wantClients("before", 30)
	changes := 0
	change := func(key string) {
		t.Helper()
		next := environ["WISPHUB_NET_KEY_FILE"] + ".new"
		if err := os.WriteFile(next, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, environ["WISPHUB_NET_KEY_FILE"]); err != nil {
			t.Fatal(err)
		}
		changes++
		poll(t, "the new key is used", func() bool { return strings.Count(log.String(), "outcome=changed") == changes })
	}
	change(otherKey)
	if _, body := s.query("{ plans { name } }", nil); !strings.Contains(body, "UPSTREAM_UNAVAILABLE") {
		t.Errorf("plans = %s with the key of another provider, want UPSTREAM_UNAVAILABLE", body)
	}
	s.wantClients("with the key of another provider", 30)
	if got := other.Total(); got != 1 {
		t.Errorf("%d calls with the key of another provider, want one", got)
	}
	if text := log.String(); !strings.Contains(text, "belongs to another provider") || strings.Contains(text, "canary") {
		t.Errorf("log = %s, want another provider and no key in it", text)
	}
	change(newKey)
	s.query("mutation { refresh(resource: PLANS) { version } }", nil)
	if _, body := s.query("{ plans { name } }", nil); strings.Contains(body, "errors") {
		t.Errorf("plans = %s with the new key of the provider, want no error", body)
	}
	a.Close()
	environ["WISPHUB_NET_KEY"] = newKey
	delete(environ, "WISPHUB_NET_KEY_FILE")
	demo.Reset()
	if again, b := startLoggedIn(t, demo, environ); !b.ready.Load() || demo.Total() != 0 {
		t.Errorf("ready = %t after a restart with the new key and %d calls, want ready without a call", b.ready.Load(), demo.Total())
	} else {
		again.wantClients("after a restart", 30)
	}
}
