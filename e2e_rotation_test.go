package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/tenant"
	"wisphub-graphql/wisphub/wisphubtest"
)

// The keys of the provider demo-isp, before and after a rotation, and that of otra-isp.
const (
	oldKey   = "invented.old.canary"
	newKey   = "invented.new.canary"
	otherKey = "invented.other.canary"
)

// startWispHub starts one host with two providers, which have 30 and 40 clients. The environment
// is that of demo-isp with its old key.
func startWispHub(t *testing.T, changes map[string]string) (demo, other *wisphubtest.Server, environ map[string]string) {
	t.Helper()
	demo = newSimulator(t, 30)
	demo.SetKeys(oldKey, newKey)
	other = wisphubtest.New(wisphubtest.Config{Clients: 40, Seed: 2, Company: "otra-isp"})
	t.Cleanup(other.Close)
	other.SetKeys(otherKey)
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Authorization"), otherKey) {
			other.ServeHTTP(w, r)
			return
		}
		demo.ServeHTTP(w, r)
	}))
	t.Cleanup(host.Close)
	environ = map[string]string{"WISPHUB_NET_HOST": host.URL, "WISPHUB_NET_KEY": oldKey, "API_PASSWORD_HASH": testHash, "CLIENTS_TTL": "1h"}
	maps.Copy(environ, changes)
	return demo, other, environ
}

// withKey returns the environment with another key.
func withKey(environ map[string]string, key string) map[string]string {
	environ = maps.Clone(environ)
	environ["WISPHUB_NET_KEY"] = key
	return environ
}

const countClients = "{ clients { totalCount } }"

func (s *site) wantClients(what string, want int) {
	s.t.Helper()
	if _, body := s.query(countClients, nil); body != fmt.Sprintf(`{"data":{"clients":{"totalCount":%d}}}`, want) {
		s.t.Errorf("%s: clients = %s, want %d", what, body, want)
	}
}

// createTicket creates a ticket under an idempotency key and returns its id.
func (s *site) createTicket(client int, key string) int {
	s.t.Helper()
	var created struct {
		CreateTicket struct{ Ticket struct{ TicketID int } }
	}
	s.query(fmt.Sprintf(`mutation { createTicket(input: {serviceId: %d, subject: "Internet Lento", description: "x", idempotencyKey: "%s"}) { ticket { ticketId } } }`,
		client, key), &created)
	return created.CreateTicket.Ticket.TicketID
}

func (s *site) callsInLastHour() int {
	s.t.Helper()
	var status cacheStatus
	s.query(cacheStatusQuery, &status)
	return status.Facade.RequestsLastHour
}

// wantNoSecrets expects the files of a folder to contain neither keys nor the company.
func wantNoSecrets(t *testing.T, folder string) {
	t.Helper()
	tables, err := filepath.Glob(filepath.Join(folder, namesFile+"*"))
	if err != nil || len(tables) != 1 {
		t.Fatalf("tables of names: %v, %v, want one", tables, err)
	}
	content, err := os.ReadFile(tables[0])
	if err != nil || bytes.Contains(content, []byte("canary")) || bytes.Contains(content, []byte("demo")) {
		t.Errorf("the table of names is %q, %v, want hashes only", content, err)
	}
}

// Test14_8_RotationKeepsTheFolder restarts with another key and expects everything to be there, for
// one call.
func Test14_8_RotationKeepsTheFolder(t *testing.T) {
	t.Parallel()
	demo, _, environ := startWispHub(t, map[string]string{"CACHE_DIR": filepath.Join(t.TempDir(), "kept")})
	first, a := startLoggedIn(t, demo, environ)
	first.wantClients("before", 30)
	ticket := first.createTicket(demo.IDs()[0], "rotation-key-0001")
	ended := first.withToken(first.token)
	first.logout()
	first.login("ana", testPassword)
	calls := first.callsInLastHour()
	a.Close()

	demo.SetKeys(newKey)
	demo.Reset()
	second, b := startLoggedIn(t, demo, withKey(environ, newKey))
	if !b.ready.Load() {
		t.Error("ready = false after a rotation, want true at once")
	}
	if got, spent := demo.Total(), second.callsInLastHour(); got != 1 || spent != calls+1 {
		t.Errorf("%d calls, %d in the last hour after the rotation, want one, and one after the %d of the old process", got, spent, calls)
	}
	second.wantClients("after the rotation", 30)
	if got := second.createTicket(demo.IDs()[0], "rotation-key-0001"); got != ticket || ticket == 0 {
		t.Errorf("the idempotency key gives ticket %d, want %d", got, ticket)
	}
	if second.withToken(ended.token).authenticated() {
		t.Error("a token that was logged out before the rotation is valid")
	}
	b.Close()
	wantNoSecrets(t, environ["CACHE_DIR"])

	demo.SetFaults(wisphubtest.Faults{Down: true})
	third, _ := startLoggedIn(t, demo, withKey(environ, newKey))
	third.wantClients("restarted with the new key, WispHub is down", 30)
}

// Test14_8_FolderOfAnEarlierVersion has no table of names.
func Test14_8_FolderOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	demo, _, environ := startWispHub(t, map[string]string{"CACHE_DIR": filepath.Join(t.TempDir(), "kept")})
	first, a := startLoggedIn(t, demo, environ)
	first.wantClients("before", 30)
	a.Close()
	tables, _ := filepath.Glob(filepath.Join(environ["CACHE_DIR"], namesFile+"*"))
	if len(tables) != 1 || os.Remove(tables[0]) != nil {
		t.Fatalf("tables of names: %v, want one", tables)
	}
	demo.SetFaults(wisphubtest.Faults{Down: true})
	_, b := startLoggedIn(t, demo, environ)
	if !b.ready.Load() {
		t.Error("ready = false with the folder of an earlier version, want true")
	}
	b.Close()
	demo.SetFaults(wisphubtest.Faults{})
	third, c := startLoggedIn(t, demo, withKey(environ, newKey))
	if third.wantClients("rotated after the upgrade", 30); !c.ready.Load() {
		t.Error("ready = false after a rotation, want true: the restored clients show the company")
	}
}

// Test14_8_RotationWhileWispHubIsAway expects the folder not to be touched until WispHub shows whose
// it is, and then to be loaded.
func Test14_8_RotationWhileWispHubIsAway(t *testing.T) {
	t.Parallel()
	demo, _, environ := startWispHub(t, map[string]string{"CACHE_DIR": filepath.Join(t.TempDir(), "kept")})
	first, a := startLoggedIn(t, demo, environ)
	first.wantClients("before", 30)
	ticket := first.createTicket(demo.IDs()[0], "rotation-key-0001")
	a.Close()
	demo.SetFaults(wisphubtest.Faults{Down: true})
	log := &logBuffer{}
	_, b := startLoggedApp(t, demo, withKey(environ, newKey), log)
	if b.ready.Load() || !strings.Contains(log.String(), "not known yet which provider") {
		t.Errorf("ready = %t without knowing the provider, log = %s", b.ready.Load(), log.String())
	}
	b.Close() // must not overwrite the snapshots
	log = &logBuffer{}
	second, _ := startLoggedApp(t, demo, withKey(environ, newKey), log)
	second.login("ana", testPassword)
	demo.SetFaults(wisphubtest.Faults{})
	second.wantClients("WispHub is back", 30)
	poll(t, "the snapshots are loaded", func() bool { return strings.Contains(log.String(), "restored snapshots") })
	if got := second.createTicket(demo.IDs()[0], "rotation-key-0001"); got != ticket || ticket == 0 {
		t.Errorf("the idempotency key gives ticket %d, want %d", got, ticket)
	}
}

// Test14_8_TwoProvidersInOneFolder never serves the data of the other, in either order.
func Test14_8_TwoProvidersInOneFolder(t *testing.T) {
	t.Parallel()
	demo, other, environ := startWispHub(t, map[string]string{"CACHE_DIR": filepath.Join(t.TempDir(), "kept")})
	for i, c := range []struct {
		key      string
		upstream *wisphubtest.Server
		clients  int
	}{{oldKey, demo, 30}, {otherKey, other, 40}, {newKey, demo, 30}, {otherKey, other, 40}} {
		s, a := startLoggedIn(t, c.upstream, withKey(environ, c.key))
		if a.ready.Load() {
			t.Errorf("start %d: ready = true with the clients of the other provider", i)
		}
		s.wantClients(fmt.Sprint("start ", i), c.clients)
		a.Close()
	}
}

// Test14_8_RotationBesideAReplica runs one replica on the old key and one on the new: they share
// logouts, idempotency keys and the budget. A third one, of another provider, shares nothing.
func Test14_8_RotationBesideAReplica(t *testing.T) {
	t.Parallel()
	const limit = 40
	store := cachetest.StartServer(t)
	demo, other, environ := startWispHub(t, map[string]string{
		"CACHE_URL": store.URL(), "UPSTREAM_HOUR_LIMIT": fmt.Sprint(limit), "UPSTREAM_MINUTE_LIMIT": fmt.Sprint(limit),
	})
	first, a := startLoggedIn(t, demo, environ)
	poll(t, "it is connected to the store", a.store.Up)
	first.wantClients("the old key", 30)
	table := url.QueryEscape(storePrefix+tenant.HostName(environ["WISPHUB_NET_HOST"])) + ":names:"
	poll(t, "the company is recorded", func() bool {
		answer, err := store.Do("STRLEN", table)
		length, _ := strconv.Atoi(strings.TrimPrefix(answer, ":"))
		return err == nil && length > 120 // three hashes
	})
	second, b := startLoggedIn(t, demo, withKey(environ, newKey))
	foreign, c := startLoggedIn(t, other, withKey(environ, otherKey))
	poll(t, "the replicas see each other", func() bool {
		return b.store.Up() && c.store.Up() && a.store.Replicas() == 2 && b.store.Replicas() == 2 && c.store.Replicas() == 1
	})
	second.wantClients("the new key", 30)
	foreign.wantClients("the other provider", 40)
	if got := demo.Requests()["GET /api/clientes/"]; got != 2 {
		t.Errorf("the list of clients was called %d times, want once for the crawl and once for the company", got)
	}
	ticket := first.createTicket(demo.IDs()[0], "rotation-key-0001")
	if got := second.createTicket(demo.IDs()[0], "rotation-key-0001"); got != ticket || ticket == 0 {
		t.Errorf("the idempotency key gives ticket %d, want %d", got, ticket)
	}
	there := second.withToken(first.token)
	if !there.authenticated() {
		t.Fatal("the token is invalid at the other replica")
	}
	first.logout()
	poll(t, "the replica on the new key refuses the token", func() bool { return !there.authenticated() })
	first.login("ana", testPassword)
	back := first.withToken(second.token)
	second.logout()
	poll(t, "the replica on the old key refuses the token", func() bool { return !back.authenticated() })
	second.login("ana", testPassword)
	for i := range 3 * limit {
		[]*site{first, second}[i%2].tryQuery(fmt.Sprintf(`{ task(taskId: "%08x-0000-4000-8000-000000000000") { status } }`, i), nil)
	}
	if got := demo.Total(); got > limit {
		t.Errorf("%d calls in an hour, want at most %d", got, limit)
	}
	if calls := other.Total(); calls == 0 || foreign.callsInLastHour() != calls {
		t.Errorf("the other provider counts %d calls, want its own %d", foreign.callsInLastHour(), calls)
	}
}
