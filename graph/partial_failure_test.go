package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// mixedDocument selects fields from all routes.
const mixedDocument = `{tickets{totalCount} zones{name ticketQuota{active}} client(by:{serviceId:26}){name account{owed} tickets{id} otherServices{id}}
	plan(planId:3){name price clientCount} ticketSubjects{name} task(taskId:"` + taskID + `"){status}}`

// A route that the key may not read fails its own fields only.
func TestPartialFailure_OneRoute(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		forbidden, noun string
		path            []any
		want            string // the failed field
	}{
		"account": {"/api/clientes/{id}/saldo/", "account", []any{"client", "account"}, `"account":null`},
		"price":   {"/api/plan-internet/pppoe/3/", "plan", []any{"plan", "price"}, `"price":null`},
		"plan":    {"/api/plan-internet/", "plan", []any{"plan"}, `"plan":null`},
		"task":    {"/api/tasks/{id}/", "task", []any{"task"}, `"task":null`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			f.setClients(fullRow)
			f.setTickets(fullTicket)
			f.upstream.PutTask(taskID, wisphubtest.TaskScript{States: []string{"SUCCESS"}})
			f.upstream.Forbid(tt.forbidden)
			a := f.run(t, mixedDocument)
			wantError(t, name, a, "UPSTREAM_UNAVAILABLE", "Unable to fetch "+tt.noun+" data")
			wantPath(t, name, a, tt.path...)
			if got := strings.Count(string(a.Data), "null"); got != 1 || !strings.Contains(string(a.Data), tt.want) {
				t.Errorf("%s = %s, want null only in %s", name, a.Data, tt.want)
			}
			f.wantUpstreamHidden(t, a)
		})
	}
}

// Rows of tickets have the names of zones, and rows of clients replace the list.
func TestPartialFailure_ZonesForbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	f.setTickets(fullTicket)
	f.upstream.Forbid("/api/zonas/")
	wantJSON(t, "zones", f.data(t, `{tickets{nodes{zone{name ticketQuota{active}}}} zones{name ticketQuota{active}}}`), `{
		"tickets":{"nodes":[{"zone":{"name":"Marinilla","ticketQuota":{"active":1}}}]},
		"zones":[{"name":"Marinilla","ticketQuota":{"active":1}}]}`)
}

// Each root field that needs tickets has one error. The others stay.
func TestPartialFailure_TicketsForbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	f.upstream.Forbid("/api/tickets/")
	a := f.run(t, `{tickets{totalCount} zones{name ticketQuota{active}} clients{nodes{name tickets{id}}} ticket(ticketId:1){id}}`)
	wantJSON(t, "tickets", strings.ReplaceAll(string(a.Data), ",\"ticketQuota\":null", ""), `{"tickets":null,
		"zones":[{"name":"Rionegro"},{"name":"Marinilla"},{"name":"El Peñol"},{"name":"Guatapé"},{"name":"La Ceja"},{"name":"Fusagasugá"},{"name":"Chocontá"},{"name":"Machetá"}],
		"clients":{"nodes":[{"name":"Ana Pérez","tickets":null}]},"ticket":null}`)
	if len(a.Errors) != 3 {
		t.Errorf("errors = %s, want one for tickets, one for zones, one for clients", a.body)
	}
	for _, err := range a.Errors {
		if err.Extensions.Code != "UPSTREAM_UNAVAILABLE" || err.Message != "Unable to fetch ticket data" {
			t.Errorf("%v = %s %q, want UPSTREAM_UNAVAILABLE", err.Path, err.Extensions.Code, err.Message)
		}
	}
	f.wantUpstreamHidden(t, a)
}

// A list that answers 500 is read several times, which takes seconds.
func TestPartialFailure_TicketsBroken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{brokenPath: "/api/tickets/"})
	f.setClients(fullRow)
	a := f.run(t, `{tickets{totalCount nodes{id}} client(by:{serviceId:26}){name zone{name}} zones{zoneId}}`)
	wantError(t, "tickets", a, "UPSTREAM_UNAVAILABLE", "Unable to fetch ticket data")
	wantPath(t, "tickets", a, "tickets")
	wantJSON(t, "tickets", string(a.Data), `{"tickets":null,"client":{"name":"Ana Pérez","zone":{"name":"Marinilla"}},
		"zones":[{"zoneId":1},{"zoneId":2},{"zoneId":3},{"zoneId":4},{"zoneId":5},{"zoneId":6},{"zoneId":7},{"zoneId":8}]}`)
	if a.status != http.StatusOK {
		t.Errorf("status = %d, want 200", a.status)
	}
}

// The account ends with the timeout of its call. The other fields stay.
func TestPartialFailure_AccountHangs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{upstreamTimeout: 100 * time.Millisecond})
	f.setClients(fullRow)
	f.upstream.SetFaults(wisphubtest.Faults{HangPath: "/api/clientes/{id}/saldo/"})
	a := f.run(t, `{client(by:{serviceId:26}){name account{owed}}}`)
	wantError(t, "account", a, "UPSTREAM_TIMEOUT", "Unable to fetch account data")
	wantPath(t, "account", a, "client", "account")
	wantJSON(t, "account", string(a.Data), `{"client":{"name":"Ana Pérez","account":null}}`)
}
