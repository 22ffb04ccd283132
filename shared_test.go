package main

import (
	"log/slog"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/wisphub/wisphubtest"
)

// sharing starts a WispHub and two facades of it on one store.
func sharing(t *testing.T, changes map[string]string) (simulator *wisphubtest.Server, first, second *site) {
	t.Helper()
	simulator, environ := sharedStore(t, changes)
	first, a := startStopped(t, simulator, environ)
	second, b := startStopped(t, simulator, environ)
	poll(t, "both have found the store", func() bool { return a.shared.Up() && b.shared.Up() && a.shared.Replicas() == 2 })
	return simulator, first, second
}

// sharedStore starts a WispHub and a store, and returns the environment of facades that share it.
func sharedStore(t *testing.T, changes map[string]string) (simulator *wisphubtest.Server, environ map[string]string) {
	t.Helper()
	simulator = wisphubtest.New(wisphubtest.Config{Clients: 700, Seed: 1})
	server := httptest.NewServer(simulator)
	t.Cleanup(server.Close)
	t.Cleanup(simulator.Close)
	environ = map[string]string{
		"WISPHUB_NET_HOST": server.URL, "CACHE_URL": cachetest.StartServer(t).URL(), "API_PASSWORD_HASH": testHash,
	}
	maps.Copy(environ, changes)
	return simulator, environ
}

// What one replica has read costs the other nothing, and is as old there as it is.
func TestReplicaServesWhatAnotherHasRead(t *testing.T) {
	t.Parallel()
	simulator, first, second := sharing(t, nil)
	const ask = `{ clients(first: 5, search: "a") { totalCount asOf stats { totalDebt } nodes { name balance plan { name price } zone { name } } }
		plans { name type } zones { name } staff { name } ticketSubjects { name } tickets { totalCount asOf nodes { subject } } }`
	_, want := first.query(ask, nil)
	poll(t, "all is published", func() bool {
		simulator.Reset()
		_, got := second.query(ask, nil)
		return got == want && simulator.Total() == 0
	})
}

// A refresh by one reaches the other within a second, and the next has to wait, whoever is asked.
func TestRefreshReachesReplicas(t *testing.T) {
	t.Parallel()
	simulator, first, second := sharing(t, nil)
	const ask = "{ clients { totalCount } }"
	first.query(ask, nil)
	second.query(ask, nil)
	simulator.DeleteRow(simulator.IDs()[3])
	if _, body := first.query("mutation { refresh(resource: CLIENTS) { version } }", nil); strings.Contains(body, "errors") {
		t.Fatalf("refresh = %s", body)
	}
	refreshed := time.Now()
	poll(t, "the other replica has the new list", func() bool {
		_, body := second.query(ask, nil)
		return body == `{"data":{"clients":{"totalCount":699}}}`
	})
	if took := time.Since(refreshed); took > time.Second {
		t.Errorf("the other replica had the new list after %v, want a second at most", took)
	}
	if _, body := second.query("mutation { refresh(resource: CLIENTS) { version } }", nil); !strings.Contains(body, `"code":"RATE_LIMITED"`) {
		t.Errorf("a second refresh, by the other replica = %s, want RATE_LIMITED", body)
	}
}

// A store that is not there holds nobody up, and its password is not told.
func TestStoreThatIsNotThere(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 30, Seed: 1})
	t.Cleanup(simulator.Close)
	began := time.Now()
	s, a := startStopped(t, simulator, map[string]string{
		"CACHE_URL": "redis://user:store-canary@127.0.0.1:1/0", "API_PASSWORD_HASH": testHash,
	})
	if _, body := s.query("{ clients { totalCount } }", nil); body != `{"data":{"clients":{"totalCount":30}}}` {
		t.Errorf("clients = %s without the store", body)
	}
	a.Close()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to start, serve and stop without the store", took)
	}
}

func TestStoreURLThatCannotBeRead(t *testing.T) {
	t.Parallel()
	settings, _, err := loadSettings(map[string]string{
		"WISPHUB_NET_KEY": wisphubtest.Key, "JWT_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
		"API_USERNAME": "ana", "API_PASSWORD_HASH": testHash, "CACHE_URL": "redis://:store-canary@127.0.0.1:6379/not-a-number",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newApp(settings, slog.New(slog.DiscardHandler), nil, false); err == nil || !strings.Contains(err.Error(), "CACHE_URL") || strings.Contains(err.Error(), "canary") {
		t.Errorf("newApp = %v, want an error that names CACHE_URL and not its password", err)
	}
}
