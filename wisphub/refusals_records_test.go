package wisphub

import (
	"errors"
	"testing"
	"time"
)

// A revoked key that reads a new record each time spends few calls too.
func Test13_5_RefusedRevokedKeyRecords(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		everyRead(t.Context(), api, 1)
		upstream.change(func(u *tenant) { u.key, u.calls = "new-key", map[string]int{} })
		for n := range 3600 {
			_, account := api.Clients.Account(t.Context(), n+1)
			_, ticket := api.Tickets.Get(t.Context(), n+1)
			if !errors.Is(account, ErrForbidden) || !errors.Is(ticket, ErrForbidden) {
				t.Fatalf("reads with the revoked key = %v, %v, want %v", account, ticket, ErrForbidden)
			}
			time.Sleep(time.Second)
		}
		if got := upstream.total(); got > distrustAfter+30 {
			t.Errorf("%d calls were sent with the revoked key in an hour, want at most %d", got, distrustAfter+30)
		}
	})
}

// Records that stay refused do not stop another one. Each is tried again every five minutes.
func Test13_5_RefusedRecordsBesideAllowed(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		refused := []string{"tickets/1/", "tickets/2/", "tickets/3/"}
		upstream.change(func(u *tenant) {
			for _, path := range refused {
				u.forbidden[path] = true
			}
		})
		for range 120 {
			for id := range refused {
				if _, err := api.Tickets.Get(t.Context(), id+1); !errors.Is(err, ErrForbidden) {
					t.Fatalf("Tickets.Get(%d) = %v, want %v", id+1, err, ErrForbidden)
				}
			}
			if _, err := api.Zones.List(t.Context()); err != nil {
				t.Fatalf("Zones.List = %v, want no error", err)
			}
			if _, err := api.Tickets.Get(t.Context(), 5); err != nil {
				t.Fatalf("Tickets.Get(5) beside refused tickets = %v, want no error", err)
			}
			time.Sleep(30 * time.Second)
		}
		for _, path := range refused {
			if got := upstream.calls[path]; got < 10 || got > refusedAfter+12 {
				t.Errorf("%s was called %d times in an hour, want %d and one every five minutes", path, got, refusedAfter)
			}
		}
	})
}

// A key that lacks two permissions and one record still reads the other records.
func Test13_5_RefusedRoutesAndRecord(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{"after a good answer": true, "from the start": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
				upstream.change(func(u *tenant) {
					u.forbidden = map[string]bool{"zonas/": true, "staff/": true, "clientes/1/saldo/": true}
				})
				if good {
					if _, err := api.Clients.List(t.Context(), ClientListOptions{}); err != nil {
						t.Fatalf("Clients.List = %v, want no error", err)
					}
				}
				for range 290 {
					_, zones := api.Zones.List(t.Context())
					_, staff := api.Staff.List(t.Context())
					_, account := api.Clients.Account(t.Context(), 1)
					for _, err := range []error{zones, staff, account} {
						if !errors.Is(err, ErrForbidden) {
							t.Fatalf("a refused read = %v, want %v", err, ErrForbidden)
						}
					}
					if _, err := api.Clients.Account(t.Context(), 2); err != nil {
						t.Fatalf("Clients.Account(2) = %v, want no error", err)
					}
					time.Sleep(time.Second)
				}
			})
		})
	}
}

// While the key is suspected, ids that were not refused yet are tried, at most every five seconds.
func Test13_5_RefusedNewID(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		upstream.change(func(u *tenant) {
			u.forbidden = map[string]bool{"zonas/": true, "tickets/1/": true, "tickets/2/": true}
		})
		_, _ = api.Zones.List(t.Context())
		_, _ = api.Tickets.Get(t.Context(), 1)
		_, _ = api.Tickets.Get(t.Context(), 2) // probes
		_, err := api.Tickets.Get(t.Context(), 5)
		if wait := RetryAfter(err); !errors.Is(err, ErrForbidden) || wait <= 0 || wait > newIDInterval {
			t.Errorf("Tickets.Get(5) at once = %v with RetryAfter %v, want %v and at most %v", err, wait, ErrForbidden, newIDInterval)
		}
		time.Sleep(newIDInterval)
		_, _ = api.Tickets.Get(t.Context(), 1) // refused before, so it takes no probe
		if _, err := api.Tickets.Get(t.Context(), 5); err != nil {
			t.Errorf("Tickets.Get(5) after %v = %v, want no error", newIDInterval, err)
		}
	})
}

// A 403 for a new record may be about its values, so that the next one is tried soon.
func Test13_5_RefusedWriteSoonAgain(t *testing.T) {
	t.Parallel()
	withTenant(t, func(t *testing.T, api *API, upstream *tenant) {
		upstream.change(func(u *tenant) { u.forbidden["tickets/"] = true })
		for range refusedAfter + 2 {
			checkOutcome(t, createTicket(t.Context(), api), ErrForbidden, false)
		}
		if got := upstream.total(); got != refusedAfter {
			t.Errorf("%d calls were sent, want %d", got, refusedAfter)
		}
		upstream.change(func(u *tenant) { u.forbidden["tickets/"] = false })
		time.Sleep(refusedWriteInterval)
		if err := createTicket(t.Context(), api); err != nil {
			t.Errorf("Tickets.Create after %v = %v, want no error", refusedWriteInterval, err)
		}
	})
}
