package isp

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// newServices is a warm provider whose WispHub has services that the directory lacks.
func newServices(t *testing.T, address string, upstream *wisphubtest.Server, ids ...int) *Provider {
	t.Helper()
	provider, _ := connect(t, address)
	warm(t, upstream, provider)
	for _, id := range ids {
		upstream.PutRow(map[string]any{"id_servicio": id, "nombre": "Nueva", "estado": "Suspendido"})
	}
	return provider
}

// A service that was created a minute ago is found by its id, and changes its state.
func Test13_4_NewServiceIsLookedUp(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 5)
	synctest.Test(t, func(t *testing.T) {
		provider := newServices(t, address, upstream, 900)
		for range 2 {
			client, err := provider.Clients.Get(t.Context(), 900)
			if err != nil || client == nil || client.Name != "Nueva" {
				t.Errorf("Get(900) = %v, %v, want the new service", client, err)
			}
		}
		wantCalls(t, upstream, 1)
		payload, err := provider.Clients.Activate(t.Context(), []int{900, upstream.IDs()[0]})
		if err != nil || payload.Task == nil || len(payload.UserErrors) > 0 || len(payload.UnknownServiceIds) > 0 {
			t.Errorf("Activate(900) = %+v, %v, want a task", payload, err)
		}
	})
}

// What WispHub does not have either is refused, and named.
func Test13_4_UnknownServicesAreNamed(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 5)
	synctest.Test(t, func(t *testing.T) {
		provider := newServices(t, address, upstream, 900)
		for range 2 {
			payload, err := provider.Clients.Suspend(t.Context(), []int{901, 900, upstream.IDs()[0], 902})
			if err != nil || payload.Task != nil || len(payload.UserErrors) != 2 || !slices.Equal(payload.UnknownServiceIds, []int{901, 902}) {
				t.Errorf("Suspend(901, 900, …, 902) = %+v, %v, want 901 and 902 as unknown", payload, err)
			}
			if client, err := provider.Clients.Get(t.Context(), 902); client != nil || err != nil {
				t.Errorf("Get(902) = %v, %v, want nil, as Suspend says", client, err)
			}
		}
		wantCalls(t, upstream, 3)
	})
}

// Many missing services cost one reading of the list, once in half a minute, and not a call each.
func Test13_4_ManyNewServicesCostOneList(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 5)
	synctest.Test(t, func(t *testing.T) {
		var ids []int
		for id := range 60 {
			ids = append(ids, 900+id)
		}
		provider := newServices(t, address, upstream, ids[:59]...)
		time.Sleep(time.Minute)
		for range 5 {
			payload, err := provider.Clients.Activate(t.Context(), ids)
			if err != nil || payload.Task != nil || !slices.Equal(payload.UnknownServiceIds, []int{959}) {
				t.Errorf("Activate(900 to 959) = %+v, %v, want 959 as unknown", payload, err)
			}
		}
		if lists := upstream.Requests()["GET /api/clientes/"]; lists > 2 {
			t.Errorf("60 new services cost %d calls, want a list and the look-up of the one that is not there", lists)
		}
		if payload, err := provider.Clients.Activate(t.Context(), ids[:59]); err != nil || payload.Task == nil {
			t.Errorf("Activate(900 to 958) = %+v, %v, want a task", payload, err)
		}
		for id := range ids {
			ids[id] += 1000
		}
		upstream.Reset()
		for range 5 {
			if payload, err := provider.Clients.Activate(t.Context(), ids); err != nil || len(payload.UnknownServiceIds) != 60 {
				t.Errorf("Activate(1900 to 1959) = %+v, %v, want all unknown", payload, err)
			}
		}
		if lists := upstream.Requests()["GET /api/clientes/"]; lists > 2 {
			t.Errorf("60 unknown services cost %d calls, want at most one list more", lists)
		}
	})
}

// When WispHub cannot be asked, a service is not called unknown.
func Test13_4_FailedLookUpIsNoAnswer(t *testing.T) {
	t.Parallel()
	upstream, _ := simulate(t, 5)
	provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "id_servicio") {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		upstream.ServeHTTP(w, r)
	})))
	warm(t, upstream, provider)
	_, err := provider.Clients.Get(t.Context(), 900)
	wantErrorIs(t, "Get(900)", err, ErrUpstreamUnavailable)
	_, err = provider.Clients.Activate(t.Context(), []int{900})
	wantErrorIs(t, "Activate(900)", err, ErrUpstreamUnavailable)
}
