package isp

import (
	"errors"
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

// Invented services never make the list cost more than half of the hour. A list that is too old says
// nothing about them.
func Test13_4_InventedServicesArePaced(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ step, most int }{
		"the same ids": {0, 250}, // a list of 12 calls in two minutes
		"new ids":      {6, 500},
	} {
		bubbled(t, name, func(t *testing.T) {
			w := newBubble(t, 3500, func(*Config) {})
			if err := w.provider.Clients.Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			ids, refused := []int{900_001, 900_002, 900_003, 900_004, 900_005, 900_006}, 0
			for range 66 {
				time.Sleep(31 * time.Second)
				payload, err := w.provider.Clients.Activate(t.Context(), ids)
				fetch := (*FetchError)(nil)
				switch {
				case err == nil && payload.Task == nil && slices.Equal(payload.UnknownServiceIds, ids):
				case errors.As(err, &fetch) && errors.Is(err, ErrUpstreamUnavailable) && fetch.RetryAfter > 0:
					refused++
				default:
					t.Errorf("Activate(%v) = %+v, %v, want them unknown, or a wait", ids, payload, err)
				}
				for i := range ids {
					ids[i] += test.step
				}
			}
			if _, hour := w.calls(time.Hour); hour > test.most {
				t.Errorf("%d calls in an hour, want at most %d", hour, test.most)
			}
			if (refused > 0) != (test.step > 0) {
				t.Errorf("%d of 66 calls have to wait, want some only if the ids change", refused)
			}
		})
	}
}

// While the list may not be read again, services of the last two minutes' list are unknown, and then
// a caller must wait.
func Test13_4_PacedListAnswersForTwoMinutes(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 5)
	synctest.Test(t, func(t *testing.T) {
		ids := []int{900, 901, 902, 903, 904, 905}
		provider := newServices(t, address, upstream)
		provider.Clients.pacing.record(time.Now().Add(-time.Minute), 500)
		time.Sleep(missTTL - time.Second)
		payload, err := provider.Clients.Activate(t.Context(), ids)
		if err != nil || !slices.Equal(payload.UnknownServiceIds, ids) {
			t.Errorf("Activate() = %+v, %v, want all unknown", payload, err)
		}
		time.Sleep(time.Second)
		_, err = provider.Clients.Activate(t.Context(), ids)
		wantErrorIs(t, "Activate() with an old list", err, ErrUpstreamUnavailable)
		fetch := (*FetchError)(nil)
		if want := 57 * time.Minute; !errors.As(err, &fetch) || fetch.RetryAfter != want {
			t.Errorf("Activate() = %v, want a wait of %v", err, want)
		}
		wantCalls(t, upstream, 0)
	})
}
