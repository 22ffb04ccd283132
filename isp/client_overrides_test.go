package isp

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// cityOf returns the city of a client in the list, and how many rows the client has.
func cityOf(tb testing.TB, provider *Provider, id int) (city string, times int) {
	tb.Helper()
	page, err := provider.Clients.List(tb.Context(), ClientQuery{First: new(2000)})
	if err != nil {
		tb.Fatal(err)
	}
	for _, client := range page.Nodes {
		if client.ServiceID == id {
			city = string(client.City)
			times++
		}
	}
	return city, times
}

func setCity(tb testing.TB, provider *Provider, id int, city string) {
	tb.Helper()
	payload, err := provider.Clients.Update(tb.Context(), UpdateClientInput{ServiceID: id, City: &city})
	if err != nil || len(payload.UserErrors) > 0 || string(payload.Client.City) != city {
		tb.Fatalf("Update(%d, %s) = %+v, %v", id, city, payload, err)
	}
}

// A crawl that began before a write does not restore the old value.
func TestClientOverrides_WriteDuringACrawl(t *testing.T) {
	t.Parallel()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: 700, Seed: 1})
	t.Cleanup(upstream.Close)
	var slow atomic.Bool
	firstPage, goOn := make(chan struct{}), make(chan struct{})
	provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slow.Load() && r.URL.Query().Get("offset") != "" {
			<-goOn
		}
		upstream.ServeHTTP(w, r)
		if slow.Load() && r.URL.Path == "/api/clientes/" && r.URL.Query().Get("id_servicio") == "" {
			select {
			case firstPage <- struct{}{}:
			default:
			}
		}
	})))
	warm(t, upstream, provider)
	before := loadedDirectory(t, provider).asOf
	id := upstream.IDs()[0]
	slow.Store(true)
	var crawling sync.WaitGroup
	crawling.Go(func() {
		if err := refresh(t, provider); err != nil {
			t.Errorf("refresh = %v", err)
		}
	})
	<-firstPage
	setCity(t, provider, id, "Bello")
	close(goOn)
	crawling.Wait()
	if after := loadedDirectory(t, provider); !after.asOf.After(before) || len(after.clients) != 700 {
		t.Errorf("%d clients as of %v, want 700 of a crawl after %v", len(after.clients), after.asOf, before)
	}
	if city, times := cityOf(t, provider, id); city != "Bello" || times != 1 {
		t.Errorf("city = %q, in %d rows, want Bello in one", city, times)
	}
	// A crawl that began after the write replaces the override.
	row := upstream.Row(id)
	row["ciudad"] = "Rionegro"
	upstream.PutRow(row)
	time.Sleep(maxSkew) // the clocks of replicas may differ by so much
	if err := refresh(t, provider); err != nil {
		t.Fatal(err)
	}
	if city, times := cityOf(t, provider, id); city != "Rionegro" || times != 1 {
		t.Errorf("city = %q, in %d rows, want Rionegro in one", city, times)
	}
	if count := len(provider.Clients.overrides.records); count != 0 {
		t.Errorf("%d overrides, want none beside a newer list", count)
	}
}

// During many writes and reads, each writer reads its own write, and each list is whole.
func TestClientOverrides_ParallelWrites(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 300)
	warm(t, upstream, provider)
	var group sync.WaitGroup
	for i, id := range upstream.IDs()[:10] {
		group.Go(func() {
			for round := range 3 {
				want := "Ciudad " + strconv.Itoa(i) + "-" + strconv.Itoa(round)
				setCity(t, provider, id, want)
				if city, times := cityOf(t, provider, id); city != want || times != 1 {
					t.Errorf("city of %d = %q, in %d rows, want %s in one", id, city, times, want)
				}
			}
		})
	}
	group.Wait()
}

// Without a directory, look-ups find the client by its new document and not by the old one.
func TestClientOverrides_WithoutADirectory(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	id := upstream.IDs()[0]
	row := upstream.Row(id)
	row["cedula"] = "555001"
	upstream.PutRow(row)
	wantFound(t, provider, byDoc("555001"), id)
	payload, err := provider.Clients.Update(t.Context(), UpdateClientInput{ServiceID: id, Document: new("555002")})
	if err != nil || len(payload.UserErrors) > 0 {
		t.Fatalf("Update = %+v, %v", payload, err)
	}
	client, err := provider.Clients.Get(t.Context(), id)
	if err != nil || client.Document != "555002" {
		t.Errorf("Get = %+v, %v, want the new document", client, err)
	}
	if client, err := provider.Clients.Find(t.Context(), byDoc("555001")); err != nil || client != nil {
		t.Errorf("Find by the old document = %v, %v, want nil", client, err)
	}
	wantFound(t, provider, byDoc("555002"), id)
}

// A write may change the account, so the account is read again.
func TestClientOverrides_InvalidateTheAccount(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	id := upstream.IDs()[0]
	if _, err := provider.Accounts.Get(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	setCity(t, provider, id, "Bello")
	if provider.Accounts.Known(id) {
		t.Error("Known() = true for an account that was read before the write, want false")
	}
}

// Services whose task ended during a crawl are read again, because the crawl may have the old
// state.
func TestReloadMany_DuringACrawl(t *testing.T) {
	t.Parallel()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: 700, Seed: 1})
	t.Cleanup(upstream.Close)
	var slow atomic.Bool
	held, goOn := make(chan struct{}, 1), make(chan struct{})
	provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slow.Load() && r.URL.Query().Get("offset") != "" {
			select {
			case held <- struct{}{}:
			default:
			}
			<-goOn
		}
		upstream.ServeHTTP(w, r)
	})))
	warm(t, upstream, provider)
	ids := upstream.IDs()[:10]
	slow.Store(true)
	var crawling sync.WaitGroup
	crawling.Go(func() { _ = refresh(t, provider) })
	<-held // the first page, with the clients, is read
	for _, id := range ids {
		row := upstream.Row(id)
		row["estado"] = "Suspendido"
		upstream.PutRow(row)
	}
	slow.Store(false)
	crawling.Go(func() {
		if err := provider.Clients.reloadMany(t.Context(), ids); err != nil {
			t.Errorf("readAllAgain = %v", err)
		}
	})
	time.Sleep(20 * time.Millisecond) // so that it joins the crawl; otherwise the test passes without proof
	close(goOn)
	crawling.Wait()
	for _, id := range ids {
		if client, err := provider.Clients.Get(t.Context(), id); err != nil || client.Status != ClientSuspended {
			t.Errorf("client %d = %v, %v, want SUSPENDED", id, client.Status, err)
		}
	}
}
