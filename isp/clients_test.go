package isp

import (
	"net/http"
	"slices"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestPreferred(t *testing.T) {
	t.Parallel()
	client := func(id int, status ClientStatus) *Client { return &Client{ServiceID: id, Status: status} }
	tests := []struct {
		clients []*Client
		want    int
	}{
		{[]*Client{client(9, ClientSuspended), client(7, ClientCancelled)}, 7},
		{[]*Client{client(3, ClientCancelled), client(9, ClientActive), client(7, ClientActive)}, 7},
		{[]*Client{client(1, ClientFree), client(2, ClientUnknown)}, 1},
	}
	for _, test := range tests {
		for range 2 {
			if got := preferred(test.clients).ServiceID; got != test.want {
				t.Errorf("preferred(%v) = %d, want %d", idsOf(test.clients), got, test.want)
			}
			slices.Reverse(test.clients)
		}
	}
	if got := preferred(nil); got != nil {
		t.Errorf("preferred(nil) = %v, want nil", got)
	}
}

// Find prefers the active service of one customer, and fails if several customers match.
func TestClients_FindAmongSeveral(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	row := func(id int, document, phone, state string) {
		upstream.PutRow(map[string]any{
			"id_servicio": id, "cedula": document, "telefono": phone, "estado": state, "usuario": "same@demo-isp",
		})
	}
	row(1001, "55.500.001", "3201112233", "Cancelado")
	row(1003, "55500001", "+57 320 111 2233", "Activo")
	row(1002, "55500001", "3201112233", "Suspendido")
	row(1004, "55500002", "3201112234,3205556677", "Activo")
	row(1005, "", "3205556677", "Activo")
	row(1006, "", "3107778899", "Activo")
	row(1007, "", "3107778899", "Activo")
	warm(t, upstream, provider)
	wantFound(t, provider, byDoc("55500001"), 1003)
	wantFound(t, provider, byTel("3201112233"), 1003)
	wantFound(t, provider, byTel("3201112234"), 1004)
	wantFound(t, provider, byUser("same@demo-isp"), 1003)
	for _, phone := range []string{"3205556677", "3107778899"} {
		_, err := provider.Clients.Find(t.Context(), byTel(phone))
		wantErrorIs(t, "Find(phone of two customers)", err, ErrAmbiguous)
	}
}

func TestClients_OtherServices(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 5)
	row := func(id int, document string) {
		upstream.PutRow(map[string]any{"id_servicio": id, "cedula": document, "nombre": "Ana", "estado": "Activo"})
	}
	row(1003, "55500001")
	row(1001, "55500001")
	row(1002, "55500001")
	row(1004, "")
	row(1005, "")
	row(1006, "55500009")
	others := map[int][]int{1001: {1002, 1003}, 1002: {1001, 1003}, 1003: {1001, 1002}, 1004: {}, 1005: {}, 1006: {}}
	cold, _ := connect(t, address)
	warmed, _ := connect(t, address)
	warm(t, upstream, warmed)
	row(1007, "555.00001") // added after the crawl, with a dot
	for id, want := range others {
		for name, provider := range map[string]*Provider{"cold": cold, "warm": warmed} {
			client, err := provider.Clients.Get(t.Context(), id)
			if err != nil || client == nil {
				t.Fatalf("%s: Get(%d) = %v, %v", name, id, client, err)
			}
			upstream.Reset()
			got, err := provider.Clients.OtherServices(t.Context(), client)
			if name == "cold" { // the list that the look-ups start to read has it
				got = slices.DeleteFunc(got, func(other *Client) bool { return other.ServiceID == 1007 })
			}
			if err != nil || got == nil || !slices.Equal(idsOf(got), want) {
				t.Errorf("%s: OtherServices(%d) = %v, %v, want %v", name, id, idsOf(got), err, want)
			}
			if name == "warm" || client.Document == "" {
				wantCallsBesideList(t, upstream, 0)
			}
		}
	}
	if err := refresh(t, warmed); err != nil {
		t.Fatal(err)
	}
	client, _ := warmed.Clients.Get(t.Context(), 1001)
	if got, err := warmed.Clients.OtherServices(t.Context(), client); err != nil || !slices.Equal(idsOf(got), []int{1002, 1003, 1007}) {
		t.Errorf("OtherServices(1001) = %v, %v, want the document with a dot too", idsOf(got), err)
	}
}

func TestClients_OtherServicesFail(t *testing.T) {
	t.Parallel()
	upstream, _ := simulate(t, 5)
	addMaria(upstream)
	provider, _ := connect(t, lookUpsOnly(t, upstream))
	client, err := provider.Clients.Get(t.Context(), mariaID)
	if err != nil {
		t.Fatal(err)
	}
	upstream.Forbid("/api/clientes/")
	_, err = provider.Clients.OtherServices(t.Context(), client)
	wantErrorIs(t, "OtherServices()", err, ErrUpstreamUnavailable)
}

func TestClients_CountByPlan(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 400)
	counts := map[int]int{}
	for _, id := range upstream.IDs() {
		if plan, ok := upstream.Row(id)["plan_internet"].(map[string]any); ok {
			counts[int(plan["id"].(float64))]++
		}
	}
	counts[999] = 0
	for plan, want := range counts {
		if got, err := provider.Clients.CountByPlan(t.Context(), plan); err != nil || got != want {
			t.Errorf("CountByPlan(%d) = %d, %v, want %d", plan, got, err, want)
		}
	}
	wantCalls(t, upstream, 2)
	if len(counts) < 10 {
		t.Errorf("%d plans have clients, want most of them", len(counts))
	}

	failing, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })))
	_, err := failing.Clients.CountByPlan(t.Context(), 1)
	wantErrorIs(t, "CountByPlan()", err, ErrUpstreamUnavailable)
}

func TestClients_Known(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 10)
	addMaria(upstream)
	wantKnown := func(when string, key ClientKey, want bool) {
		t.Helper()
		if got := provider.Clients.Known(key); got != want {
			lookup, _ := key.lookup(colombia)
			t.Errorf("%s: Known(%+v) = %t, want %t", when, lookup, got, want)
		}
	}
	keys := []ClientKey{byID(mariaID), byDoc("77001122"), byTel("3009998877"), byUser("maria@demo-isp")}
	for _, key := range keys {
		wantKnown("cold", key, false)
	}
	wantKnown("cold, refused", ClientKey{}, true)
	wantKnown("cold, refused", byID(0), true)
	wantCalls(t, upstream, 0)
	warmed := provider
	provider, _ = connect(t, lookUpsOnly(t, upstream))
	wantFound(t, provider, byID(mariaID), mariaID)
	wantKnown("looked up", byID(mariaID), true)
	wantKnown("looked up", byDoc("77001122"), false)
	provider = warmed
	warm(t, upstream, provider)
	for _, key := range keys {
		wantKnown("warm", key, true)
	}
	wantKnown("warm, and not in the directory", byID(29_999), false)
	wantCalls(t, upstream, 0)
}

func TestClients_InMemory(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 120)
	upstream.SetFaults(wisphubtest.Faults{HangPath: "/api/clientes/"})
	query := ClientQuery{Filter: &ClientFilter{Status: []ClientStatus{ClientActive}}, First: new(7)}
	if got := provider.Clients.InMemory(query); got != nil {
		t.Errorf("InMemory() = %+v before the first crawl, want nil", got)
	}
	wantCalls(t, upstream, 0)
	upstream.SetFaults(wisphubtest.Faults{})
	want, err := provider.Clients.List(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	upstream.Reset()
	got := provider.Clients.InMemory(query)
	if got == nil || !slices.Equal(got.Nodes, want.Nodes) || got.TotalCount != want.TotalCount || *got.PageInfo.EndCursor != *want.PageInfo.EndCursor {
		t.Errorf("InMemory() = %+v, want %+v", got, want)
	}
	if got := provider.Clients.InMemory(ClientQuery{First: new(0)}); got != nil {
		t.Errorf("InMemory() = %+v for an invalid query, want nil", got)
	}
	wantCalls(t, upstream, 0)
}
