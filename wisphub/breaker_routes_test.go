package wisphub

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"wisphub-graphql/wisphub/ratelimit"
)

// tenant is an upstream with one valid key. It refuses any other, and the paths it forbids.
type tenant struct {
	mu        sync.Mutex
	key       string
	broken    string // the end of the paths that answer 500
	forbidden map[string]bool
	calls     map[string]int // by path
}

func (u *tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/api/")
	u.calls[path]++
	w.Header().Set("Connection", "close")
	switch {
	case r.Header.Get("Authorization") != "Api-Key "+u.key || u.forbidden[path]:
		reply(403, jsonType, `{"detail": "Usted no tiene permiso para realizar esta acción."}`)(w, r)
	case u.broken != "" && strings.HasSuffix(path, u.broken):
		reply(500, htmlType, html)(w, r)
	case strings.HasSuffix(path, "/saldo/"):
		reply(200, jsonType, `{"saldo": 0, "facturas": []}`)(w, r)
	case strings.HasPrefix(path, "tickets/"):
		reply(200, jsonType, `{"id_ticket": 5}`)(w, r)
	default:
		reply(200, jsonType, `{"count": 1, "results": [{"id": 1, "id_servicio": 1}]}`)(w, r)
	}
}

func (u *tenant) change(change func(*tenant)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(u)
}

func (u *tenant) total() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	total := 0
	for _, n := range u.calls {
		total += n
	}
	return total
}

// withTenant runs test in virtual time, with an API whose key the tenant accepts.
func withTenant(t *testing.T, test func(t *testing.T, api *API, upstream *tenant)) {
	t.Helper()
	upstream := &tenant{key: testKey, forbidden: map[string]bool{}, calls: map[string]int{}}
	server := httptest.NewServer(upstream)
	t.Cleanup(server.Close)
	synctest.Test(t, func(t *testing.T) { test(t, open(t, Config{Host: server.URL}), upstream) })
}

func inBackground(t *testing.T) context.Context {
	return withPriority(t.Context(), ratelimit.PriorityBackground)
}

// everyRead calls each route that reads, the routes of a client with the id n.
func everyRead(ctx context.Context, api *API, n int) []error {
	var errs []error
	add := func(_ any, err error) { errs = append(errs, err) }
	add(api.Clients.List(ctx, ClientListOptions{}))
	add(api.Clients.Get(ctx, n))
	add(api.Clients.Account(ctx, n))
	add(api.Clients.Profile(ctx, n))
	add(api.Zones.List(ctx))
	add(api.Plans.List(ctx))
	add(api.Plans.PPPoE(ctx, n))
	add(api.Plans.Queue(ctx, n))
	add(api.Routers.List(ctx))
	add(api.Staff.List(ctx))
	add(api.PaymentMethods.List(ctx))
	add(api.Tickets.List(ctx, TicketListOptions{}))
	add(api.Tickets.Get(ctx, n))
	add(api.Tickets.Subjects(ctx))
	add(api.Tasks.Get(ctx, strconv.Itoa(n)))
	return errs
}

// An account route that always answers 500 stops accounts, and no other route of clients.
func Test13_5_BreakerIsPerRoute(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		upstream.change(func(u *tenant) { u.broken = "/saldo/" })
		for n := range 50 {
			if _, err := api.Clients.Account(inBackground(t), n+1); !errors.Is(err, ErrUnavailable) {
				t.Errorf("Account(%d) = %v, want %v", n+1, err, ErrUnavailable)
			}
		}
		if got := upstream.total(); got != openAfter {
			t.Errorf("%d calls were sent to the broken route, want %d", got, openAfter)
		}
		if _, err := api.Clients.List(t.Context(), ClientListOptions{}); err != nil {
			t.Errorf("Clients.List beside the broken route = %v, want no error", err)
		}
		if _, err := api.Clients.Profile(t.Context(), 1); err != nil && !errors.Is(err, ErrInvalidResponse) {
			t.Errorf("Clients.Profile beside the broken route = %v, want it sent", err)
		}
	})
}

// Two broken routes of one resource are no sign that WispHub is down.
func Test13_5_BreakerTwoRoutesOfOneResource(t *testing.T) {
	t.Parallel()
	b := newBreaker()
	for range openAfter {
		for _, pattern := range []string{"clientes/{id}/saldo", "clientes/{id}/perfil"} {
			if report, err := b.allow(&call{pattern: pattern}); err == nil {
				report(&Error{kind: ErrUnavailable})
			}
		}
	}
	if err := b.check(&call{pattern: "clientes"}); err != nil {
		t.Errorf("check(clientes) = %v, want it allowed", err)
	}
	if err := b.check(&call{pattern: "clientes/{id}/saldo"}); err == nil {
		t.Error("check(clientes/{id}/saldo) = nil, want it stopped")
	}
}
