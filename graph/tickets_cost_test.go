package graph_test

import (
	"fmt"
	"maps"
	"testing"
)

const dashboard = `{tickets(first:%d){totalCount nodes{ticketId subject status
	client{serviceId name plan{name}} zone{name ticketQuota{active blocked}}}}}`

// coldDashboard is the cost of a page of tickets with nothing in memory: the directory (one page) and
// the tickets within the horizon, two months a call.
var coldDashboard = map[string]int{"GET /api/clientes/": 1, "GET /api/tickets/": 4}

// Not parallel: with idle processors, all rows of a page look up their clients in one batch.
func TestTickets_Cost(t *testing.T) {
	for _, first := range []int{10, 100} {
		f := newFixture(t, fixtureConfig{clients: 200, tickets: 600})
		document := fmt.Sprintf(dashboard, first)
		got := f.data(t, document)
		rows := into[ticketPage](t, got).ids()
		if len(rows) != first {
			t.Fatalf("the page has %d tickets, want %d", len(rows), first)
		}
		if cost := f.calls(); !maps.Equal(cost, coldDashboard) {
			t.Errorf("%d tickets, cold, cost %v, want %v", first, cost, coldDashboard)
		}
		f.upstream.Reset()
		wantJSON(t, "the page again", f.data(t, document), got)
		if cost := f.upstream.Requests(); len(cost) > 0 {
			t.Errorf("%d tickets, warm, cost %v, want no calls", first, cost)
		}
	}
}

// The prices cost a call for each plan, whatever the number of rows.
func TestTickets_CostOfPlanPrices(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{clients: 200, tickets: 600})
	document := `{tickets(first:100){nodes{client{plan{name type price}}}}}`
	f.data(t, document)
	cost := f.upstream.Requests()
	if details := cost["GET /api/plan-internet/pppoe/{id}/"] + cost["GET /api/plan-internet/queue/{id}/"]; details < 2 || details > 12 {
		t.Errorf("a hundred tickets cost %d plans' details, want at most the 12 plans that have any", details)
	}
	f.upstream.Reset()
	f.data(t, document)
	if got := f.upstream.Requests(); len(got) > 0 {
		t.Errorf("the page, warm, cost %v, want nothing", got)
	}
}
