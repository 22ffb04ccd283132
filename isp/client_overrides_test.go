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

// cityOf returns the city of a client as the list shows it, and how often the list has it.
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
		tb.Fatalf("UpdateClient(%d, %s) = %+v, %v", id, city, payload, err)
	}
}

// A list whose reading had begun before a write does not bring the old value back.
func TestWriteDuringTheReadingOfTheList(t *testing.T) {
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
	var reading sync.WaitGroup
	reading.Go(func() {
		if err := refresh(t, provider); err != nil {
			t.Errorf("the reading failed: %v", err)
		}
	})
	<-firstPage
	setCity(t, provider, id, "Bello")
	close(goOn)
	reading.Wait()
	if after := loadedDirectory(t, provider); !after.asOf.After(before) || len(after.clients) != 700 {
		t.Errorf("%d clients as of %v, want 700 of a reading after %v", len(after.clients), after.asOf, before)
	}
	if city, times := cityOf(t, provider, id); city != "Bello" || times != 1 {
		t.Errorf("the city is %q, in %d rows, want Bello in one", city, times)
	}
	// A reading that began after the write has the last word.
	row := upstream.Row(id)
	row["ciudad"] = "Rionegro"
	upstream.PutRow(row)
	time.Sleep(maxSkew) // the other clock that a write may have been told by
	if err := refresh(t, provider); err != nil {
		t.Fatal(err)
	}
	if city, times := cityOf(t, provider, id); city != "Rionegro" || times != 1 {
		t.Errorf("the city is %q, in %d rows, want Rionegro in one", city, times)
	}
	if kept := len(provider.Clients.overrides.records); kept != 0 {
		t.Errorf("%d writes are kept though the list is newer", kept)
	}
}

// Many writes and reads at once: who has written reads it, and nobody reads half a list.
func TestWritesAtOnce(t *testing.T) {
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
					t.Errorf("the city of %d is %q, in %d rows, want %s in one", id, city, times, want)
				}
			}
		})
	}
	group.Wait()
}

// Without a directory the look-ups show it, under the new keys and not the old ones.
func TestWritesWithoutADirectory(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	id := upstream.IDs()[0]
	row := upstream.Row(id)
	row["cedula"] = "555001"
	upstream.PutRow(row)
	wantFound(t, provider, byDoc("555001"), id)
	payload, err := provider.Clients.Update(t.Context(), UpdateClientInput{ServiceID: id, Document: new("555002")})
	if err != nil || len(payload.UserErrors) > 0 {
		t.Fatalf("UpdateClient = %+v, %v", payload, err)
	}
	client, err := provider.Clients.Get(t.Context(), id)
	if err != nil || client.Document != "555002" {
		t.Errorf("Get = %+v, %v, want the new document", client, err)
	}
	if client, err := provider.Clients.Find(t.Context(), byDoc("555001")); err != nil || client != nil {
		t.Errorf("Find by the old document = %v, %v, want nobody", client, err)
	}
	wantFound(t, provider, byDoc("555002"), id)
}

// What was written is in the account, too: it is asked for again.
func TestWriteForgetsTheAccount(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	id := upstream.IDs()[0]
	if _, err := provider.Accounts.Get(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	setCity(t, provider, id, "Bello")
	if provider.Accounts.Known(id) {
		t.Error("the account is served from before the write")
	}
}

// Services whose job has ended while the list was read are read once more: the list may have been ahead of it.
func TestReadAgainDuringTheReadingOfTheList(t *testing.T) {
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
	var reading sync.WaitGroup
	reading.Go(func() { _ = refresh(t, provider) })
	<-held // the first page, with the clients, is read
	for _, id := range ids {
		row := upstream.Row(id)
		row["estado"] = "Suspendido"
		upstream.PutRow(row)
	}
	slow.Store(false)
	reading.Go(func() {
		if err := provider.Clients.reloadMany(t.Context(), ids); err != nil {
			t.Errorf("readAllAgain = %v", err)
		}
	})
	time.Sleep(20 * time.Millisecond) // so that it meets the reading; if it does not, nothing is tested, and nothing wrong
	close(goOn)
	reading.Wait()
	for _, id := range ids {
		if client, err := provider.Clients.Get(t.Context(), id); err != nil || client.Status != ClientSuspended {
			t.Errorf("client %d = %v, %v, want SUSPENDED", id, client.Status, err)
		}
	}
}
