package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// startStopped is startApp for an app that the test closes itself.
func startStopped(t *testing.T, upstream http.Handler, changes map[string]string) (*site, *app) {
	t.Helper()
	s, a := startApp(t, upstream, changes)
	s.login("ana", "a password")
	return s, a
}

// keeping starts a WispHub and returns it with the environment of a facade of it that keeps its data in a folder.
func keeping(t *testing.T, clients int) (*wisphubtest.Server, map[string]string) {
	t.Helper()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: clients, Seed: 1})
	server := httptest.NewServer(simulator)
	t.Cleanup(server.Close)
	t.Cleanup(simulator.Close)
	return simulator, map[string]string{
		"WISPHUB_NET_HOST": server.URL, "CACHE_DIR": filepath.Join(t.TempDir(), "kept"), "API_PASSWORD_HASH": testHash,
	}
}

type cacheAnswers struct {
	Facade struct {
		RequestsLastHour int
		Caches           []struct {
			Name    string
			Entries int
			Stale   bool
			AsOf    *time.Time
		}
	}
}

func (c cacheAnswers) stale(t *testing.T, name string) (stale bool, asOf time.Time) {
	t.Helper()
	for _, cache := range c.Facade.Caches {
		if cache.Name == name && cache.AsOf != nil {
			return cache.Stale, *cache.AsOf
		}
	}
	t.Fatalf("the cache %q is empty: %+v", name, c)
	return false, time.Time{}
}

const cachesQuery = "{ facade { requestsLastHour caches { name entries stale asOf } } }"

// What one process knew and spent the next one serves at once, as stale, and remembers, though WispHub is down.
func TestWarmRestart(t *testing.T) {
	t.Parallel()
	simulator, environ := keeping(t, 700)
	const ask = "{ clients(first: 3) { totalCount nodes { name balance installedAt plan { name price } zone { name } } } plans { name } zones { name } staff { name } tickets { totalCount nodes { subject } } }"
	first, a := startStopped(t, simulator, environ)
	_, want := first.query(ask, nil)
	var before cacheAnswers
	first.query(cachesQuery, &before)
	a.Close()

	simulator.SetFaults(wisphubtest.Faults{Down: true})
	second, b := startStopped(t, simulator, environ)
	if !b.ready.Load() {
		t.Error("not ready, though a saved directory is loaded")
	}
	var after cacheAnswers
	second.query(cachesQuery, &after)
	if after.Facade.RequestsLastHour != before.Facade.RequestsLastHour {
		t.Errorf("%d calls in the last hour, want the %d of before", after.Facade.RequestsLastHour, before.Facade.RequestsLastHour)
	}
	_, asOfBefore := before.stale(t, "clients")
	if stale, asOf := after.stale(t, "clients"); !stale || !asOf.Equal(asOfBefore) {
		t.Errorf("the directory is stale %t as of %v, want it stale as of %v", stale, asOf, asOfBefore)
	}
	if _, got := second.query(ask, nil); got != want {
		t.Errorf("after the restart %s, want %s", got, want)
	}
	b.Close()
	wantPrivate(t, environ["CACHE_DIR"])

	simulator.SetFaults(wisphubtest.Faults{})
	third, _ := startStopped(t, simulator, environ)
	third.query("{ clients { totalCount } }", nil) // meets what is stale, and has it read again
	poll(t, "the directory is read again", func() bool {
		var now cacheAnswers
		third.query(cachesQuery, &now)
		stale, _ := now.stale(t, "clients")
		return !stale
	})
}

// wantPrivate checks that nobody else may read what is kept, and that no secret is in it.
func wantPrivate(t *testing.T, folder string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files are kept, %v", len(files), err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v, want 0600", file.Name(), info.Mode(), err)
		}
	}
}

// poll looks until it is so, and fails after ten seconds.
func poll(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within ten seconds: %s", what)
		}
	}
}

// What was kept for one key is not served with another.
func TestRestartWithAnotherKey(t *testing.T) {
	t.Parallel()
	simulator, environ := keeping(t, 30)
	s, a := startStopped(t, simulator, environ)
	s.query("{ clients { totalCount } }", nil)
	a.Close()
	environ["WISPHUB_NET_KEY"] = strings.ToUpper(wisphubtest.Key)
	other, b := startStopped(t, simulator, environ)
	if b.ready.Load() {
		t.Error("ready with another provider's directory")
	}
	if _, body := other.query("{ clients { totalCount } }", nil); !strings.Contains(body, "UPSTREAM_UNAVAILABLE") {
		t.Errorf("clients = %s with a key that WispHub refuses, want nothing", body)
	}
}

// A file that was damaged is left out, and the server serves.
func TestRestartWithADamagedFile(t *testing.T) {
	t.Parallel()
	simulator, environ := keeping(t, 30)
	s, a := startStopped(t, simulator, environ)
	s.query("{ clients { totalCount } }", nil)
	a.Close()
	files, err := filepath.Glob(filepath.Join(environ["CACHE_DIR"], "*.snapshot"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files kept: %v, %v", files, err)
	}
	for _, file := range files {
		if err := os.WriteFile(file, []byte("half of it"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, _ := startStopped(t, simulator, environ)
	if _, body := again.query("{ clients { totalCount } }", nil); body != `{"data":{"clients":{"totalCount":30}}}` {
		t.Errorf("clients = %s", body)
	}
}

func TestCacheDirThatCannotBe(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "not a folder", 0o600)
	settings, _, err := loadSettings(map[string]string{
		"WISPHUB_NET_KEY": wisphubtest.Key, "JWT_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
		"API_USERNAME": "ana", "API_PASSWORD_HASH": testHash, "CACHE_DIR": filepath.Join(file, "kept"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newApp(settings, slog.New(slog.DiscardHandler), nil, false); err == nil || !strings.Contains(err.Error(), "CACHE_DIR") {
		t.Errorf("newApp = %v, want an error that names CACHE_DIR", err)
	}
}

// The budget that is spent is said so, with the time to wait.
func TestBudgetSpent(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 30, Seed: 1})
	t.Cleanup(simulator.Close)
	s, _ := startStopped(t, simulator, map[string]string{"UPSTREAM_MINUTE_LIMIT": "2", "API_PASSWORD_HASH": testHash})
	s.query("{ zones { name } }", nil)
	s.query("{ staff { name } }", nil)
	_, body := s.query("{ plans { name } }", nil)
	if !strings.Contains(body, `"code":"RATE_LIMITED"`) || !strings.Contains(body, `"retryAfter":6`) ||
		!strings.Contains(body, "Unable to fetch plan data") {
		t.Errorf("plans = %s, want RATE_LIMITED with about a minute", body)
	}
	if got := simulator.Total(); got != 2 {
		t.Errorf("%d calls, want the 2 that are allowed", got)
	}
}

// Who comes to wait for what waits for the budget behind the scenes is told so, and not kept waiting.
func TestBudgetSpentBehindTheScenes(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 700, Seed: 1})
	t.Cleanup(simulator.Close)
	s, a := startStopped(t, simulator, map[string]string{"UPSTREAM_MINUTE_LIMIT": "1", "API_PASSWORD_HASH": testHash})
	s.query("{ zones { name } }", nil)
	a.warmUp(0)
	began := time.Now()
	_, body := s.query("{ clients { totalCount } }", nil)
	if took := time.Since(began); took > 5*time.Second || !strings.Contains(body, `"code":"RATE_LIMITED"`) {
		t.Errorf("clients = %s after %v, want RATE_LIMITED within a second or two", body, took)
	}
}
