package graph_test

import (
	"encoding/json"
	"testing"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/wisphub/wisphubtest"
)

// Each resource is loaded again, at the cost of one load.
func TestRefresh(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1})
	f.data(t, `{clients{totalCount} plans{name} zones{name} tickets{totalCount}}`)
	for resource, calls := range map[string]map[string]int{
		"CLIENTS": {"GET /api/clientes/": 1},
		"PLANS":   {"GET /api/plan-internet/": 1},
		"CATALOGUES": {
			"GET /api/zonas/": 1, "GET /api/router/": 1, "GET /api/staff/": 1, "GET /api/formas-de-pago/": 1,
			"GET /api/tickets/asuntos-tickets/": 1,
		},
		"TICKETS": {"GET /api/tickets/": 4}, // a call a window
	} {
		f.upstream.Reset()
		began := time.Now().Truncate(time.Second)
		data := f.data(t, `mutation{refresh(resource:`+resource+`){version caches{name asOf stale}}}`)
		got := f.upstream.Requests()
		if len(got) != len(calls) {
			t.Errorf("refresh of %s cost %v, want %v", resource, got, calls)
		}
		for route, want := range calls {
			if got[route] != want {
				t.Errorf("refresh of %s cost %v, want %v", resource, got, calls)
			}
		}
		if resource == "CLIENTS" {
			wantAsOf(t, data, "clients", began)
		}
	}
}

func wantAsOf(t *testing.T, data, name string, since time.Time) {
	t.Helper()
	var answer struct {
		Refresh struct {
			Caches []struct {
				Name  string
				AsOf  *time.Time
				Stale bool
			}
		}
	}
	if err := json.Unmarshal([]byte(data), &answer); err != nil {
		t.Fatal(err)
	}
	for _, cache := range answer.Refresh.Caches {
		if cache.Name == name && (cache.AsOf == nil || cache.AsOf.Before(since) || cache.Stale) {
			t.Errorf("%s = %+v after a refresh, want a current asOf", name, cache)
		}
	}
}

// A resource can be refreshed every ten seconds, even after a failure. Others do not wait for it.
func TestRefresh_TooSoon(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.data(t, `mutation{refresh(resource:PLANS){version}}`)
	f.upstream.Reset()
	a := f.run(t, `mutation{refresh(resource:PLANS){version}}`)
	wantError(t, "the second refresh", a, "RATE_LIMITED", "Too many requests.")
	if after := a.Errors[0].Extensions.RetryAfter; after < 1 || after > 10 || string(a.Data) != `{"refresh":null}` {
		t.Errorf("the second refresh = %s, want retryAfter 1 to 10", a.body)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("the second refresh cost %d calls, want none", got)
	}
	f.data(t, `mutation{refresh(resource:CLIENTS){version}}`)
}

// A failed refresh returns an error and keeps the data in memory.
func TestRefresh_UpstreamFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.data(t, `{clients{totalCount}}`)
	f.upstream.SetFaults(wisphubtest.Faults{Down: true})
	a := f.run(t, `mutation{refresh(resource:CLIENTS){version}}`)
	wantError(t, "refresh", a, "UPSTREAM_UNAVAILABLE", "Unable to fetch client data")
	wantJSON(t, "clients", f.data(t, `{clients{totalCount}}`), `{"clients":{"totalCount":40}}`)
}

func TestRefresh_NeedsAdmin(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	user := auth.User{Username: "ana", Scopes: []auth.Scope{auth.ScopeRead, auth.ScopeSupport, auth.ScopeOperate}}
	a := f.send(t, request{token: f.tokenFor(t, user), body: operation(t, `mutation{refresh(resource:CLIENTS){version}}`, nil)})
	wantError(t, "refresh without ADMIN", a, "FORBIDDEN", "Not enough permissions.")
}
