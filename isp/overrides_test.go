package isp

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The index has the newest record of each ticket, from a list or an override, in any order.
func TestTicketIndex_HasTheNewestRecord(t *testing.T) {
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
		moment := rapid.Custom(func(t *rapid.T) time.Time { // further apart than maxSkew
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
				continue // every list has it
			}
			tickets.overrides.set([]*Ticket{read(id, at)}, at, true)
		}
		for range 2 { // the first time deletes old overrides
			index := tickets.newIndex(sets, firstDay)
			if len(index.tickets) != len(last) || len(index.byID) != len(last) {
				t.Fatalf("%d tickets, want %d", len(index.tickets), len(last))
			}
			for id, at := range last {
				if got := index.byID[id].Subject; got != at.String() {
					t.Fatalf("ticket %d is of %s, want %v", id, got, at)
				}
			}
		}
	})
}

func TestOverrides_AreLimited(t *testing.T) {
	t.Parallel()
	o := &overrides[*Ticket]{id: func(ticket *Ticket) int { return ticket.TicketID }}
	start := time.Now()
	for id := range maxOverrides + 10 {
		o.set([]*Ticket{{TicketID: id}}, start.Add(time.Duration(id)), true)
	}
	if _, oldest := o.get(9); len(o.records) != maxOverrides || oldest {
		t.Errorf("%d records, has record 9: %t; want %d without the oldest", len(o.records), oldest, maxOverrides)
	}
}

// Newer records of another replica are applied. Older and malformed ones are ignored.
func TestOverrides_Apply(t *testing.T) {
	t.Parallel()
	_, provider := open(t, 3)
	o, now := provider.Tickets.overrides, time.Now().Truncate(time.Second)
	message := func(subject string, at time.Time) string {
		text, err := o.encode([]*Ticket{{TicketID: 7, Subject: subject, CreatedAt: now}}, at)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for i, test := range []struct{ text, want string }{
		{"", ""}, {"null", ""}, {`{"asOf":[1,2]}`, ""}, {"[", ""},
		{message("new", now), "new"},
		{message("older", now.Add(-time.Minute)), "new"},
		{message("from tomorrow", now.Add(24*time.Hour)), "from tomorrow"},
		{message("of the hour", time.Now().Add(time.Hour)), "of the hour"}, // the time from tomorrow was limited to now
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			o.apply(test.text)
			known, ok := o.get(7)
			if ok != (test.want != "") || ok && known.record.Subject != test.want || known.at.After(time.Now()) {
				t.Errorf("apply(%s): record = %+v, want %q", test.text, known, test.want)
			}
		})
	}
}
