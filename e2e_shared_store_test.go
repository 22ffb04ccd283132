package main

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/wisphub/wisphubtest"
)

// startReplicas starts a simulated WispHub, a store, and two servers that share them.
func startReplicas(t *testing.T, changes map[string]string) (simulator *wisphubtest.Server, first, second *site) {
	t.Helper()
	simulator, environ := newSharedStore(t, changes)
	first, a := startLoggedIn(t, simulator, environ)
	second, b := startLoggedIn(t, simulator, environ)
	poll(t, "both replicas see each other", func() bool { return a.store.Up() && b.store.Up() && a.store.Replicas() == 2 })
	return simulator, first, second
}

// newSharedStore starts a simulated WispHub and a store, and returns the environment of servers
// that share them.
func newSharedStore(t *testing.T, changes map[string]string) (simulator *wisphubtest.Server, environ map[string]string) {
	t.Helper()
	simulator = newSimulator(t, 700)
	server := httptest.NewServer(simulator)
	t.Cleanup(server.Close)
	environ = map[string]string{
		"WISPHUB_NET_HOST": server.URL, "CACHE_URL": cachetest.StartServer(t).URL(), "API_PASSWORD_HASH": testHash,
	}
	maps.Copy(environ, changes)
	return simulator, environ
}

// TestSharedStore_ServesOtherReplicas expects the other replica to serve the same data, with the
// same age, without calls.
func TestSharedStore_ServesOtherReplicas(t *testing.T) {
	t.Parallel()
	simulator, first, second := startReplicas(t, nil)
	const document = `{ clients(first: 5, search: "a") { totalCount asOf stats { totalDebt } nodes { name balance plan { name price } zone { name } } }
		plans { name type } zones { name } staff { name } ticketSubjects { name } tickets { totalCount asOf nodes { subject } } }`
	_, want := first.query(document, nil)
	poll(t, "the other replica serves all data without calls", func() bool {
		simulator.Reset()
		_, got := second.query(document, nil)
		return got == want && simulator.Total() == 0
	})
}

// TestSharedStore_Refresh expects a refresh to reach the other replica within a second, and a
// second refresh to be limited at any replica.
func TestSharedStore_Refresh(t *testing.T) {
	t.Parallel()
	simulator, first, second := startReplicas(t, nil)
	const document = "{ clients { totalCount } }"
	first.query(document, nil)
	second.query(document, nil)
	simulator.DeleteRow(simulator.IDs()[3])
	if _, body := first.query("mutation { refresh(resource: CLIENTS) { version } }", nil); strings.Contains(body, "errors") {
		t.Fatalf("refresh = %s, want no errors", body)
	}
	refreshed := time.Now()
	poll(t, "the other replica has the new list", func() bool {
		_, body := second.query(document, nil)
		return body == `{"data":{"clients":{"totalCount":699}}}`
	})
	if took := time.Since(refreshed); took > time.Second {
		t.Errorf("the other replica had the new list after %v, want at most a second", took)
	}
	if _, body := second.query("mutation { refresh(resource: CLIENTS) { version } }", nil); !strings.Contains(body, `"code":"RATE_LIMITED"`) {
		t.Errorf("a second refresh, by the other replica = %s, want RATE_LIMITED", body)
	}
}

// TestSharedStore_Unreachable expects the server to work without the store.
func TestSharedStore_Unreachable(t *testing.T) {
	t.Parallel()
	simulator := newSimulator(t, 30)
	start := time.Now()
	s, a := startLoggedIn(t, simulator, map[string]string{
		"CACHE_URL": "redis://user:store-canary@127.0.0.1:1/0", "API_PASSWORD_HASH": testHash,
	})
	if _, body := s.query("{ clients { totalCount } }", nil); body != `{"data":{"clients":{"totalCount":30}}}` {
		t.Errorf("clients = %s without the store, want 30", body)
	}
	a.Close()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("starting, serving and stopping without the store took %v, want at most 5s", took)
	}
}

// Without the store nothing is sent that could be doubled, and the caller is told why and when to
// try again.
func Test14_6_RefusedWithoutTheStore(t *testing.T) {
	t.Parallel()
	simulator := newSimulator(t, 30)
	s, _ := startLoggedIn(t, simulator, map[string]string{"CACHE_URL": "redis://127.0.0.1:1/0"})
	before := len(simulator.TicketIDs())
	_, body := s.query(fmt.Sprintf(`mutation { createTicket(input: {serviceId: %d, subject: "Internet Lento", description: "x", idempotencyKey: "a"}) { ticket { id } } }`,
		simulator.IDs()[0]), nil)
	const message = `"message":"The replicas cannot coordinate now, so nothing was changed; try again later."`
	if !strings.Contains(body, message) || !strings.Contains(body, `"code":"UPSTREAM_UNAVAILABLE"`) || !strings.Contains(body, `"retryAfter":10`) {
		t.Errorf("createTicket = %s without the store, want UPSTREAM_UNAVAILABLE with %s", body, message)
	}
	if now := len(simulator.TicketIDs()); now != before {
		t.Errorf("%d tickets were opened without the store, want none", now-before)
	}
}

func TestNewApp_InvalidCacheURL(t *testing.T) {
	t.Parallel()
	settings := loadSettings(t, testEnviron("https://api.wisphub.net", map[string]string{
		"CACHE_URL": "redis://:store-canary@127.0.0.1:6379/not-a-number",
	}))
	if _, err := newApp(settings, slog.New(slog.DiscardHandler), nil, false); err == nil || !strings.Contains(err.Error(), "CACHE_URL") || strings.Contains(err.Error(), "canary") {
		t.Errorf("newApp = %v, want an error that names CACHE_URL without its password", err)
	}
}

// A new replica beside a warm one answers its first callers from what the other has published.
func Test14_2_NewReplicaStartsWarm(t *testing.T) {
	t.Parallel()
	simulator, environ := newSharedStore(t, nil)
	warm, a := startLoggedIn(t, simulator, environ)
	poll(t, "the replica is connected", a.store.Up)
	const document = `{ plans { name type } zones { name } staff { name } tickets { totalCount } clients(first: 700) { nodes { plan { price } } } }`
	_, want := warm.query(document, nil)
	simulator.Reset()

	cold, b := startApp(t, simulator, environ)
	cold.token = warm.token
	var users sync.WaitGroup
	var refused atomic.Int64
	for _, id := range simulator.IDs()[:200] {
		users.Go(func() {
			if !cold.tryQuery(fmt.Sprintf("{ client(by: {serviceId: %d}) { name } }", id), nil) {
				refused.Add(1)
			}
		})
	}
	users.Wait()
	if refused.Load() > 0 || simulator.Total() > 0 {
		t.Errorf("%d of 200 look-ups refused, %d calls, want none", refused.Load(), simulator.Total())
	}
	if _, got := cold.query(document, nil); got != want || simulator.Total() > 0 {
		t.Errorf("the new replica made %d calls, want none; answer: %.200s, want %.200s", simulator.Total(), got, want)
	}
	if !b.ready.Load() {
		t.Error("ready = false with the directory in memory, want true")
	}
}

// While a new replica takes the data of the others, it is alive, but not ready.
func Test14_2_NotReadyBeforeTheStoreAnswers(t *testing.T) {
	t.Parallel()
	s, a := startApp(t, newSimulator(t, 30), map[string]string{"CACHE_URL": "redis://127.0.0.1:1", "API_PASSWORD_HASH": testHash})
	if health, ready := get(t, s.url+"/health"), get(t, s.url+"/readyz"); health.StatusCode != 200 || ready.StatusCode != 503 {
		t.Errorf("GET /health = %d, /readyz = %d, want 200 and 503", health.StatusCode, ready.StatusCode)
	}
	began := time.Now()
	s.login("ana", testPassword)
	select {
	case <-a.loaded:
	default:
		t.Errorf("a request was answered after %v, before the wait for the store was over", time.Since(began))
	}
	if took := time.Since(began); took > loadTimeout+time.Second {
		t.Errorf("the first answer took %v, want at most %v", took, loadTimeout)
	}
}
