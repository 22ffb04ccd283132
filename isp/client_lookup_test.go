package isp

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

const mariaID = 30_000

// addMaria adds a client with all lookup keys to the simulated list.
func addMaria(upstream *wisphubtest.Server) {
	upstream.PutRow(map[string]any{
		"id_servicio": mariaID, "usuario": "maria@demo-isp", "nombre": "María José Pérez", "cedula": "77001122",
		"telefono": "3009998877, 311 999 8877", "estado": "Activo",
	})
}

func byID(id int) ClientKey            { return ClientKey{ServiceID: &id} }
func byDoc(document string) ClientKey  { return ClientKey{Document: &document} }
func byTel(phone string) ClientKey     { return ClientKey{Phone: &phone} }
func byUser(username string) ClientKey { return ClientKey{Username: &username} }

func wantFound(tb testing.TB, provider *Provider, key ClientKey, want int) {
	tb.Helper()
	client, err := provider.Clients.Find(tb.Context(), key)
	got := 0
	if client != nil {
		got = client.ServiceID
	}
	if err != nil || got != want {
		lookup, _ := key.lookup(colombia)
		tb.Errorf("Find(%+v) = client %d, %v, want client %d", lookup, got, err, want)
	}
}

func TestClients_FindCold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		key   ClientKey
		want  int // 0 for none
		calls int // beside the list, which each look-up starts to read
	}{
		{"service id", byID(mariaID), mariaID, 1},
		{"unknown service id", byID(29_999), 0, 1},
		{"username", byUser(" maria@demo-isp "), mariaID, 1},
		{"username in capitals", byUser("MARIA@demo-isp"), mariaID, 1},
		{"unknown username", byUser("unknown@demo-isp"), 0, 1},
		{"document", byDoc("77001122"), mariaID, 1},
		{"document with dots", byDoc("77.001.122"), mariaID, 1},
		{"unknown document", byDoc("5"), 0, 1},
		{"phone", byTel("3009998877"), mariaID, 0},
		{"phone with country code", byTel("+57 300 999 8877"), mariaID, 0},
		{"phone stored with spaces", byTel("3119998877"), mariaID, 0},
		{"unknown phone", byTel("3999999999"), 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			upstream, provider := open(t, 400)
			addMaria(upstream)
			for range 2 {
				wantFound(t, provider, test.key, test.want)
				wantCallsBesideList(t, upstream, test.calls)
			}
			if err := provider.Clients.Warm(t.Context()); err != nil {
				t.Fatal(err)
			}
			if pages, _ := callsOf(upstream); pages != 2 { // 401 rows: 300, then 299 new rows per page
				t.Errorf("pages of the list = %d, want 2", pages)
			}
		})
	}
}

func TestClients_Get(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	id := upstream.IDs()[2]
	client, err := provider.Clients.Get(t.Context(), id)
	if err != nil || client.ID != "client:"+strconv.Itoa(id) {
		t.Errorf("Get(%d) = %+v, %v, want the client", id, client, err)
	}
	_, err = provider.Clients.Get(t.Context(), 0)
	wantInputError(t, "Get(0)", err, "by", "serviceId")
	wantCallsBesideList(t, upstream, 1)
}

// "Not found" is cached for 30 seconds, a client for 2 minutes.
func TestClients_FindCachesAnswers(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 400)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		wantFound(t, provider, byID(mariaID), 0)
		time.Sleep(30*time.Second - 1)
		addMaria(upstream)
		wantFound(t, provider, byID(mariaID), 0)
		wantCallsBesideList(t, upstream, 1)
		time.Sleep(time.Nanosecond)
		wantFound(t, provider, byID(mariaID), mariaID)
		wantCallsBesideList(t, upstream, 2)
		time.Sleep(2*time.Minute - 1)
		wantFound(t, provider, byID(mariaID), mariaID)
		wantCallsBesideList(t, upstream, 2)
	})
}

func TestClients_FindWarmMakesNoCalls(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 400)
	addMaria(upstream)
	warm(t, upstream, provider)
	for _, key := range []ClientKey{
		byID(mariaID), byUser("MARIA@demo-isp"), byDoc("77.001.122"), byDoc("77001122"),
		byTel("3009998877"), byTel("573119998877"), byTel("9998877"),
	} {
		wantFound(t, provider, key, mariaID)
	}
	for _, key := range []ClientKey{byUser("unknown"), byDoc("5"), byTel("3999999999")} {
		wantFound(t, provider, key, 0)
	}
	wantCalls(t, upstream, 0)
	wantFound(t, provider, byID(29_999), 0) // may be newer than the directory
	wantFound(t, provider, byID(29_999), 0)
	wantCalls(t, upstream, 1)
}

// A warm directory lists clients with plans, zones and statistics from memory.
func TestClients_ListWarmMakesNoCalls(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 400)
	warm(t, upstream, provider)
	page, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil || len(page.Nodes) != 50 {
		t.Fatalf("List() = %v, want 50 clients", err)
	}
	plans := 0
	for _, client := range page.Nodes {
		if client.Plan != nil && client.Plan.Name != "" {
			plans++
		}
	}
	if plans < 40 || page.Stats().ByPlan == nil {
		t.Errorf("%d of 50 clients have a plan, want nearly all", plans)
	}
	wantCalls(t, upstream, 0)
}

func TestClients_ConcurrentFindsShareOneCall(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 400)
	addMaria(upstream)
	upstream.SetFaults(wisphubtest.Faults{Latency: 20 * time.Millisecond})
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() { wantFound(t, provider, byID(mariaID), mariaID) })
	}
	group.Wait()
	wantCallsBesideList(t, upstream, 1)
}

// If WispHub ignores a filter and returns the whole list, the directory answers instead. Find
// never takes another client for the one it looks for.
func TestClients_FindWhenUpstreamIgnoresFilters(t *testing.T) {
	t.Parallel()
	upstream, _ := simulate(t, 400)
	unfiltered := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		for _, parameter := range []string{"id_servicio", "cedula", "telefono__contains", "usuario"} {
			query.Del(parameter)
		}
		r.URL.RawQuery = query.Encode()
		upstream.ServeHTTP(w, r)
	})
	addMaria(upstream) // on the last page
	first := upstream.Row(upstream.IDs()[0])
	first["telefono"] = "3009998877" // two customers have it, and only this one is on the first page
	upstream.PutRow(first)
	for _, key := range []ClientKey{byID(mariaID), byDoc("77001122"), byUser("maria@demo-isp")} {
		provider, _ := connect(t, serve(t, unfiltered))
		wantFound(t, provider, key, mariaID)
	}
	provider, _ := connect(t, serve(t, unfiltered))
	_, err := provider.Clients.Find(t.Context(), byTel("3009998877"))
	wantErrorIs(t, "Find() of a phone of two customers", err, ErrAmbiguous)
}

// If WispHub ignores the filter, only the directory can say that a client does not exist.
func TestClients_FindRefusesAnotherClient(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, serve(t, respondJSON(`{"count":1,"results":[{"id_servicio":26}]}`)))
	wantFound(t, provider, byID(27), 0)
	wantFound(t, provider, byID(26), 26)
}

// A full page with one malformed row still shows that WispHub ignored the filter. Here the
// directory fails too.
func TestClients_FindDetectsIgnoredFilterWithMalformedRow(t *testing.T) {
	t.Parallel()
	rows := make([]map[string]any, wisphub.MaxLimit)
	for i := range rows {
		rows[i] = map[string]any{"id_servicio": i, "cedula": strconv.Itoa(1_000_000_000 + i)} // the first has none
	}
	page, err := json.Marshal(map[string]any{"count": 900, "results": rows})
	if err != nil {
		t.Fatal(err)
	}
	provider, _ := connect(t, serve(t, respondJSON(string(page))))
	client, err := provider.Clients.Find(t.Context(), byDoc("1000000007"))
	wantErrorIs(t, "Find() without a filter", err, wisphub.ErrListChanged)
	if client != nil {
		t.Errorf("Find() without a filter = client %d, want none", client.ServiceID)
	}
}

func TestClients_FindFails(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	upstream.Forbid("/api/clientes/")
	_, err := provider.Clients.Get(t.Context(), 26)
	fetch := (*FetchError)(nil)
	if !errors.As(err, &fetch) || fetch.Noun != "client" || !errors.Is(err, ErrUpstreamUnavailable) {
		t.Errorf("Get(26) = %v, want a FetchError with noun client", err)
	}
	if strings.Contains(err.Error(), wisphubtest.Key) {
		t.Error("the error contains the API key")
	}
}

func TestClients_FindInvalidKey(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	id, text := 1, "77001122"
	tests := []struct {
		name string
		key  ClientKey
		path []string
	}{
		{"no key", ClientKey{}, []string{"by"}},
		{"two keys", ClientKey{ServiceID: &id, Document: &text}, []string{"by"}},
		{"two keys, one wrong", ClientKey{Phone: new(""), Document: &text}, []string{"by"}},
		{"service id 0", byID(0), []string{"by", "serviceId"}},
		{"service id -1", byID(-1), []string{"by", "serviceId"}},
		{"blank document", byDoc(" "), []string{"by", "document"}},
		{"document of dots", byDoc(". ."), []string{"by", "document"}},
		{"long document", byDoc(strings.Repeat("1", 101)), []string{"by", "document"}},
		{"blank username", byUser(""), []string{"by", "username"}},
		{"long username", byUser(strings.Repeat("ñ", 101)), []string{"by", "username"}},
		{"phone without digits", byTel("no"), []string{"by", "phone"}},
		{"two phones", byTel("3000000001, 3000000002"), []string{"by", "phone"}},
		{"long phone", byTel("1234567890123456"), []string{"by", "phone"}},
	}
	for _, test := range tests {
		_, err := provider.Clients.Find(t.Context(), test.key)
		wantInputError(t, test.name, err, test.path...)
	}
	wantCalls(t, upstream, 0)
}
