package isp

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// lookLater asks for the list when so much time has passed, and waits for what goes on behind the scenes.
func lookLater(t *testing.T, provider *Provider, later time.Duration) {
	t.Helper()
	time.Sleep(later)
	listTickets(t, provider, TicketQuery{})
	synctest.Wait()
}

// The newest window and the active tickets are read each minute while somebody looks, the older windows each quarter of an
// hour; when nobody looks, nothing is.
func TestTicketsRefresh(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		lookLater(t, provider, 0)
		wantCalls(t, upstream, windowsOfHorizon)
		lookLater(t, provider, time.Minute-1)
		wantCalls(t, upstream, windowsOfHorizon)
		const perMinute = 1 + activeCalls
		for minute := 1; minute < 15; minute++ {
			upstream.Reset()
			lookLater(t, provider, time.Minute)
			wantCalls(t, upstream, perMinute)
			lookLater(t, provider, 0)
			wantCalls(t, upstream, perMinute)
		}
		upstream.Reset()
		lookLater(t, provider, time.Minute)
		wantCalls(t, upstream, perMinute+windowsOfHorizon-1)
		upstream.Reset()
		time.Sleep(time.Hour)
		wantCalls(t, upstream, 0)
	})
}

// Nobody waits for a refresh: a list that is due is served as it is, and says of when.
func TestTicketsServedStale(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, log := connect(t, address)
		putTicket(upstream, 7, daysAgo(1, 12, 0), "Nuevo")
		first := listTickets(t, provider, TicketQuery{})
		putTicket(upstream, 8, daysAgo(0, 0, 0), "Nuevo")
		time.Sleep(time.Minute)
		if page := listTickets(t, provider, TicketQuery{}); page.TotalCount != 1 || !page.AsOf.Equal(first.AsOf) {
			t.Errorf("List() = %d tickets as of %v, want the one of before, as of %v", page.TotalCount, page.AsOf, first.AsOf)
		}
		synctest.Wait()
		page := listTickets(t, provider, TicketQuery{})
		if page.TotalCount != 2 || page.Versions[0] <= first.Versions[0] || page.Versions[1] != first.Versions[1] {
			t.Errorf("List() = %d tickets of versions %v, want 2, of a version after %v", page.TotalCount, page.Versions, first.Versions)
		}
		upstream.Forbid(ticketsPath)
		lookLater(t, provider, time.Minute)
		if page := listTickets(t, provider, TicketQuery{}); page.TotalCount != 2 {
			t.Errorf("List() = %d tickets after a refresh that failed, want 2", page.TotalCount)
		}
		if lines := log.matching("refresh failed", `"tickets"`); len(lines) != 2 {
			t.Errorf("%d log lines about the two refreshes that failed: %q", len(lines), log.matching())
		}
	})
}

// An old ticket that was active and is not, or was not and is, shows so a minute later, in its window's own words.
func TestOldTicketChangesItsState(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		old, older := daysAgo(100, 12, 0), daysAgo(150, 12, 0)
		putTicket(upstream, 7, old, "Nuevo")
		putTicket(upstream, 8, older, "Nuevo")
		steps := []struct {
			label  string
			status TicketStatus
			active int
			calls  int
		}{
			{"En Progreso", TicketInProgress, 2, 0},
			{"Cerrado", TicketClosed, 1, 1},    // the window tells what has become of it
			{"Reagendado", TicketClosed, 1, 0}, // from one state that is not active to another: seen with the window
			{"Nuevo", TicketNew, 2, 0},
			{"Resuelto", TicketResolved, 1, 1},
		}
		lookLater(t, provider, 0)
		for _, step := range steps {
			putTicket(upstream, 7, old, step.label)
			upstream.Reset()
			lookLater(t, provider, time.Minute)
			wantCalls(t, upstream, 1+activeCalls+step.calls)
			wantTicket(t, provider, 7, step.status)
			wantTicket(t, provider, 8, TicketNew)
			wantQuota(t, provider, 4, TicketQuota{Active: step.active, Maximum: 3})
		}
		upstream.DeleteTicket(8)
		lookLater(t, provider, time.Minute)
		wantQuota(t, provider, 4, TicketQuota{Maximum: 3})
	})
}

// A ticket whose state upstream shows but does not filter by costs its window one reading, and not one a minute.
func TestActiveTicketThatNoFilterFinds(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		putTicket(upstream, 7, daysAgo(100, 12, 0), "NUEVO")
		lookLater(t, provider, 0)
		for _, more := range []int{1, 0, 0} {
			upstream.Reset()
			lookLater(t, provider, time.Minute)
			wantCalls(t, upstream, 1+activeCalls+more)
			wantQuota(t, provider, 4, TicketQuota{Active: 1, Maximum: 3})
		}
	})
}

// When the window of a ticket that is no longer active cannot be read, the old reading stays, whole, and is tried again.
func TestOldTicketWhoseWindowFails(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		putTicket(upstream, 7, daysAgo(100, 12, 0), "Nuevo")
		lookLater(t, provider, 0)
		putTicket(upstream, 7, daysAgo(100, 12, 0), "Cerrado")
		upstream.SetFaults(wisphubtest.Faults{Down: true})
		lookLater(t, provider, time.Minute)
		wantTicket(t, provider, 7, TicketNew)
		upstream.SetFaults(wisphubtest.Faults{})
		lookLater(t, provider, time.Minute)
		wantTicket(t, provider, 7, TicketClosed)
	})
}

// However long stale data may be served, no window is older than a day: a gap between two could not be told from no tickets.
func TestOldWindowsAreNotServed(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connectWith(t, address, func(cfg *Config) { cfg.StaleLimit = 1000 * time.Hour })
		putTicket(upstream, 7, daysAgo(100, 12, 0), "Nuevo")
		lookLater(t, provider, 0)
		upstream.Forbid(ticketsPath)
		time.Sleep(24*time.Hour - 1)
		if page := listTickets(t, provider, TicketQuery{}); page.TotalCount != 1 {
			t.Errorf("List() = %d tickets within a day, want 1", page.TotalCount)
		}
		synctest.Wait()
		time.Sleep(time.Nanosecond)
		_, err := provider.Tickets.List(t.Context(), TicketQuery{})
		wantTicketError(t, "List() after a day", err, wisphub.ErrForbidden)
	})
}

// A horizon that one window holds has no older ones to read.
func TestShortHorizon(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connectWith(t, address, func(cfg *Config) { cfg.TicketsHorizon = 24 * time.Hour })
		putTicket(upstream, 7, daysAgo(1, 0, 0), "Nuevo")
		putTicket(upstream, 8, daysAgo(2, 23, 59), "Nuevo")
		for looks := range 5 {
			lookLater(t, provider, time.Minute)
			wantCalls(t, upstream, looks+1)
		}
		wantQuota(t, provider, 4, TicketQuota{Active: 1, Maximum: 3})
	})
}

// The list goes on being whole over days, whatever was read when.
func TestTicketsOverDays(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		var created []Date
		for days := range 190 {
			putTicket(upstream, 1+days, daysAgo(days, 12, 0), "Cerrado")
			created = append(created, DateOf(daysAgo(days, 12, 0)))
		}
		for look := range 20 {
			lookLater(t, provider, 13*time.Hour)
			page := listTickets(t, provider, TicketQuery{First: new(2000)})
			want := slices.DeleteFunc(slices.Clone(created), func(day Date) bool { return day < page.Since })
			if page.TotalCount != len(want) {
				t.Errorf("look %d: %d tickets since %s, want %d", look, page.TotalCount, page.Since, len(want))
			}
		}
	})
}
