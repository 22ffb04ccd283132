package isp

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
)

const zonesPath = "/api/zonas/"

func TestZones_ListAndGet(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	zones, err := provider.Zones.List(t.Context())
	if err != nil || len(zones) != 8 || *zones[0] != (Zone{"zone:1", 1, "Rionegro"}) {
		t.Errorf("List() = %v, %v, want 8 zones, Rionegro first", zones, err)
	}
	if zone, err := provider.Zones.Get(t.Context(), 3); err != nil || zone.Name != "El Peñol" {
		t.Errorf("Get(3) = %v, %v, want El Peñol", zone, err)
	}
	if zone, err := provider.Zones.Get(t.Context(), 99); err != nil || zone != nil {
		t.Errorf("Get(99) = %v, %v, want nil", zone, err)
	}
	wantCalls(t, upstream, 1)
}

// If the key may not read the zones, the list has the zones of the clients.
func TestZones_ForbiddenListComesFromClients(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 400)
	upstream.Forbid(zonesPath)
	zones, err := provider.Zones.List(t.Context())
	if err != nil {
		t.Fatalf("List() = %v", err)
	}
	seen := map[int]bool{}
	for _, client := range loadedDirectory(t, provider).clients {
		seen[client.zoneID()] = true
	}
	delete(seen, 0)
	if len(zones) != len(seen) || !slices.IsSortedFunc(zones, func(a, b *Zone) int { return a.ZoneID - b.ZoneID }) {
		t.Errorf("List() = %d zones, want the %d zones of the clients, by id", len(zones), len(seen))
	}
	if got := upstream.Requests()["GET "+zonesPath]; got != 1 {
		t.Errorf("the zones were asked for %d times, want once", got)
	}
	upstream.Reset()
	if _, err := provider.Zones.List(t.Context()); err != nil {
		t.Errorf("second List() = %v, want the cached list", err)
	}
	wantCalls(t, upstream, 0)
}

// Any other failure of the zones does not affect the clients.
func TestZones_ListFails(t *testing.T) {
	t.Parallel()
	upstream, _ := simulate(t, 10)
	provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == zonesPath {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		upstream.ServeHTTP(w, r)
	})))
	_, err := provider.Zones.List(t.Context())
	fetch := (*FetchError)(nil)
	if !errors.As(err, &fetch) || fetch.Noun != "zone" || !errors.Is(err, ErrUpstreamUnavailable) {
		t.Errorf("List() = %v, want a FetchError of zone", err)
	}
	if page, err := provider.Clients.List(t.Context(), ClientQuery{}); err != nil || page.TotalCount != 10 {
		t.Errorf("Clients.List() = %v, want 10 clients", err)
	}
}

// When both lists fail, the error names the zones and has the Retry-After of the clients.
func TestZones_ListAndClientsFail(t *testing.T) {
	t.Parallel()
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == zonesPath {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Retry-After", "9")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		_, err := provider.Zones.List(t.Context())
		fetch := (*FetchError)(nil)
		if !errors.As(err, &fetch) || fetch.Noun != "zone" || fetch.RetryAfter != 9*time.Second {
			t.Errorf("List() = %v, want a FetchError of zone with RetryAfter 9s", err)
		}
		wantErrorIs(t, "List()", err, wisphub.ErrForbidden)
		wantErrorIs(t, "List()", err, ErrUpstreamRateLimited)
	})
}
