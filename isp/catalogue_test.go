package isp

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

func TestRouters(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	routers, err := provider.Routers.List(t.Context())
	if err != nil || len(routers) != 8 || *routers[0] != (Router{ID: "router:1", RouterID: 1, Name: "Marinilla"}) {
		t.Errorf("List() = %v, %v, want 8 routers from Marinilla on", routers, err)
	}
	failing, err := provider.Routers.Get(t.Context(), 6)
	if err != nil || !failing.GeneralFailure || failing.GeneralFailureDescription != "Corte de fibra en la troncal" {
		t.Errorf("Get(6) = %+v, %v, want a router with a declared failure", failing, err)
	}
	if router, err := provider.Routers.Get(t.Context(), 99); err != nil || router != nil {
		t.Errorf("Get(99) = %v, %v, want none", router, err)
	}
	wantCalls(t, upstream, 1)
}

func TestStaff(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	staff, err := provider.Staff.List(t.Context())
	want := Staff{ID: "staff:1", StaffID: 1, Name: "Luz Marina Ocampo", Username: "admin@demo-isp", Email: "admin@demo-isp.example"}
	if err != nil || len(staff) != 6 || *staff[0] != want {
		t.Errorf("List() = %v, %v, want 6 people from %+v on", staff, err, want)
	}
	if person, err := provider.Staff.Get(t.Context(), 2); err != nil || person.Name != "" || person.Username != "soporte@demo-isp" {
		t.Errorf("Get(2) = %+v, %v, want somebody without a name", person, err)
	}
	if person, err := provider.Staff.Get(t.Context(), 5); err != nil || person != nil {
		t.Errorf("Get(5) = %v, %v, want nobody", person, err)
	}
	wantCalls(t, upstream, 1)
}

func TestPaymentMethods(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	methods, err := provider.PaymentMethods.List(t.Context())
	if err != nil || len(methods) != 6 || *methods[5] != (PaymentMethod{"paymentMethod:8", 8, "Saldo a Favor"}) {
		t.Errorf("List() = %v, %v, want 6 methods, Saldo a Favor last", methods, err)
	}
	if method, err := provider.PaymentMethods.Get(t.Context(), 4); err != nil || method != nil {
		t.Errorf("Get(4) = %v, %v, want none", method, err)
	}
	wantCalls(t, upstream, 1)
}

func TestSectors(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 200)
	warm(t, upstream, provider)
	for _, client := range loadedDirectory(t, provider).clients {
		if client.Sector == nil {
			continue
		}
		if sector, err := provider.Clients.Sector(t.Context(), client.Sector.SectorID); err != nil || *sector != *client.Sector {
			t.Errorf("Sector(%d) = %v, %v, want the client's", client.Sector.SectorID, sector, err)
		}
	}
	if sector, err := provider.Clients.Sector(t.Context(), 99); err != nil || sector != nil {
		t.Errorf("Sector(99) = %v, %v, want none", sector, err)
	}
	wantCalls(t, upstream, 0)
}

// Each list that fails says which it is, and not why.
func TestCataloguesFail(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, host(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	})))
	lists := map[string]func(context.Context) error{
		"router":         func(ctx context.Context) error { _, err := provider.Routers.Get(ctx, 1); return err },
		"staff":          func(ctx context.Context) error { _, err := provider.Staff.Get(ctx, 1); return err },
		"payment method": func(ctx context.Context) error { _, err := provider.PaymentMethods.List(ctx); return err },
		"zone":           func(ctx context.Context) error { _, err := provider.Zones.List(ctx); return err },
		"client":         func(ctx context.Context) error { _, err := provider.Clients.Sector(ctx, 1); return err },
	}
	for noun, read := range lists {
		err := read(t.Context())
		fetch := (*FetchError)(nil)
		if !errors.As(err, &fetch) || fetch.Noun != noun || !errors.Is(err, ErrUpstreamUnavailable) || !errors.Is(err, wisphub.ErrForbidden) {
			t.Errorf("%s: %v, want a FetchError of %s", noun, err, noun)
		}
	}
}

// While WispHub is down the lists that were read go on being served, for as long as configured.
func TestCataloguesOutliveTheUpstream(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	synctest.Test(t, func(t *testing.T) {
		provider, log := connect(t, address)
		read := func() error {
			_, err := provider.Routers.List(t.Context())
			synctest.Wait() // for the refresh behind it
			return err
		}
		if err := read(); err != nil {
			t.Fatalf("List() = %v", err)
		}
		upstream.SetFaults(wisphubtest.Faults{Down: true})
		time.Sleep(24*time.Hour - time.Nanosecond)
		if err := read(); err != nil || len(log.with("refresh failed", "routers")) != 1 {
			t.Errorf("List() = %v after a day, %q logged; want the old list and one line", err, log.with())
		}
		time.Sleep(time.Nanosecond)
		wantErrorIs(t, "List() after more than a day", read(), ErrUpstreamUnavailable)
	})
}

func TestConvertAll(t *testing.T) {
	t.Parallel()
	rows := []wisphub.Ref{{ID: 3, Name: "a"}, {}, {ID: 1, Name: "b"}, {ID: 3, Name: "c"}, {ID: -1}}
	zones := convertAll(rows, func(z *Zone) int { return z.ZoneID }, newZone)
	if len(zones) != 2 || zones[0].Name != "a" || zones[1].Name != "b" {
		t.Errorf("convertAll() = %v, want the first of each id, in order", zones)
	}
	if none := convertAll(nil, func(z *Zone) int { return z.ZoneID }, newZone); none == nil || len(none) != 0 {
		t.Errorf("convertAll(nil) = %v, want an empty list", none)
	}
}

func TestInParallelIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var running, most, done atomic.Int32
		began := time.Now()
		inParallel(4, 10, func(int) {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Second)
			running.Add(-1)
			done.Add(1)
		})
		if done.Load() != 10 || most.Load() > 4 || time.Since(began) != 3*time.Second {
			t.Errorf("%d done, %d at a time, in %v; want 10, 4 at a time, in 3s", done.Load(), most.Load(), time.Since(began))
		}
	})
}
