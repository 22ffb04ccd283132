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

func TestRouters_ListAndGet(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	routers, err := provider.Routers.List(t.Context())
	if err != nil || len(routers) != 8 || *routers[0] != (Router{ID: "router:1", RouterID: 1, Name: "Marinilla"}) {
		t.Errorf("List() = %v, %v, want 8 routers, Marinilla first", routers, err)
	}
	failing, err := provider.Routers.Get(t.Context(), 6)
	if err != nil || !failing.GeneralFailure || failing.GeneralFailureDescription != "Corte de fibra en la troncal" {
		t.Errorf("Get(6) = %+v, %v, want a router with a declared failure", failing, err)
	}
	if router, err := provider.Routers.Get(t.Context(), 99); err != nil || router != nil {
		t.Errorf("Get(99) = %v, %v, want nil", router, err)
	}
	wantCalls(t, upstream, 1)
}

func TestStaff_ListAndGet(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	staff, err := provider.Staff.List(t.Context())
	want := Staff{ID: "staff:1", StaffID: 1, Name: "Luz Marina Ocampo", Username: "admin@demo-isp", Email: "admin@demo-isp.example"}
	if err != nil || len(staff) != 6 || *staff[0] != want {
		t.Errorf("List() = %v, %v, want 6 employees, %+v first", staff, err, want)
	}
	if staff, err := provider.Staff.Get(t.Context(), 2); err != nil || staff.Name != "" || staff.Username != "soporte@demo-isp" {
		t.Errorf("Get(2) = %+v, %v, want an employee without a name", staff, err)
	}
	if staff, err := provider.Staff.Get(t.Context(), 5); err != nil || staff != nil {
		t.Errorf("Get(5) = %v, %v, want nil", staff, err)
	}
	wantCalls(t, upstream, 1)
}

func TestPaymentMethods_ListAndGet(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	methods, err := provider.PaymentMethods.List(t.Context())
	if err != nil || len(methods) != 6 || *methods[5] != (PaymentMethod{"paymentMethod:8", 8, "Saldo a Favor"}) {
		t.Errorf("List() = %v, %v, want 6 methods, Saldo a Favor last", methods, err)
	}
	if method, err := provider.PaymentMethods.Get(t.Context(), 4); err != nil || method != nil {
		t.Errorf("Get(4) = %v, %v, want nil", method, err)
	}
	wantCalls(t, upstream, 1)
}

func TestClients_Sector(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 200)
	warm(t, upstream, provider)
	for _, client := range loadedDirectory(t, provider).clients {
		if client.Sector == nil {
			continue
		}
		if sector, err := provider.Clients.Sector(t.Context(), client.Sector.SectorID); err != nil || *sector != *client.Sector {
			t.Errorf("Sector(%d) = %v, %v, want %v", client.Sector.SectorID, sector, err, *client.Sector)
		}
	}
	if sector, err := provider.Clients.Sector(t.Context(), 99); err != nil || sector != nil {
		t.Errorf("Sector(99) = %v, %v, want nil", sector, err)
	}
	wantCalls(t, upstream, 0)
}

// The error names the list that failed.
func TestCatalogue_ListFails(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
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
			t.Errorf("List() or Get() = %v, want a FetchError of %s for ErrForbidden", err, noun)
		}
	}
}

// While WispHub is down, a cached list is served until the stale limit.
func TestCatalogue_ServesStaleList(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 1)
	synctest.Test(t, func(t *testing.T) {
		provider, log := connect(t, address)
		read := func() error {
			_, err := provider.Routers.List(t.Context())
			synctest.Wait() // for the background refresh
			return err
		}
		if err := read(); err != nil {
			t.Fatalf("List() = %v", err)
		}
		upstream.SetFaults(wisphubtest.Faults{Down: true})
		time.Sleep(24*time.Hour - time.Nanosecond)
		if err := read(); err != nil || len(log.matching("refresh failed", "routers")) != 1 {
			t.Errorf("List() = %v after a day, log %q, want the stale list and one line", err, log.matching())
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
		t.Errorf("convertAll() = %v, want the first row of each id, in order", zones)
	}
	if none := convertAll(nil, func(z *Zone) int { return z.ZoneID }, newZone); none == nil || len(none) != 0 {
		t.Errorf("convertAll(nil) = %v, want an empty list", none)
	}
}

func TestInParallel_IsBounded(t *testing.T) {
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
			t.Errorf("inParallel(4, 10) made %d calls, %d concurrent, in %v; want 10, at most 4, in 3s", done.Load(), most.Load(), time.Since(began))
		}
	})
}
