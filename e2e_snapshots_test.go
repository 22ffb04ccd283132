package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub/ratelimit"
	"wisphub-graphql/wisphub/wisphubtest"
)

// newCacheDir returns a simulated WispHub and the environment of servers over it with a common
// CACHE_DIR.
func newCacheDir(t *testing.T, clients int) (*wisphubtest.Server, map[string]string) {
	t.Helper()
	simulator := newSimulator(t, clients)
	server := httptest.NewServer(simulator)
	t.Cleanup(server.Close)
	return simulator, map[string]string{
		"WISPHUB_NET_HOST": server.URL, "CACHE_DIR": filepath.Join(t.TempDir(), "kept"), "API_PASSWORD_HASH": testHash,
	}
}

type cacheStatus struct {
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

func (c cacheStatus) stale(t *testing.T, name string) (stale bool, asOf time.Time) {
	t.Helper()
	for _, cache := range c.Facade.Caches {
		if cache.Name == name && cache.AsOf != nil {
			return cache.Stale, *cache.AsOf
		}
	}
	t.Fatalf("cache %q is empty: %+v, want it filled", name, c)
	return false, time.Time{}
}

const cacheStatusQuery = "{ facade { requestsLastHour caches { name entries stale asOf } } }"

// TestRestart_RestoresSnapshots expects a new process to serve the data of the old one as stale,
// and to count its calls, while WispHub is down.
func TestRestart_RestoresSnapshots(t *testing.T) {
	t.Parallel()
	simulator, environ := newCacheDir(t, 700)
	const document = "{ clients(first: 3) { totalCount nodes { name balance installedAt plan { name price } zone { name } } } plans { name } zones { name } staff { name } tickets { totalCount nodes { subject } } }"
	first, a := startLoggedIn(t, simulator, environ)
	_, want := first.query(document, nil)
	var before cacheStatus
	first.query(cacheStatusQuery, &before)
	a.Close()

	simulator.SetFaults(wisphubtest.Faults{Down: true})
	second, b := startLoggedIn(t, simulator, environ)
	if !b.ready.Load() {
		t.Error("ready = false with a restored directory, want true")
	}
	var after cacheStatus
	second.query(cacheStatusQuery, &after)
	if after.Facade.RequestsLastHour != before.Facade.RequestsLastHour {
		t.Errorf("%d calls in the last hour, want the %d of the old process", after.Facade.RequestsLastHour, before.Facade.RequestsLastHour)
	}
	_, asOfBefore := before.stale(t, "clients")
	if stale, asOf := after.stale(t, "clients"); !stale || !asOf.Equal(asOfBefore) {
		t.Errorf("the directory is stale %t as of %v, want stale as of %v", stale, asOf, asOfBefore)
	}
	if _, got := second.query(document, nil); got != want {
		t.Errorf("after the restart: %s, want %s", got, want)
	}
	b.Close()
	wantPrivate(t, environ["CACHE_DIR"])

	simulator.SetFaults(wisphubtest.Faults{})
	third, _ := startLoggedIn(t, simulator, environ)
	third.query("{ clients { totalCount } }", nil) // stale data triggers a refresh
	poll(t, "the directory is refreshed", func() bool {
		var now cacheStatus
		third.query(cacheStatusQuery, &now)
		stale, _ := now.stale(t, "clients")
		return !stale
	})
}

// wantPrivate checks that only the owner may read the files of the folder.
func wantPrivate(t *testing.T, folder string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) < 5 {
		t.Fatalf("%d snapshot files, %v, want at least 5", len(files), err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v, want 0600", file.Name(), info.Mode(), err)
		}
	}
}

// TestRestart_AnotherKey expects data of one key not to be served with another.
func TestRestart_AnotherKey(t *testing.T) {
	t.Parallel()
	simulator, environ := newCacheDir(t, 30)
	s, a := startLoggedIn(t, simulator, environ)
	s.query("{ clients { totalCount } }", nil)
	a.Close()
	environ["WISPHUB_NET_KEY"] = strings.ToUpper(wisphubtest.Key)
	other, b := startLoggedIn(t, simulator, environ)
	if b.ready.Load() {
		t.Error("ready = true with the directory of another provider, want false")
	}
	if _, body := other.query("{ clients { totalCount } }", nil); !strings.Contains(body, "UPSTREAM_UNAVAILABLE") {
		t.Errorf("clients = %s with a key that WispHub refuses, want UPSTREAM_UNAVAILABLE", body)
	}
}

func TestRestart_DamagedFiles(t *testing.T) {
	t.Parallel()
	simulator, environ := newCacheDir(t, 30)
	s, a := startLoggedIn(t, simulator, environ)
	s.query("{ clients { totalCount } }", nil)
	a.Close()
	files, err := filepath.Glob(filepath.Join(environ["CACHE_DIR"], "*.snapshot"))
	if err != nil || len(files) == 0 {
		t.Fatalf("snapshot files: %v, %v, want some", files, err)
	}
	for _, file := range files {
		if err := os.WriteFile(file, []byte("half of it"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again, _ := startLoggedIn(t, simulator, environ)
	if _, body := again.query("{ clients { totalCount } }", nil); body != `{"data":{"clients":{"totalCount":30}}}` {
		t.Errorf("clients = %s, want 30", body)
	}
}

func TestNewApp_InvalidCacheDir(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "not a folder", 0o600)
	settings := loadSettings(t, testEnviron("https://api.wisphub.net", map[string]string{"CACHE_DIR": filepath.Join(file, "kept")}))
	if _, err := newApp(settings, slog.New(slog.DiscardHandler), nil, false); err == nil || !strings.Contains(err.Error(), "CACHE_DIR") {
		t.Errorf("newApp = %v, want an error that names CACHE_DIR", err)
	}
}

// A restart counts the calls of the last hour, wherever the clock is. The test moves the dates of
// the calls, which is the same as moving the clock. It is not parallel, because it sets bootTime.
func Test14_15_BudgetSurvivesAWrongClock(t *testing.T) {
	defer func(before func() cache.BootTime) { bootTime = before }(bootTime)
	up := 5 * time.Hour
	bootTime = func() cache.BootTime { return cache.BootTime{Boot: "one", Up: up} }
	for ahead, downtime := range map[time.Duration]time.Duration{
		0: time.Minute, 3 * time.Hour: time.Minute, -3 * time.Hour: time.Minute, time.Minute: 2 * time.Hour,
	} {
		simulator, environ := newCacheDir(t, 1)
		_, a := startApp(t, simulator, environ)
		for i := range 10 {
			a.api.Restore([]ratelimit.Call{{ID: fmt.Sprint(i), At: time.Now().Add(-time.Duration(i) * time.Minute)}})
		}
		a.Close()
		moveCalls(t, a.snapshots.folder, -ahead)
		up += downtime
		_, b := startApp(t, simulator, environ)
		want := 10
		if downtime > time.Hour {
			want = 0
		}
		if got := b.api.Usage().LastHour; got != want {
			t.Errorf("clock %v ahead after %v: %d calls in the last hour, want %d", ahead, downtime, got, want)
		}
		b.Close()
	}
}

// moveCalls changes the dates of the calls in the snapshot of the budget.
func moveCalls(t *testing.T, folder *cache.Folder, by time.Duration) {
	t.Helper()
	file, err := folder.Read(budgetFile)
	var calls []savedCall
	if err == nil {
		err = json.Unmarshal(file, &calls)
	}
	for i := range calls {
		calls[i].At = calls[i].At.Add(by)
	}
	if err == nil {
		file, err = json.Marshal(calls)
	}
	if err == nil {
		err = folder.Write(budgetFile, file)
	}
	if err != nil || len(calls) == 0 {
		t.Fatalf("%d calls, %v, want some", len(calls), err)
	}
}
