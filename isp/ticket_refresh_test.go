package isp

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// lookLater lists the tickets after a pause, and waits for refreshes in the background.
func lookLater(t *testing.T, provider *Provider, later time.Duration) {
	t.Helper()
	time.Sleep(later)
	listTickets(t, provider, TicketQuery{})
	synctest.Wait()
}

const (
	// manyOldTickets make the oldest window so large that the active tickets are read by state.
	manyOldTickets = 1_800
	// activePause is then the interval of the active tickets, whose share is 154 of 250 calls.
	activePause = 165 * time.Second
)

func putManyOldTickets(upstream *wisphubtest.Server) {
	for id := range manyOldTickets {
		putTicketOf(upstream, 10_000+id, daysAgo(180, 12, 0), "Cerrado", 27, 5)
	}
}

// While callers list tickets, all windows are read each minute, if they have so few pages that the
// active tickets would cost more. Otherwise nothing is read.
func TestTickets_Refresh(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		lookLater(t, provider, 0)
		wantCalls(t, upstream, windowsOfHorizon)
		lookLater(t, provider, time.Minute-1)
		wantCalls(t, upstream, windowsOfHorizon)
		const perMinute = windowsOfHorizon
		for minute := 1; minute < 60; minute++ {
			upstream.Reset()
			lookLater(t, provider, time.Minute)
			wantCalls(t, upstream, perMinute)
			lookLater(t, provider, 0)
			wantCalls(t, upstream, perMinute)
		}
		upstream.Reset()
		time.Sleep(time.Hour)
		wantCalls(t, upstream, 0)
	})
}

// With large older windows, the newest window is read each minute, the active tickets when their
// share allows it, and the older windows about every 15 minutes.
func TestTickets_RefreshOfLargeWindows(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		putManyOldTickets(upstream)
		provider, _ := connect(t, address)
		lookLater(t, provider, 0)
		const older = windowsOfHorizon - 2 + manyOldTickets/(wisphub.MaxLimit-1) + 1
		wantCalls(t, upstream, 1+older)
		next := 1 // the minute in which the active tickets are due
		for minute := 1; minute < 17; minute++ {
			want := 1
			if minute >= next {
				want, next = 1+activeCalls, minute+3
			}
			upstream.Reset()
			lookLater(t, provider, time.Minute)
			wantCalls(t, upstream, want)
		}
		upstream.Reset()
		lookLater(t, provider, time.Minute)
		if upstream.Total() < 1+older {
			t.Errorf("%d calls after 17 minutes, want the %d of the older windows, too", upstream.Total(), older)
		}
	})
}

// A stale list is served at once, with its age, while it is refreshed.
func TestTickets_ServedStale(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, log := connect(t, address)
		putManyOldTickets(upstream)
		putTicket(upstream, 7, daysAgo(1, 12, 0), "Nuevo")
		first := listTickets(t, provider, TicketQuery{})
		putTicket(upstream, 8, daysAgo(0, 0, 0), "Nuevo")
		time.Sleep(time.Minute)
		if page := listTickets(t, provider, TicketQuery{}); page.TotalCount != 1+manyOldTickets || !page.AsOf.Equal(first.AsOf) {
			t.Errorf("List() = %d tickets as of %v, want the first list as of %v", page.TotalCount, page.AsOf, first.AsOf)
		}
		synctest.Wait()
		page := listTickets(t, provider, TicketQuery{})
		if page.TotalCount != 2+manyOldTickets || page.Versions[0] <= first.Versions[0] || page.Versions[1] != first.Versions[1] {
			t.Errorf("List() = %d tickets of versions %v, want one more, of a version after %v", page.TotalCount, page.Versions, first.Versions)
		}
		upstream.Forbid(ticketsPath)
		lookLater(t, provider, activePause)
		if page := listTickets(t, provider, TicketQuery{}); page.TotalCount != 2+manyOldTickets {
			t.Errorf("List() = %d tickets after a refresh that failed, want the same", page.TotalCount)
		}
		if lines := log.matching("refresh failed", `"tickets"`); len(lines) != 2 {
			t.Errorf("%d log lines of the two failed refreshes, want 2: %q", len(lines), log.matching())
		}
	})
}

// An old ticket that becomes active or inactive shows its new state when the active tickets are read
// again.
func TestTickets_OldTicketChangesItsState(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		putManyOldTickets(upstream)
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
			{"Cerrado", TicketClosed, 1, 1},    // read from its window
			{"Reagendado", TicketClosed, 1, 0}, // between inactive states: seen when the window is due
			{"Nuevo", TicketNew, 2, 0},
			{"Resuelto", TicketResolved, 1, 1},
		}
		lookLater(t, provider, 0)
		for _, step := range steps {
			putTicket(upstream, 7, old, step.label)
			upstream.Reset()
			lookLater(t, provider, activePause)
			wantCalls(t, upstream, 1+activeCalls+step.calls)
			wantTicket(t, provider, 7, step.status)
			wantTicket(t, provider, 8, TicketNew)
			wantQuota(t, provider, 4, TicketQuota{Active: step.active, Maximum: 3})
		}
		upstream.DeleteTicket(8)
		lookLater(t, provider, activePause)
		wantQuota(t, provider, 4, TicketQuota{Maximum: 3})
	})
}

// A ticket that is active but that no filter finds costs one read of its window, not one each
// time.
func TestTickets_ActiveTicketThatNoFilterFinds(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		putManyOldTickets(upstream)
		provider, _ := connect(t, address)
		putTicket(upstream, 7, daysAgo(100, 12, 0), "NUEVO")
		lookLater(t, provider, 0)
		for _, more := range []int{1, 0, 0} {
			upstream.Reset()
			lookLater(t, provider, activePause)
			wantCalls(t, upstream, 1+activeCalls+more)
			wantQuota(t, provider, 4, TicketQuota{Active: 1, Maximum: 3})
		}
	})
}

// If the window of a ticket that is no longer active cannot be read, the old list stays and is
// refreshed later.
func TestTickets_OldWindowFails(t *testing.T) {
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

// No window older than a day is served, whatever the stale limit is: a gap between two windows
// would look as if there were no tickets.
func TestTickets_OldWindowsAreNotServed(t *testing.T) {
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

// A horizon within one window has no older windows.
func TestTickets_ShortHorizon(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connectWith(t, address, func(cfg *Config) { cfg.TicketsHorizon = 24 * time.Hour })
		putTicket(upstream, 7, daysAgo(1, 0, 0), "Nuevo")
		putTicket(upstream, 8, daysAgo(2, 23, 59), "Nuevo")
		for looks := range 5 {
			lookLater(t, provider, time.Minute)
			wantCalls(t, upstream, looks+1)
			if page := listTickets(t, provider, TicketQuery{}); time.Since(page.AsOf) > time.Minute {
				t.Errorf("the list is as of %v at %v, want at most a minute old", page.AsOf, time.Now())
			}
		}
		wantQuota(t, provider, 4, TicketQuota{Active: 1, Maximum: 3})
	})
}

// The list stays whole over days.
func TestTickets_OverDays(t *testing.T) {
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
