package wisphub

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A revoked key spends a few calls, not the budget, and the new key works at once.
func Test13_5_RefusedRevokedKey(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		everyRead(t.Context(), api, 1) // with the good key
		upstream.change(func(u *tenant) { u.key, u.calls = "new-key", map[string]int{} })
		for n := range 100 {
			for _, err := range everyRead(t.Context(), api, n+1) {
				if !errors.Is(err, ErrForbidden) {
					t.Fatalf("a read with the revoked key = %v, want %v", err, ErrForbidden)
				}
			}
			time.Sleep(time.Second)
		}
		if got := upstream.total(); got > 20 {
			t.Errorf("%d calls were sent with the revoked key, want at most 20", got)
		}
		began := time.Now()
		api.SetKey("new-key")
		for _, err := range everyRead(t.Context(), api, 1) {
			if errors.Is(err, ErrForbidden) || errors.Is(err, ErrBudget) {
				t.Errorf("a read with the new key = %v, want an answer", err)
			}
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("the new key waited %v, want no wait", took)
		}
	})
}

// One permission that the key lacks stops that route only. It is tried again every five minutes.
func Test13_5_RefusedRouteOnly(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		upstream.change(func(u *tenant) { u.forbidden["zonas/"] = true })
		for range 3600 {
			if _, err := api.Zones.List(t.Context()); !errors.Is(err, ErrForbidden) {
				t.Fatalf("Zones.List = %v, want %v", err, ErrForbidden)
			}
			time.Sleep(time.Second)
		}
		if got := upstream.total(); got < 10 || got > refusedAfter+12 {
			t.Errorf("%d calls were refused in an hour, want %d and one every five minutes", got, refusedAfter)
		}
		if _, err := api.Clients.List(t.Context(), ClientListOptions{}); err != nil {
			t.Errorf("Clients.List beside the refused route = %v, want no error", err)
		}
		upstream.change(func(u *tenant) { u.forbidden["zonas/"] = false })
		time.Sleep(refusalProbeInterval)
		for range 10 {
			if _, err := api.Zones.List(t.Context()); err != nil {
				t.Errorf("Zones.List after the permission was granted = %v, want no error", err)
			}
		}
	})
}

// A key that lacks several permissions still reads what it may read.
func Test13_5_RefusedSeveralRoutes(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		upstream.change(func(u *tenant) { u.forbidden = map[string]bool{"zonas/": true, "staff/": true, "router/": true} })
		for range 5 {
			_, zones := api.Zones.List(t.Context())
			_, staff := api.Staff.List(t.Context())
			_, routers := api.Routers.List(t.Context())
			if !errors.Is(zones, ErrForbidden) || !errors.Is(staff, ErrForbidden) || !errors.Is(routers, ErrForbidden) {
				t.Errorf("refused routes = %v, %v, %v, want %v", zones, staff, routers, ErrForbidden)
			}
		}
		if _, err := api.Clients.List(t.Context(), ClientListOptions{}); err != nil {
			t.Errorf("Clients.List = %v, want no error", err)
		}
	})
}

// WispHub refuses some tickets to some keys. That does not stop the others.
func Test13_5_RefusedRecordOnly(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		upstream.change(func(u *tenant) { u.forbidden["tickets/7/"] = true })
		for range 50 {
			if _, err := api.Tickets.Get(t.Context(), 7); !errors.Is(err, ErrForbidden) {
				t.Errorf("Tickets.Get(7) = %v, want %v", err, ErrForbidden)
			}
		}
		if got := upstream.total(); got != refusedAfter {
			t.Errorf("%d calls were sent, want %d", got, refusedAfter)
		}
		if _, err := api.Tickets.Get(t.Context(), 5); err != nil {
			t.Errorf("Tickets.Get(5) = %v, want no error", err)
		}
	})
}

// Reading and writing the same path need different permissions. A write that is not sent has a
// known outcome.
func Test13_5_RefusedWrite(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("POST /api/tickets/{$}", reply(403, jsonType, `{"detail": "x"}`))
	mux.HandleFunc("GET /api/tickets/{$}", reply(200, jsonType, `{"count": 0, "results": []}`))
	for range 5 {
		checkOutcome(t, createTicket(t.Context(), api), ErrForbidden, false)
	}
	if _, err := api.Tickets.List(t.Context(), TicketListOptions{}); err != nil {
		t.Errorf("Tickets.List = %v, want no error", err)
	}
	if got := api.Usage().LastMinute; got != refusedAfter+1 {
		t.Errorf("%d calls were sent, want %d", got, refusedAfter+1)
	}
}

// Answers to the old key that arrive late change nothing for the new one.
func Test13_5_RefusedLateAnswer(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{403: `{"detail": "x"}`, 429: `{}`} {
		arrived, proceed := make(chan bool), make(chan bool)
		refusals := 0
		api := open(t, Config{
			OnForbidden: func() { refusals++ },
			Host: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.Header.Get("Authorization"), "new-key") {
					reply(200, jsonType, `[]`)(w, r)
					return
				}
				arrived <- true
				<-proceed
				reply(status, jsonType, body)(w, r)
			})),
		})
		ended := make(chan error)
		go func() {
			_, err := api.Zones.List(t.Context())
			ended <- err
		}()
		<-arrived
		api.SetKey("new-key")
		close(proceed)
		if err := <-ended; err == nil {
			t.Errorf("Zones.List with the old key, status %d = nil, want an error", status)
		}
		began := time.Now()
		if _, err := api.Zones.List(t.Context()); err != nil || time.Since(began) > 5*time.Second || refusals != 0 {
			t.Errorf("Zones.List with the new key = %v after %v and %d refusals, want no error at once", err, time.Since(began), refusals)
		}
	}
}

// A pause that the old key caused ends with it.
func Test13_5_SetKeyEndsPause(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		upstream.change(func(u *tenant) { u.key = "new-key" })
		api.limiter.Pause(5 * time.Minute)
		ended := make(chan error)
		go func() { // waits for the pause
			_, err := api.Zones.List(inBackground(t))
			ended <- err
		}()
		synctest.Wait()
		began := time.Now()
		api.SetKey("new-key")
		if err := <-ended; err != nil || time.Since(began) > time.Second {
			t.Errorf("Zones.List after SetKey = %v after %v, want no error at once", err, time.Since(began))
		}
	})
}
