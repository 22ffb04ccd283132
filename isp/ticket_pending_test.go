package isp

import (
	"slices"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
)

// A pending ticket counts until a list shows it, or would have shown it.
func TestPendingTickets_List(t *testing.T) {
	t.Parallel()
	now := time.Now()
	index := &ticketIndex{newest: now, byID: map[int]*Ticket{7: {TicketID: 7, Zone: &Zone{ZoneID: 4}}, 5: {TicketID: 5}, 3: {TicketID: 3}}, active: map[int]bool{5: true}, byClient: map[int][]*Ticket{
		31: {{TicketID: 7, CreatedAt: now.Add(-2 * time.Minute)}}, 32: {{TicketID: 6, CreatedAt: now.Add(-time.Hour)}},
	}}
	later, sent := now.Add(time.Minute), now.Add(-2*time.Minute)
	p := newPendingTickets(nil)
	p.save(t.Context(), 4, []pendingTicket{
		{TicketID: 7, ServiceID: 1, Until: later},                   // in the index, which knows whether it is active
		{TicketID: 8, ServiceID: 2, Until: later},                   // not read yet
		{TicketID: 9, ServiceID: 3, Until: now.Add(-time.Second)},   // a list was read later, and does not have it
		{ServiceID: 30, Sent: sent, Until: later},                   // sent, outcome unknown
		{ServiceID: 31, Sent: sent, Until: later},                   // sent, and this may be ticket 7
		{ServiceID: 32, Sent: sent, Until: later},                   // sent, and the client's ticket is older
		{ServiceID: 33, Sent: sent, Until: now.Add(-time.Second)},   // sent, and a list was read later
		{TicketID: 5, ServiceID: 34},                                // active, but without a zone in the index
		{TicketID: 3, ServiceID: 35},                                // closed, without a zone in the index
		{ServiceID: 31, Sent: sent, Until: later, Before: []int{7}}, // sent, and ticket 7 existed before
	})
	want := []int{2, 30, 32, 34, 31}
	for range 2 {
		var got []int
		for _, ticket := range p.list(t.Context(), 4, index) {
			got = append(got, ticket.ServiceID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("list = pending tickets of services %v, want %v", got, want)
		}
	}
	if got := p.list(t.Context(), 5, index); len(got) != 0 {
		t.Errorf("list of another zone = %v, want none", got)
	}
	p.save(t.Context(), 4, nil)
	if len(p.byZone) != 0 {
		t.Errorf("%d zones in memory, want none", len(p.byZone))
	}
}

// Tickets that were added while the store was lost count beside those in the store.
func TestPendingTickets_LostStore(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	store := cachetest.Join(t, server.Config())
	p, index := newPendingTickets(store), &ticketIndex{}
	p.add(t.Context(), 4, pendingTicket{ServiceID: 1, Sent: time.Now()})
	server.Freeze()
	p.add(t.Context(), 4, pendingTicket{ServiceID: 2, Sent: time.Now()})
	server.Thaw()
	cachetest.Until(t, "the store is back", store.Up)
	other := newPendingTickets(store)
	p.add(t.Context(), 4, pendingTicket{ServiceID: 3, Sent: time.Now()})
	if got := other.list(t.Context(), 4, index); len(got) != 3 {
		t.Errorf("list = %d tickets, want 3", len(got))
	}
	p.remove(t.Context(), 4, p.list(t.Context(), 4, index)[0])
	if got := other.list(t.Context(), 4, index); len(got) != 2 {
		t.Errorf("list = %d tickets, want 2", len(got))
	}
}
