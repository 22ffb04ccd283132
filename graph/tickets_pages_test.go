package graph_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// variedTickets have two zones, three clients, and several states, priorities and days.
var variedTickets = []row{
	fullTicket, // 500: NEW, HIGH, client 26, zone 2, two days ago
	fullTicket.with(row{"id_ticket": 501, "estado": "Cerrado", "fecha_creacion": daysAgo(3) + "T00:00:00-05:00"}),
	fullTicket.with(row{"id_ticket": 502, "prioridad": "1", "fecha_creacion": daysAgo(3) + "T23:59:59-05:00"}),
	fullTicket.with(row{"id_ticket": 503, "estado": "En Progreso", "fecha_creacion": daysAgo(100), "servicio": row{"id_servicio": 30, "zona": row{"id": 4}}}),
	fullTicket.with(row{"id_ticket": 504, "estado": "Archivado", "prioridad": nil, "fecha_creacion": daysAgo(183), "servicio": nil}),
	fullTicket.with(row{"id_ticket": 505, "fecha_creacion": daysAgo(184)}), // before the horizon
}

type ticketPage struct {
	Tickets struct {
		TotalCount int
		Since      string
		Edges      []struct {
			Cursor string
			Node   struct{ TicketID int }
		}
		Nodes    []struct{ TicketID int }
		PageInfo struct {
			HasNextPage, HasPreviousPage bool
			StartCursor, EndCursor       *string
		}
	}
}

func (p ticketPage) ids() []int {
	ids := []int{}
	for _, ticket := range p.Tickets.Nodes {
		ids = append(ids, ticket.TicketID)
	}
	return ids
}

func TestTickets_Filters(t *testing.T) {
	t.Parallel()
	days := strings.NewReplacer("(2)", `"`+daysAgo(2)+`"`, "(3)", `"`+daysAgo(3)+`"`, "(183)", `"`+daysAgo(183)+`"`, "(-1)", `"`+daysAgo(-1)+`"`)
	tests := map[string][]int{
		``:                               {500, 502, 501, 503, 504},
		`(filter:null)`:                  {500, 502, 501, 503, 504},
		`(filter:{})`:                    {500, 502, 501, 503, 504},
		`(filter:{status:NEW})`:          {500, 502},
		`(filter:{status:[CLOSED,NEW]})`: {500, 502, 501},
		`(filter:{status:[]})`:           {},
		`(filter:{status:RESCHEDULED})`:  {},
		`(filter:{priority:[LOW]})`:      {502},
		`(filter:{priority:HIGH,status:[CLOSED,IN_PROGRESS]})`: {501, 503},
		`(filter:{zoneId:2})`:                             {500, 502, 501},
		`(filter:{zoneId:[0,4,9]})`:                       {503},
		`(filter:{serviceId:[26]})`:                       {500, 502, 501},
		`(filter:{serviceId:30})`:                         {503},
		`(filter:{serviceId:0})`:                          {},
		`(filter:{createdFrom:(2)})`:                      {500},
		`(filter:{createdTo:(3)})`:                        {502, 501, 503, 504},
		`(filter:{createdFrom:(3),createdTo:(3)})`:        {502, 501},
		`(filter:{createdFrom:(183)})`:                    {500, 502, 501, 503, 504},
		`(filter:{createdFrom:(-1)})`:                     {},
		`(first:1)`:                                       {500},
		`(first:2000,after:"")`:                           {500, 502, 501, 503, 504},
		`(first:null,after:null)`:                         {500, 502, 501, 503, 504},
		`(filter:{serviceId:26,status:NEW,priority:LOW})`: {502},
	}
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow)
	f.setTickets(variedTickets...)
	for arguments, want := range tests {
		document := `{tickets` + days.Replace(arguments) + `{nodes{ticketId}}}`
		if got := into[ticketPage](t, f.data(t, document)).ids(); !slices.Equal(got, want) {
			t.Errorf("%s = %v, want %v", document, got, want)
		}
	}
	variables := map[string]any{"filter": map[string]any{"status": []string{"NEW"}, "createdTo": daysAgo(3)}, "first": 5}
	a := f.runWith(t, `query($filter:TicketFilter,$first:Int){tickets(filter:$filter,first:$first){nodes{ticketId}}}`, variables)
	wantJSON(t, "by variables", string(a.Data), `{"tickets":{"nodes":[{"ticketId":502}]}}`)
}

func TestTickets_BadArguments(t *testing.T) {
	t.Parallel()
	const (
		outOfRange = "must be 1 to 2000"
		readOnly   = "UNKNOWN cannot be used as a filter"
		notCursor  = "not a valid cursor for this list"
		notDay     = "must be a day such as 2026-05-08"
		notInt     = "must be a whole number of 32 bits"
	)
	tooOld := "is before the ticket horizon, " + daysAgo(183)
	tests := map[string]struct{ field, message string }{
		`first:0`:                         {"first", outOfRange},
		`first:-5`:                        {"first", outOfRange},
		`first:2001`:                      {"first", outOfRange},
		`after:"nonsense"`:                {"after", notCursor},
		`after:"bm9uc2Vuc2U"`:             {"after", notCursor},
		`filter:{status:UNKNOWN}`:         {"filter.status", readOnly},
		`filter:{priority:[LOW,UNKNOWN]}`: {"filter.priority", readOnly},
		`filter:{createdFrom:"` + daysAgo(184) + `"}`:                              {"filter.createdFrom", tooOld},
		`filter:{createdTo:"2020-01-01"}`:                                          {"filter.createdTo", tooOld},
		`filter:{createdFrom:"2026-02-30"}`:                                        {"filter.createdFrom", notDay},
		`filter:{createdTo:5}`:                                                     {"filter.createdTo", notDay},
		`filter:{createdFrom:"` + daysAgo(1) + `",createdTo:"` + daysAgo(2) + `"}`: {"filter.createdFrom", "is after createdTo"},
		`filter:{zoneId:2147483648}`:                                               {"filter.zoneId", notInt},
	}
	f := newFixture(t, fixtureConfig{})
	for arguments, want := range tests {
		document := `{tickets(` + arguments + `){totalCount} viewer{username}}`
		a := f.run(t, document)
		wantError(t, document, a, "BAD_USER_INPUT", want.field+": "+want.message, strings.Split(want.field, ".")...)
		if want.message == notDay || want.message == notInt {
			f.wantNothingSent(t, document, a) // a bad scalar fails the whole operation
			continue
		}
		wantJSON(t, document, string(a.Data), `{"tickets":null,"viewer":{"username":"ana"}}`)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refused arguments cost %d upstream calls, want none", got)
	}
}

const ticketPageDocument = `query($after:String,$filter:TicketFilter){tickets(first:30,after:$after,filter:$filter){
	totalCount since edges{cursor node{ticketId}} nodes{ticketId} pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}`

func TestTickets_AllPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: 250})
	for _, filter := range []map[string]any{nil, {"status": []string{"CLOSED"}}} {
		var seen []int
		variables := map[string]any{"filter": filter}
		for more := true; more; {
			got := into[ticketPage](t, string(f.runWith(t, ticketPageDocument, variables).Data))
			info, last := got.Tickets.PageInfo, len(got.Tickets.Edges)-1
			for i, edge := range got.Tickets.Edges {
				if edge.Node != got.Tickets.Nodes[i] {
					t.Errorf("edges[%d].node = %v, nodes[%d] = %v, want the same", i, edge.Node, i, got.Tickets.Nodes[i])
				}
			}
			if *info.StartCursor != got.Tickets.Edges[0].Cursor || *info.EndCursor != got.Tickets.Edges[last].Cursor {
				t.Errorf("pageInfo = %+v, want the cursors of the page's ends", info)
			}
			if info.HasPreviousPage != (len(seen) > 0) || info.HasNextPage != (len(seen)+last+1 < got.Tickets.TotalCount) {
				t.Errorf("after %d of %d: pageInfo = %+v", len(seen), got.Tickets.TotalCount, info)
			}
			seen = append(seen, got.ids()...)
			variables["after"], more = *info.EndCursor, info.HasNextPage
		}
		if want := f.ticketsWithin(t, filter != nil); !slices.Equal(seen, want) {
			t.Errorf("filter %v: all pages = %v, want %v", filter, seen, want)
		}
	}
	variables := map[string]any{"after": f.endCursor(t, ticketPageDocument), "filter": map[string]any{"status": []string{"NEW"}}}
	a := f.runWith(t, ticketPageDocument, variables)
	wantError(t, "the cursor of another filter", a, "BAD_USER_INPUT", "after: not a valid cursor for this list", "after")
}

// ticketsWithin returns the ids of tickets within the horizon, newest first: all or the closed ones.
func (f *fixture) ticketsWithin(t *testing.T, closed bool) (ids []int) {
	t.Helper()
	for _, id := range f.upstream.TicketIDs() {
		ticket := f.upstream.Ticket(id)
		created, err := time.Parse(time.RFC3339, ticket["fecha_creacion"].(string))
		if err != nil {
			t.Fatal(err)
		}
		if created.In(bogota).Format(time.DateOnly) >= daysAgo(183) && (!closed || ticket["estado"] == "Cerrado") {
			ids = append(ids, id)
		}
	}
	return ids
}

func (f *fixture) endCursor(t *testing.T, document string) string {
	t.Helper()
	return *into[ticketPage](t, f.data(t, document)).Tickets.PageInfo.EndCursor
}

func TestTickets_None(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1})
	wantJSON(t, "no tickets", f.data(t, `{tickets{totalCount edges{cursor} nodes{id} pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}`),
		`{"tickets":{"totalCount":0,"edges":[],"nodes":[],"pageInfo":{"hasNextPage":false,"hasPreviousPage":false,"startCursor":null,"endCursor":null}}}`)
}
