package isp

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	ticketsPath = "/api/tickets/"
	// For 183 days and the active states 1 and 2, which testConfig sets.
	windowsOfHorizon = 4
	activeCalls      = (windowsOfHorizon - 1) * 2
)

// withoutTickets returns a WispHub with a few clients and no tickets. In a synctest bubble the
// year is 2000.
func withoutTickets(tb testing.TB) (*wisphubtest.Server, string) {
	tb.Helper()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: 5, Tickets: -1, Seed: 1})
	tb.Cleanup(upstream.Close)
	return upstream, serve(tb, upstream)
}

// putTicket puts a ticket of zone 4 and service 26 into the simulated list.
func putTicket(upstream *wisphubtest.Server, id int, created time.Time, state string) {
	putTicketOf(upstream, id, created, state, 26, 4)
}

func putTicketOf(upstream *wisphubtest.Server, id int, created time.Time, state string, service, zone int) {
	upstream.PutTicket(map[string]any{
		"id_ticket": id, "asunto": "Internet Lento", "estado": state, "prioridad": "Normal",
		"fecha_creacion": created.In(bogota).Format(time.RFC3339),
		"servicio":       map[string]any{"id_servicio": service, "zona": map[string]any{"id": zone, "nombre": "Norte"}},
	})
}

// daysAgo returns a time of a day before today, in Bogotá.
func daysAgo(days, hour, minute int) time.Time {
	today := time.Now().In(bogota)
	return time.Date(today.Year(), today.Month(), today.Day()-days, hour, minute, 0, 0, bogota)
}

func listTickets(tb testing.TB, provider *Provider, query TicketQuery) *TicketConnection {
	tb.Helper()
	page, err := provider.Tickets.List(tb.Context(), query)
	if err != nil {
		tb.Fatalf("List() = %v", err)
	}
	return page
}

func wantTicket(tb testing.TB, provider *Provider, id int, want TicketStatus) {
	tb.Helper()
	ticket, err := provider.Tickets.Get(tb.Context(), id)
	if err != nil || ticket == nil || ticket.TicketID != id || ticket.Status != want {
		tb.Errorf("Get(%d) = %+v, %v, want it to be %s", id, ticket, err, want)
	}
}

func wantQuota(tb testing.TB, provider *Provider, zone int, want TicketQuota) {
	tb.Helper()
	quota, err := provider.Tickets.Quota(tb.Context(), zone)
	if err != nil || *quota != want {
		tb.Errorf("Quota(%d) = %+v, %v, want %+v", zone, quota, err, want)
	}
}

// The first list costs one call for each window. Later ones cost none, also for clients of
// tickets.
func TestTickets_Cost(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 300)
	page := listTickets(t, provider, TicketQuery{First: new(100)})
	if page.TotalCount < 80 || page.AsOf.IsZero() || page.Since != provider.Tickets.since() || len(page.Versions) != windowsOfHorizon+2 { // the windows, the active tickets, the overrides
		t.Errorf("List() = %d tickets as of %v, since %s, versions %v", page.TotalCount, page.AsOf, page.Since, page.Versions)
	}
	wantCalls(t, upstream, windowsOfHorizon)
	for _, request := range upstream.Log() {
		query, err := url.ParseQuery(request.Query)
		from, fromErr := time.Parse(time.DateOnly, query.Get("fecha_creacion_0"))
		to, toErr := time.Parse(time.DateOnly, query.Get("fecha_creacion_1"))
		if errors.Join(err, fromErr, toErr) != nil || to.Sub(from) > 61*24*time.Hour || query.Has("estado") || request.Status != http.StatusOK {
			t.Errorf("call of %s?%s: %d, want a window of at most two months", request.Path, request.Query, request.Status)
		}
	}
	for _, ticket := range page.Nodes {
		if !provider.Tickets.Known(ticket.TicketID) {
			t.Errorf("Known(%d) = false for a ticket of the list", ticket.TicketID)
		}
	}
	wantCalls(t, upstream, windowsOfHorizon)
	listTickets(t, provider, TicketQuery{})
	wantTicket(t, provider, page.Nodes[99%len(page.Nodes)].TicketID, page.Nodes[99%len(page.Nodes)].Status)
	wantCalls(t, upstream, windowsOfHorizon)
}

// Callers at the same time share one read of the windows.
func TestTickets_AreReadOnce(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 100)
	upstream.SetFaults(wisphubtest.Faults{Latency: 10 * time.Millisecond})
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() { listTickets(t, provider, TicketQuery{}) })
	}
	group.Wait()
	wantCalls(t, upstream, windowsOfHorizon)
}

// The list has each upstream ticket within the horizon once. So has a range of five months, which
// is wider than a window.
func TestTickets_AreComplete(t *testing.T) {
	t.Parallel()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: 50, Tickets: 1200, Seed: 1})
	t.Cleanup(upstream.Close)
	provider, _ := connect(t, serve(t, upstream))
	today := time.Now().In(bogota)
	from, to := DateOf(today.AddDate(0, 0, -170)), DateOf(today.AddDate(0, 0, -20))
	for _, test := range []struct {
		filter   *TicketFilter
		from, to Date
	}{
		{nil, provider.Tickets.since(), DateOf(today)},
		{&TicketFilter{CreatedFrom: &from, CreatedTo: &to}, from, to},
	} {
		var want []int
		for _, id := range upstream.TicketIDs() {
			created := Date(upstream.Ticket(id)["fecha_creacion"].(string)[:len("2026-01-01")])
			if created >= test.from && created <= test.to {
				want = append(want, id)
			}
		}
		page := listTickets(t, provider, TicketQuery{Filter: test.filter, First: new(2000)})
		if got := numbersOf(page.Nodes); !slices.Equal(got, want) || len(want) < 100 {
			t.Errorf("%s to %s: %d tickets, want the %d of upstream in its order", test.from, test.to, len(got), len(want))
		}
	}
}

func TestTickets_WindowOfSeveralPages(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	for id := range 700 {
		putTicket(upstream, 10_000+id, daysAgo(70, 8, 0), "Cerrado")
	}
	upstream.Reset()
	page := listTickets(t, provider, TicketQuery{Filter: &TicketFilter{ServiceID: []int{26}}, First: new(2000)})
	if got := numbersOf(page.Nodes); len(got) < 700 || !slices.Contains(got, 10_000) || !slices.Contains(got, 10_699) {
		t.Errorf("List() has %d tickets of the client, want 700", len(got))
	}
	wantCalls(t, upstream, windowsOfHorizon+2)
}

// The list has the whole first day of the horizon. The day before is not listed, and a filter for
// it is an error.
func TestTickets_Horizon(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	provider, _ := connect(t, address)
	for id, created := range map[int]time.Time{
		1: daysAgo(183, 0, 0), 2: daysAgo(184, 23, 59), 3: daysAgo(183, 23, 59), 4: daysAgo(0, 0, 0), 5: daysAgo(-1, 0, 30),
		6: daysAgo(58, 0, 0), 7: daysAgo(59, 23, 59), 8: daysAgo(57, 12, 0), 9: daysAgo(117, 5, 0), 10: daysAgo(176, 5, 0),
	} {
		putTicket(upstream, id, created, "Cerrado")
	}
	page := listTickets(t, provider, TicketQuery{})
	if got, want := numbersOf(page.Nodes), []int{5, 4, 8, 6, 7, 9, 10, 3, 1}; !slices.Equal(got, want) {
		t.Errorf("List() = %v, want %v", got, want)
	}
	if page.Since != DateOf(daysAgo(183, 12, 0)) {
		t.Errorf("Since = %s, want %s", page.Since, DateOf(daysAgo(183, 12, 0)))
	}
	before := DateOf(daysAgo(184, 12, 0))
	_, err := provider.Tickets.List(t.Context(), TicketQuery{Filter: &TicketFilter{CreatedFrom: &before}})
	wantInputError(t, "List() from before the horizon", err, "filter", "createdFrom")
	if err == nil || !strings.Contains(err.Error(), string(page.Since)) {
		t.Errorf("List() from before the horizon = %v, want it to name %s", err, page.Since)
	}
	upstream.Reset()
	wantTicket(t, provider, 2, TicketClosed) // any age, one call
	wantCalls(t, upstream, 1)
}

// Clients are served while tickets fail.
func TestTickets_FailAlone(t *testing.T) {
	t.Parallel()
	upstream, _ := simulate(t, 10)
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, ticketsPath) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		upstream.ServeHTTP(w, r)
	}))
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		_, err := provider.Tickets.List(t.Context(), TicketQuery{})
		wantTicketError(t, "List()", err, wisphub.ErrUnavailable)
		_, err = provider.Tickets.Quota(t.Context(), 4)
		wantTicketError(t, "Quota()", err, wisphub.ErrUnavailable)
		_, err = provider.Tickets.OfClient(t.Context(), 26, nil, nil)
		wantTicketError(t, "OfClient()", err, wisphub.ErrUnavailable)
		_, err = provider.Tickets.Get(t.Context(), 7)
		wantTicketError(t, "Get()", err, wisphub.ErrUnavailable)
		if page, err := provider.Clients.List(t.Context(), ClientQuery{}); err != nil || page.TotalCount != 10 {
			t.Errorf("Clients.List() = %v, want 10 clients", err)
		}
	})
}
