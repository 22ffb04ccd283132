package isp

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Of each ticket the book has what was read last, from a list or because of a write, whatever came in which order.
func TestBookHasTheLastReading(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 5, 1, 12, 0, 0, 0, bogota)
	rapid.Check(t, func(t *rapid.T) {
		tickets := &Tickets{locale: colombia, overrides: &overrides[*Ticket]{id: func(ticket *Ticket) int { return ticket.TicketID }}}
		last := map[int]time.Time{} // when each ticket was read last
		read := func(id int, at time.Time) *Ticket {
			if at.After(last[id]) {
				last[id] = at
			}
			return &Ticket{TicketID: id, Subject: at.String(), CreatedAt: start}
		}
		moment := rapid.Custom(func(t *rapid.T) time.Time { // apart by more than clocks may be
			return start.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "moment")) * 3 * maxSkew)
		})
		used := map[time.Time]bool{}
		sets := make([]*ticketSet, rapid.IntRange(1, 4).Draw(t, "sets"))
		oldest := start.Add(time.Hour)
		for i := range sets {
			at := moment.Filter(func(at time.Time) bool { return !used[at] }).Draw(t, "asOf")
			used[at] = true
			sets[i] = &ticketSet{asOf: at}
			if at.Before(oldest) {
				oldest = at
			}
			for _, id := range rapid.SliceOfDistinct(rapid.IntRange(1, 6), rapid.ID).Draw(t, "tickets") {
				sets[i].tickets = append(sets[i].tickets, read(id, at))
			}
		}
		for range rapid.IntRange(0, 6).Draw(t, "writes") {
			id, at := rapid.IntRange(1, 8).Draw(t, "written"), moment.Filter(func(at time.Time) bool { return !used[at] }).Draw(t, "at")
			if at.Before(oldest) {
				continue // no list can lack it
			}
			tickets.overrides.set([]*Ticket{read(id, at)}, at, true)
		}
		for range 2 { // the second time with what the first has forgotten
			book := tickets.newIndex(sets, firstDay)
			if len(book.tickets) != len(last) || len(book.byID) != len(last) {
				t.Fatalf("%d tickets, want %d", len(book.tickets), len(last))
			}
			for id, at := range last {
				if got := book.byID[id].Subject; got != at.String() {
					t.Fatalf("ticket %d is of %s, want %v", id, got, at)
				}
			}
		}
	})
}

func TestWritesAreBounded(t *testing.T) {
	t.Parallel()
	w := &overrides[*Ticket]{id: func(ticket *Ticket) int { return ticket.TicketID }}
	start := time.Now()
	for id := range maxOverrides + 10 {
		w.set([]*Ticket{{TicketID: id}}, start.Add(time.Duration(id)), true)
	}
	if _, oldest := w.get(9); len(w.records) != maxOverrides || oldest {
		t.Errorf("%d records, the tenth kept: %t; want %d, and the oldest gone", len(w.records), oldest, maxOverrides)
	}
}

// What another replica tells is taken as far as it is newer, and what makes no sense is not.
func TestHearWrites(t *testing.T) {
	t.Parallel()
	_, provider := open(t, 3)
	w, now := provider.Tickets.overrides, time.Now().Truncate(time.Second)
	tell := func(subject string, at time.Time) string {
		text, err := w.encode([]*Ticket{{TicketID: 7, Subject: subject, CreatedAt: now}}, at)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for i, test := range []struct{ text, want string }{
		{"", ""}, {"null", ""}, {`{"asOf":[1,2]}`, ""}, {"[", ""},
		{tell("new", now), "new"},
		{tell("older", now.Add(-time.Minute)), "new"},
		{tell("from tomorrow", now.Add(24*time.Hour)), "from tomorrow"},
		{tell("of the hour", time.Now().Add(time.Hour)), "of the hour"}, // tomorrow was not believed
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			w.apply(test.text)
			known, ok := w.get(7)
			if ok != (test.want != "") || ok && known.record.Subject != test.want || known.at.After(time.Now()) {
				t.Errorf("after %s it is %+v, want %q", test.text, known, test.want)
			}
		})
	}
}
