package isp

import (
	"slices"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
)

// A reservation counts until a reading shows the ticket, or would have shown it.
func TestReservations(t *testing.T) {
	t.Parallel()
	now := time.Now()
	book := &ticketIndex{newest: now, byID: map[int]*Ticket{7: {TicketID: 7, Zone: &Zone{ZoneID: 4}}, 5: {TicketID: 5}, 3: {TicketID: 3}}, active: map[int]bool{5: true}, byClient: map[int][]*Ticket{
		31: {{TicketID: 7, CreatedAt: now.Add(-2 * time.Minute)}}, 32: {{TicketID: 6, CreatedAt: now.Add(-time.Hour)}},
	}}
	later, sent := now.Add(time.Minute), now.Add(-2*time.Minute)
	r := newPendingTickets(nil)
	r.save(t.Context(), 4, []pendingTicket{
		{TicketID: 7, ServiceID: 1, Until: later},                   // in the book, which says whether it is active
		{TicketID: 8, ServiceID: 2, Until: later},                   // not read yet
		{TicketID: 9, ServiceID: 3, Until: now.Add(-time.Second)},   // load since, and not there any more
		{ServiceID: 30, Sent: sent, Until: later},                   // sent, and nobody knows
		{ServiceID: 31, Sent: sent, Until: later},                   // sent, and there is a ticket that it may well be
		{ServiceID: 32, Sent: sent, Until: later},                   // sent, and there is an older one only
		{ServiceID: 33, Sent: sent, Until: now.Add(-time.Second)},   // load since
		{TicketID: 5, ServiceID: 34},                                // active, and in no zone in the book
		{TicketID: 3, ServiceID: 35},                                // the same, and closed
		{ServiceID: 31, Sent: sent, Until: later, Before: []int{7}}, // the ticket that there is was there before
	})
	want := []int{2, 30, 32, 34, 31}
	for range 2 {
		var got []int
		for _, taken := range r.list(t.Context(), 4, book) {
			got = append(got, taken.ServiceID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the reservations of %v count, want %v", got, want)
		}
	}
	if got := r.list(t.Context(), 5, book); len(got) != 0 {
		t.Errorf("reservations of another zone = %v", got)
	}
	r.save(t.Context(), 4, nil)
	if len(r.byZone) != 0 {
		t.Errorf("%d zones are kept that have none", len(r.byZone))
	}
}

// What was reserved while the store was lost counts beside what the store has.
func TestReservationsOverALostStore(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	store := cachetest.Join(t, server.Config())
	r, book := newPendingTickets(store), &ticketIndex{}
	r.add(t.Context(), 4, pendingTicket{ServiceID: 1, Sent: time.Now()})
	server.Freeze()
	r.add(t.Context(), 4, pendingTicket{ServiceID: 2, Sent: time.Now()})
	server.Thaw()
	cachetest.Until(t, "the store is back", store.Up)
	other := newPendingTickets(store)
	r.add(t.Context(), 4, pendingTicket{ServiceID: 3, Sent: time.Now()})
	if got := other.list(t.Context(), 4, book); len(got) != 3 {
		t.Errorf("%d reservations count, want 3", len(got))
	}
	r.remove(t.Context(), 4, r.list(t.Context(), 4, book)[0])
	if got := other.list(t.Context(), 4, book); len(got) != 2 {
		t.Errorf("%d reservations count, want 2", len(got))
	}
}
