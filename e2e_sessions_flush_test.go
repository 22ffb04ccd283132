package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/cache/cachetest"
)

// storedSessions returns the value of the sessions in the store, "" if it is missing.
func storedSessions(t *testing.T, a *app) string {
	t.Helper()
	value, err := a.store.Get(t.Context(), sessionsName)
	if err != nil {
		return ""
	}
	return string(value)
}

// sessionsFleet starts apps with one store and returns what starts another.
func sessionsFleet(t *testing.T, store *cachetest.Server) func() (*site, *app) {
	t.Helper()
	simulator := newSimulator(t, 5)
	wispHub := httptest.NewServer(simulator)
	t.Cleanup(wispHub.Close)
	environ := map[string]string{"CACHE_URL": store.URL(), "WISPHUB_NET_HOST": wispHub.URL}
	return func() (*site, *app) { return startApp(t, simulator, environ) }
}

// Test14_9_SessionsAreBackAfterAFlush flushes the store on a connection that stays alive, and
// replaces the value by an older one. A replica that starts later must know every logout.
func Test14_9_SessionsAreBackAfterAFlush(t *testing.T) {
	t.Parallel()
	store := cachetest.StartServer(t)
	start := sessionsFleet(t, store)
	first, a := start()
	poll(t, "it is connected to the store", a.store.Up)
	first.login("ana", testPassword)
	first.logout()
	poll(t, "the logout is in the store", func() bool { return strings.Contains(storedSessions(t, a), `"ended"`) })
	for what, harm := range map[string]func() error{
		"a flush": func() error { _, err := store.Do("FLUSHALL"); return err },
		"an older value": func() error {
			return a.store.Set(t.Context(), sessionsName, []byte("{}"), time.Hour)
		},
		"a damaged value": func() error {
			return a.store.Set(t.Context(), sessionsName, []byte("half of it"), time.Hour)
		},
	} {
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		poll(t, "the logout is in the store again after "+what, func() bool { return strings.Contains(storedSessions(t, a), `"ended"`) })
	}
	later, b := start()
	poll(t, "a later replica is connected to the store", b.store.Up)
	poll(t, "a later replica refuses the token", func() bool { return !later.withToken(first.token).authenticated() })
}

// Test14_9_RemovedUsersAreBackAfterAFlush expects the tokens of a removed user to stay invalid at
// replicas that start after a flush, even when the user is back.
func Test14_9_RemovedUsersAreBackAfterAFlush(t *testing.T) {
	t.Parallel()
	store := cachetest.StartServer(t)
	settings := loadSettings(t, testEnviron("https://api.wisphub.net", map[string]string{"CACHE_URL": store.URL()}))
	start := sessionsFleet(t, store)
	first, a := start()
	poll(t, "it is connected to the store", a.store.Up)
	first.login("ana", testPassword)
	ana, err := loadUsers(settings)
	if err != nil {
		t.Fatal(err)
	}
	eva, err := auth.NewUsers(auth.User{Username: "eva", PasswordHash: testHash})
	if err != nil {
		t.Fatal(err)
	}
	a.users.SetUsers(eva)
	a.users.SetUsers(ana)
	if first.authenticated() {
		t.Fatal("the token of a removed user is valid")
	}
	poll(t, "it is in the store", func() bool { return strings.Contains(storedSessions(t, a), `"before"`) })
	if _, err := store.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	poll(t, "it is in the store again", func() bool { return strings.Contains(storedSessions(t, a), `"before"`) })
	later, _ := start()
	poll(t, "a later replica refuses the token", func() bool { return !later.withToken(first.token).authenticated() })
}

// Test14_9_NewReplicaKnowsLogouts expects the first answer of a new replica to refuse a token that
// was logged out at another one.
func Test14_9_NewReplicaKnowsLogouts(t *testing.T) {
	t.Parallel()
	start := sessionsFleet(t, cachetest.StartServer(t))
	first, a := start()
	poll(t, "it is connected to the store", a.store.Up)
	first.login("ana", testPassword)
	first.logout()
	for range 3 {
		if later, _ := start(); later.withToken(first.token).authenticated() {
			t.Fatal("a new replica accepts a token that was logged out")
		}
	}
}

// Test14_9_LateStore starts a replica while the store is away. It must take over the logouts of the
// others, and they its own, as soon as the store is back, empty.
func Test14_9_LateStore(t *testing.T) {
	t.Parallel()
	store := cachetest.StartServer(t)
	start := sessionsFleet(t, store)
	first, a := start()
	poll(t, "it is connected to the store", a.store.Up)
	first.login("ana", testPassword)
	store.Kill()
	first.logoutUnsaved()
	second, b := start()
	second.login("ana", testPassword)
	second.logoutUnsaved()
	store.Restart()
	poll(t, "both are connected to the store", func() bool { return a.store.Up() && b.store.Up() })
	back := time.Now()
	poll(t, "each refuses the token that the other revoked", func() bool {
		return !second.withToken(first.token).authenticated() && !first.withToken(second.token).authenticated()
	})
	if took := time.Since(back); took > 2*sessionsCheckInterval {
		t.Errorf("the logouts were known everywhere after %v, want at most %v", took, 2*sessionsCheckInterval)
	}
}
