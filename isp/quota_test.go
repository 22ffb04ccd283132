package isp

import (
	"slices"
	"testing"
	"time"
)

// A reservation counts until a reading shows the ticket, or would have shown it.
func TestReservations(t *testing.T) {
	t.Parallel()
	now := time.Now()
	book := &ticketBook{newest: now, byID: map[int]*Ticket{7: {TicketID: 7}}}
	r := newReservations(nil)
	r.save(t.Context(), 4, []reservation{
		{TicketID: 7, Until: now.Add(time.Minute)},  // in the book, which says whether it is active
		{TicketID: 8, Until: now.Add(time.Minute)},  // not read yet
		{TicketID: 9, Until: now.Add(-time.Second)}, // read since, and not there any more
		{Until: now.Add(time.Minute)},               // sent, and nobody knows
		{Until: now.Add(-time.Second)},              // read since
	})
	want := []reservation{{TicketID: 8, Until: now.Add(time.Minute)}, {Until: now.Add(time.Minute)}}
	for range 2 {
		if got := r.load(t.Context(), 4, book); !slices.Equal(got, want) {
			t.Errorf("reservations = %v, want %v", got, want)
		}
	}
	if got := r.load(t.Context(), 5, book); len(got) != 0 {
		t.Errorf("reservations of another zone = %v", got)
	}
	r.save(t.Context(), 4, nil)
	if len(r.byZone) != 0 {
		t.Errorf("%d zones are kept that have none", len(r.byZone))
	}
}
