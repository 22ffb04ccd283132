package isp

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// inRange is the reference of [dayRange.has]: it compares the instant's day.
func inRange(at time.Time, from, to *Date) bool {
	day := DateOf(at)
	return from == nil && to == nil || day != "" && (from == nil || day >= *from) && (to == nil || day <= *to)
}

// matches is the reference of [ticketIndex.match].
func (f *TicketFilter) matches(t *Ticket) bool {
	return among(f.Status, t.Status) && among(f.Priority, t.Priority) && among(f.ZoneID, t.zoneID()) &&
		among(f.ServiceID, t.ServiceID) && inRange(t.CreatedAt, f.CreatedFrom, f.CreatedTo)
}

// Pages of any filter have the tickets that a look at each ticket gives.
func Test16_5_TicketMatchesEqualAScan(t *testing.T) {
	t.Parallel()
	havana, err := time.LoadLocation("America/Havana")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		zone := rapid.SampledFrom([]*time.Location{bogota, havana, time.UTC}).Draw(rt, "zone")
		tickets := rapid.SliceOfNDistinct(rapid.Custom(func(rt *rapid.T) *Ticket {
			ticket := &Ticket{
				TicketID: rapid.IntRange(1, 400).Draw(rt, "id"), ServiceID: rapid.IntRange(0, 3).Draw(rt, "service"),
				Status:   rapid.SampledFrom([]TicketStatus{TicketNew, TicketClosed, TicketUnknown}).Draw(rt, "status"),
				Priority: rapid.SampledFrom([]TicketPriority{PriorityLow, PriorityUnknown}).Draw(rt, "priority"),
				Zone:     rapid.SampledFrom([]*Zone{nil, {ZoneID: 1}, {ZoneID: 2}}).Draw(rt, "zone"),
			}
			if rapid.IntRange(0, 5).Draw(rt, "dated") > 0 {
				start := time.Date(2026, 10, 29, 0, 0, 0, 0, zone)
				ticket.CreatedAt = start.Add(time.Duration(rapid.IntRange(0, 7*48).Draw(rt, "half hours")) * 30 * time.Minute)
			}
			return ticket
		}), 0, 60, func(ticket *Ticket) int { return ticket.TicketID }).Draw(rt, "tickets")
		ids := rapid.IntRange(0, 4)
		days := rapid.SampledFrom([]Date{"2026-10-29", "2026-10-31", "2026-11-01", "2026-11-02", "2026-11-09"})
		filter := &TicketFilter{
			Status:   drawList(rt, "status", rapid.SampledFrom([]TicketStatus{TicketNew, TicketClosed, ""})),
			Priority: drawList(rt, "priority", rapid.SampledFrom([]TicketPriority{PriorityLow, PriorityHigh})),
			ZoneID:   drawList(rt, "zones", ids), ServiceID: drawList(rt, "services", ids),
			CreatedFrom: drawAny(rt, "from", days), CreatedTo: drawAny(rt, "to", days),
		}
		index := indexOf(tickets...)
		found := index.match(filter)
		var got []int
		for n := range found.rows {
			if ticket, matches := found.row(n); matches {
				got = append(got, ticket.TicketID)
			}
		}
		want := slices.DeleteFunc(slices.Clone(index.tickets), func(ticket *Ticket) bool { return !filter.matches(ticket) })
		if !slices.Equal(got, numbersOf(want)) || found.total != len(want) {
			rt.Errorf("match(%s) = %v of %d, want %v", mustJSON(rt, filter), got, found.total, numbersOf(want))
		}
	})
}

// A page without a filter shares the index: it costs no more for many tickets than for few.
func Test16_5_TicketPageCopiesNoIndex(t *testing.T) {
	t.Parallel()
	var tickets []*Ticket
	for id := range 5000 {
		tickets = append(tickets, &Ticket{TicketID: id + 1, CreatedAt: on("05-08 10:00").Add(time.Duration(id) * time.Minute)})
	}
	index, query := indexOf(tickets...), TicketQuery{First: new(100)}
	found := index.match(&TicketFilter{})
	if len(found.rows) != len(index.tickets) || &found.rows[0] != &index.tickets[0] {
		t.Error("a page without a filter copied the index")
	}
	if page := ticketPage(t, index, query); len(page.Nodes) != 100 || page.TotalCount != 5000 || cap(page.Nodes) > 100 {
		t.Errorf("a page of %d tickets, capacity %d, of %d, want 100 of 5000", len(page.Nodes), cap(page.Nodes), page.TotalCount)
	}
}
