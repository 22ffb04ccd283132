package isp

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"wisphub-graphql/wisphub"
)

// Every day from the begin of the horizon to tomorrow lies in a window, even if some windows were
// read yesterday and others today. No window is wider than WispHub allows.
func TestTicketWindows_LeaveNoGap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		horizon := rapid.OneOf(rapid.IntRange(1, 3650), rapid.SampledFrom([]int{1, 57, 58, 59, 60, 117, 118, 183, 3650})).Draw(rt, "horizon")
		today := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 2000).Draw(rt, "today"))
		tickets := &Tickets{horizon: horizon}
		read := map[Date]bool{}
		newest := today
		for window := range tickets.windows() {
			readOn := today.AddDate(0, 0, -rapid.IntRange(0, 1).Draw(rt, "days ago"))
			if window == 0 {
				newest = readOn
			}
			from, to := tickets.span(readOn, window)
			if days := int(to.Sub(from) / (24 * time.Hour)); days < 0 || days > 61 {
				rt.Fatalf("window %d is %s to %s, %d days", window, DateOf(from), DateOf(to), days)
			}
			if first := readOn.AddDate(0, 0, -horizon); from.Before(first) {
				rt.Errorf("window %d begins on %s, before the horizon, %s", window, DateOf(from), DateOf(first))
			}
			for at := from; !at.After(to); at = at.AddDate(0, 0, 1) {
				read[DateOf(at)] = true
			}
		}
		for at := today.AddDate(0, 0, -horizon); !at.After(newest.AddDate(0, 0, 1)); at = at.AddDate(0, 0, 1) {
			if !read[DateOf(at)] {
				rt.Fatalf("%s lies in no window of %d days before %s", DateOf(at), horizon, DateOf(today))
			}
		}
	})
}

func TestTicketWindows_Count(t *testing.T) {
	t.Parallel()
	for horizon, want := range map[int]int{1: 1, 30: 1, 58: 1, 59: 2, 117: 2, 118: 3, 183: 4, 365: 7, 3650: 62} {
		if got := (&Tickets{horizon: horizon}).windows(); got != want {
			t.Errorf("windows() of %d days = %d, want %d", horizon, got, want)
		}
	}
}

// The day is the provider's, which may differ from that of UTC. The horizon is rounded down to
// whole days.
func TestTickets_Since(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // begins on 2000-01-01 at midnight in UTC
		cfg := testConfig(nil)
		for _, test := range []struct {
			zone    *time.Location
			horizon time.Duration
			want    Date
		}{
			{bogota, 24 * time.Hour, "1999-12-30"},
			{bogota, 183 * 24 * time.Hour, "1999-07-01"},
			{bogota, 47 * time.Hour, "1999-12-30"},
			{time.UTC, 24 * time.Hour, "1999-12-31"},
			{time.FixedZone("", 14*60*60), 24 * time.Hour, "1999-12-31"},
		} {
			cfg.TimeZone, cfg.TicketsHorizon = test.zone, test.horizon
			if got := newTickets(nil, cfg).since(); got != test.want {
				t.Errorf("since() of %v in %v = %s, want %s", test.horizon, test.zone, got, test.want)
			}
		}
	})
}

// The index has each ticket once, from the newest of its sets.
func TestTicketIndex_TakesTheNewestSet(t *testing.T) {
	t.Parallel()
	began := on("05-08 10:00")
	tickets := &Tickets{locale: colombia, overrides: &overrides[*Ticket]{}, active: []wisphub.TicketState{wisphub.TicketNew}}
	read := func(minute int, status TicketStatus) *ticketSet {
		return &ticketSet{asOf: began.Add(time.Duration(minute) * time.Minute), tickets: []*Ticket{
			{TicketID: 7, Status: status, ServiceID: 26, Zone: &Zone{ZoneID: 4}, CreatedAt: began},
			{TicketID: 10 + minute, Status: TicketClosed, ServiceID: 26, CreatedAt: began.AddDate(0, 0, minute)},
		}}
	}
	sets := []*ticketSet{read(1, TicketNew), read(3, TicketClosed), read(2, TicketNew)}
	for range 3 {
		sets = append(sets[1:], sets[0]) // in any order
		index := tickets.newIndex(sets, firstDay)
		if got, want := numbersOf(index.tickets), []int{13, 12, 11, 7}; !slices.Equal(got, want) {
			t.Errorf("newIndex = %v, want %v", got, want)
		}
		if status := index.byID[7].Status; status != TicketClosed {
			t.Errorf("ticket 7 is %s, want %s as in the newest set", status, TicketClosed)
		}
		if len(index.activeByZone) != 0 || len(index.byClient[26]) != 4 || !index.asOf.Equal(began.Add(time.Minute)) {
			t.Errorf("activeByZone %v, %d tickets of the client, as of %v, want none, 4 and the oldest set", index.activeByZone, len(index.byClient[26]), index.asOf)
		}
	}
}

// The index leaves out tickets before the horizon, but not those without a date.
func TestTicketIndex_EndsAtTheHorizon(t *testing.T) {
	t.Parallel()
	index := indexOf(
		&Ticket{TicketID: 1, CreatedAt: on("01-01 00:00")}, &Ticket{TicketID: 2, CreatedAt: on("01-01 00:00").Add(-time.Nanosecond)},
		&Ticket{TicketID: 3},
	)
	if got, want := numbersOf(index.tickets), []int{1, 3}; !slices.Equal(got, want) || index.byID[2] != nil {
		t.Errorf("newIndex = %v, want %v", got, want)
	}
	if index.since != firstDay {
		t.Errorf("since = %s, want %s", index.since, firstDay)
	}
}
