package isp

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const firstDay = Date("2026-01-01")

// indexOf returns an index of tickets without a WispHub.
func indexOf(tickets ...*Ticket) *ticketIndex {
	t := &Tickets{locale: colombia, overrides: &overrides[*Ticket]{}}
	return t.newIndex([]*ticketSet{{tickets: tickets}}, firstDay)
}

func numbersOf(tickets []*Ticket) []int {
	numbers := make([]int, len(tickets))
	for i, ticket := range tickets {
		numbers[i] = ticket.TicketID
	}
	return numbers
}

// on returns a time in 2026, the zero time for "".
func on(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation("01-02 15:04", text, bogota)
	if err != nil {
		panic(err)
	}
	return at.AddDate(2026, 0, 0)
}

func ticketPage(tb rapid.TB, index *ticketIndex, query TicketQuery) *TicketConnection {
	tb.Helper()
	parsed, err := query.parse(firstDay)
	if err != nil {
		tb.Fatalf("parse(%+v) = %v", query, err)
	}
	return index.page(parsed)
}

func TestTicketFilter(t *testing.T) {
	t.Parallel()
	norte, sur := &Zone{ZoneID: 1}, &Zone{ZoneID: 2}
	index := indexOf(
		&Ticket{TicketID: 1, Status: TicketNew, Priority: PriorityLow, Zone: norte, ServiceID: 10, CreatedAt: on("05-08 00:00")},
		&Ticket{TicketID: 2, Status: TicketClosed, Priority: PriorityHigh, Zone: sur, ServiceID: 10, CreatedAt: on("05-08 23:59")},
		&Ticket{TicketID: 3, Status: TicketUnknown, Priority: PriorityUnknown, ServiceID: 11, CreatedAt: on("05-09 00:00")},
		&Ticket{TicketID: 4, Status: TicketResolved, Priority: PriorityHigh, Zone: norte, CreatedAt: on("01-01 00:00")},
		&Ticket{TicketID: 5, Status: TicketNew, Priority: PriorityNormal, Zone: sur, ServiceID: 12},
	)
	all := []int{3, 2, 1, 4, 5}
	tests := map[string]struct {
		filter *TicketFilter
		want   []int
	}{
		"no filter":          {nil, all},
		"no conditions":      {&TicketFilter{}, all},
		"one state":          {&TicketFilter{Status: []TicketStatus{TicketNew}}, []int{1, 5}},
		"two states":         {&TicketFilter{Status: []TicketStatus{TicketNew, TicketClosed, TicketNew}}, []int{2, 1, 5}},
		"no state":           {&TicketFilter{Status: []TicketStatus{}}, nil},
		"a priority":         {&TicketFilter{Priority: []TicketPriority{PriorityHigh}}, []int{2, 4}},
		"no priority":        {&TicketFilter{Priority: []TicketPriority{}}, nil},
		"a zone":             {&TicketFilter{ZoneID: []int{1}}, []int{1, 4}},
		"two zones":          {&TicketFilter{ZoneID: []int{1, 2}}, []int{2, 1, 4, 5}},
		"an empty zone":      {&TicketFilter{ZoneID: []int{9}}, nil},
		"no zone":            {&TicketFilter{ZoneID: []int{}}, nil},
		"zone 0":             {&TicketFilter{ZoneID: []int{0}}, nil},
		"a client":           {&TicketFilter{ServiceID: []int{10}}, []int{2, 1}},
		"no client":          {&TicketFilter{ServiceID: []int{}}, nil},
		"client 0":           {&TicketFilter{ServiceID: []int{0}}, nil},
		"from a day":         {&TicketFilter{CreatedFrom: day("2026-05-09")}, []int{3}},
		"from the first day": {&TicketFilter{CreatedFrom: day("2026-01-01")}, []int{3, 2, 1, 4}},
		"to a day":           {&TicketFilter{CreatedTo: day("2026-05-08")}, []int{2, 1, 4}},
		"one day":            {&TicketFilter{CreatedFrom: day("2026-05-08"), CreatedTo: day("2026-05-08")}, []int{2, 1}},
		"all conditions": {&TicketFilter{
			Status: []TicketStatus{TicketNew}, Priority: []TicketPriority{PriorityLow}, ZoneID: []int{1}, ServiceID: []int{10},
			CreatedFrom: day("2026-05-08"), CreatedTo: day("2026-05-09"),
		}, []int{1}},
		"all but one": {&TicketFilter{
			Status: []TicketStatus{TicketNew}, Priority: []TicketPriority{PriorityLow}, ZoneID: []int{2}, ServiceID: []int{10},
		}, nil},
	}
	for name, test := range tests {
		page := ticketPage(t, index, TicketQuery{Filter: test.filter})
		if got := numbersOf(page.Nodes); !slices.Equal(got, test.want) || page.TotalCount != len(test.want) || page.Nodes == nil {
			t.Errorf("%s: tickets %v, TotalCount %d, want %v", name, got, page.TotalCount, test.want)
		}
	}
}

func TestTicketQuery_Invalid(t *testing.T) {
	t.Parallel()
	filter := func(f TicketFilter) TicketQuery { return TicketQuery{Filter: &f} }
	for name, test := range map[string]struct {
		query TicketQuery
		path  []string
	}{
		"an unknown state":    {filter(TicketFilter{Status: []TicketStatus{TicketNew, TicketUnknown}}), []string{"filter", "status"}},
		"an unknown priority": {filter(TicketFilter{Priority: []TicketPriority{PriorityUnknown}}), []string{"filter", "priority"}},
		"an empty range":      {filter(TicketFilter{CreatedFrom: day("2026-05-09"), CreatedTo: day("2026-05-08")}), []string{"filter", "createdFrom"}},
		"before the horizon":  {filter(TicketFilter{CreatedFrom: day("2025-12-31")}), []string{"filter", "createdFrom"}},
		"until before it":     {filter(TicketFilter{CreatedTo: day("2025-12-31")}), []string{"filter", "createdTo"}},
		"both before it":      {filter(TicketFilter{CreatedFrom: day("2024-01-01"), CreatedTo: day("2024-01-02")}), []string{"filter", "createdFrom"}},
		"none":                {TicketQuery{First: new(0)}, []string{"first"}},
		"too many":            {TicketQuery{First: new(2001)}, []string{"first"}},
		"a malformed cursor":  {TicketQuery{After: new("x")}, []string{"after"}},
	} {
		_, err := test.query.parse(firstDay)
		wantInputError(t, name, err, test.path...)
		if before := strings.Contains(name, "before"); err != nil && strings.Contains(err.Error(), string(firstDay)) != before {
			t.Errorf("%s: error %q has the horizon's day %s: %t, want %t", name, err, firstDay, !before, before)
		}
	}
	for _, query := range []TicketQuery{{First: new(1)}, {First: new(2000)}, {After: new("")}, filter(TicketFilter{CreatedFrom: new(firstDay), CreatedTo: new(firstDay)})} {
		if _, err := query.parse(firstDay); err != nil {
			t.Errorf("parse(%+v) = %v, want no error", query, err)
		}
	}
}

var someMoments = rapid.SampledFrom([]string{"", "", "01-01 00:00", "05-08 10:00", "05-08 10:00", "05-08 10:01", "07-31 23:59"})

func drawIndex(t *rapid.T) *ticketIndex {
	tickets := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) *Ticket {
		return &Ticket{
			TicketID: rapid.IntRange(1, 60).Draw(t, "id"), CreatedAt: on(someMoments.Draw(t, "created")),
			Status: rapid.SampledFrom([]TicketStatus{TicketNew, TicketClosed, TicketUnknown}).Draw(t, "status"),
		}
	}), 0, 40, func(ticket *Ticket) int { return ticket.TicketID }).Draw(t, "tickets")
	return indexOf(tickets...)
}

func drawTicketFilter(t *rapid.T) *TicketFilter {
	return rapid.SampledFrom([]*TicketFilter{
		nil, {}, {Status: []TicketStatus{TicketNew}}, {CreatedFrom: day("2026-05-08")}, {Status: []TicketStatus{}},
	}).Draw(t, "filter")
}

// Pages of any size and filter have every match once, the newest first and those without a date
// last.
func TestTicketPages_HaveEveryMatchOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		index, query := drawIndex(rt), TicketQuery{Filter: drawTicketFilter(rt), First: new(rapid.IntRange(1, 9).Draw(rt, "first"))}
		filter := cmp.Or(query.Filter, &TicketFilter{})
		want := slices.DeleteFunc(slices.Clone(index.tickets), func(ticket *Ticket) bool { return len(filter.apply([]*Ticket{ticket})) == 0 })
		slices.SortFunc(want, func(a, b *Ticket) int {
			if a.CreatedAt.IsZero() != b.CreatedAt.IsZero() {
				return cmp.Compare(b.CreatedAt.Unix(), a.CreatedAt.Unix())
			}
			return cmp.Or(cmp.Compare(b.CreatedAt.Unix(), a.CreatedAt.Unix()), b.TicketID-a.TicketID)
		})
		var got []*Ticket
		for {
			page := ticketPage(rt, index, query)
			if page.TotalCount != len(want) || page.PageInfo.HasPreviousPage != (len(got) > 0) {
				rt.Fatalf("TotalCount %d, %+v after %d of %d tickets", page.TotalCount, page.PageInfo, len(got), len(want))
			}
			wantEdges(rt, page)
			got = append(got, page.Nodes...)
			if page.PageInfo.HasNextPage != (len(got) < len(want)) {
				rt.Fatalf("HasNextPage = %t after %d of %d tickets", page.PageInfo.HasNextPage, len(got), len(want))
			}
			if !page.PageInfo.HasNextPage {
				break
			}
			query.After = page.PageInfo.EndCursor
		}
		if !slices.Equal(got, want) {
			rt.Errorf("pages = %v, want %v", numbersOf(got), numbersOf(want))
		}
	})
}

// wantEdges fails the test unless the first and last edge have the cursors of the page.
func wantEdges(tb rapid.TB, page *TicketConnection) {
	tb.Helper()
	edges := page.Edges()
	if len(edges) != len(page.Nodes) || (page.PageInfo.StartCursor == nil) != (len(edges) == 0) {
		tb.Fatalf("%d edges of %d tickets, %+v", len(edges), len(page.Nodes), page.PageInfo)
	}
	for i, edge := range edges {
		if edge.Node != page.Nodes[i] {
			tb.Errorf("Edges()[%d] is ticket %d, want %d", i, edge.Node.TicketID, page.Nodes[i].TicketID)
		}
	}
	if n := len(edges); n > 0 && (edges[0].Cursor != *page.PageInfo.StartCursor || edges[n-1].Cursor != *page.PageInfo.EndCursor) {
		tb.Errorf("cursors of the first and last edge differ from %+v", page.PageInfo)
	}
}

// A cursor is valid in the next index, even if its ticket is gone and there is a newer one.
func TestTicketCursor_SurvivesRefresh(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		before, query := drawIndex(rt), TicketQuery{First: new(rapid.IntRange(1, 9).Draw(rt, "first"))}
		page := ticketPage(rt, before, query)
		if len(page.Nodes) == 0 {
			rt.Skip()
		}
		rest := numbersOf(before.tickets[len(page.Nodes):])
		last := page.Nodes[len(page.Nodes)-1]
		others := slices.DeleteFunc(slices.Clone(before.tickets), func(ticket *Ticket) bool { return ticket == last })
		after := indexOf(append(others, &Ticket{TicketID: 99, CreatedAt: on("08-01 00:00")})...)
		page = ticketPage(rt, after, TicketQuery{First: new(2000), After: page.PageInfo.EndCursor})
		if got := numbersOf(page.Nodes); !slices.Equal(got, rest) {
			rt.Errorf("page after a deleted ticket = %v, want %v", got, rest)
		}
	})
}

// A cursor is valid for one filter. Only the page size may change.
func TestTicketCursor_Invalid(t *testing.T) {
	t.Parallel()
	index := indexOf(
		&Ticket{TicketID: 1, Status: TicketNew, CreatedAt: on("05-08 10:00")}, &Ticket{TicketID: 2, Status: TicketNew}, &Ticket{TicketID: 3, Status: TicketNew},
	)
	filter := &TicketFilter{Status: []TicketStatus{TicketNew}}
	cursors := []string{}
	for _, edge := range ticketPage(t, index, TicketQuery{Filter: filter}).Edges() {
		cursors = append(cursors, edge.Cursor)
	}
	hash := hashTicketList(filter)
	clients := hashClientList(ClientOrder{OrderByServiceID, Ascending}, &ClientFilter{}, "")
	for _, after := range cursors {
		if _, err := (TicketQuery{Filter: filter, First: new(7), After: &after}).parse(firstDay); err != nil {
			t.Errorf("parse() after its own cursor = %v, want no error", err)
		}
		for _, other := range []*TicketFilter{
			nil, {}, {Status: []TicketStatus{}}, {Status: []TicketStatus{TicketClosed}}, {Status: filter.Status, ZoneID: []int{}},
			{Status: filter.Status, CreatedFrom: day("2026-05-08")}, {Status: filter.Status, CreatedTo: day("2026-05-08")},
			{Status: filter.Status, Priority: []TicketPriority{PriorityLow}}, {Status: filter.Status, ServiceID: []int{1}},
		} {
			_, err := TicketQuery{Filter: other, After: &after}.parse(firstDay)
			wantInputError(t, "parse() under another filter", err, "after")
		}
	}
	for name, after := range map[string]string{
		"no base64":            "!!!",
		"no JSON":              base64.RawURLEncoding.EncodeToString([]byte("ticket:1")),
		"a list of clients":    cursor{List: clients, ID: 1, Null: true}.String(),
		"no key":               cursor{List: hash, ID: 1}.String(),
		"a malformed key":      cursor{List: hash, ID: 1, Key: []byte("2026-05-08T10:00:00Z")}.String(),
		"half a key":           cursor{List: hash, ID: 1, Key: []byte{1, 0, 0}}.String(),
		"too long":             strings.Repeat("A", maxCursor+1),
		"a cursor with a tail": cursors[0] + "x",
	} {
		_, err := TicketQuery{Filter: filter, After: &after}.parse(firstDay)
		wantInputError(t, "parse() after "+name, err, "after")
	}
}

// FuzzTicketCursor checks that any cursor is rejected or leads to a page of the list.
func FuzzTicketCursor(f *testing.F) {
	index := indexOf(&Ticket{TicketID: 1, CreatedAt: on("05-08 10:00")}, &Ticket{TicketID: 2})
	for _, edge := range ticketPage(f, index, TicketQuery{}).Edges() {
		f.Add(edge.Cursor)
	}
	hash := hashTicketList(&TicketFilter{})
	f.Add(cursor{List: hash, ID: -1, Null: true}.String())
	f.Add(cursor{List: hash, ID: 1, Key: []byte{2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}}.String())
	f.Fuzz(func(t *testing.T, after string) {
		parsed, err := TicketQuery{After: &after}.parse(firstDay)
		if err != nil {
			return
		}
		page := index.page(parsed)
		if page.TotalCount != 2 || len(page.Nodes) > 2 || page.PageInfo.HasPreviousPage != (len(page.Nodes) < 2) {
			t.Errorf("page after %q = %v, %+v, want a page of the list", after, numbersOf(page.Nodes), page.PageInfo)
		}
	})
}
