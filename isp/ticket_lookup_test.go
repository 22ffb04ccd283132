package isp

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// newTicketBubble returns a bubble with a ticket of each of the last days, whose ids are 1, 2 and so
// on, and a WispHub of usual speed.
func newTicketBubble(t *testing.T, tickets int) *bubble {
	t.Helper()
	b := newBubble(t, 3, func(*Config) {})
	for id := 1; id <= tickets; id++ {
		putTicket(b.upstream, id, daysAgo(id, 12, 0), "Nuevo")
	}
	b.upstream.SetFaults(wisphubtest.Faults{Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond})
	return b
}

// Without a list, 93 callers who ask for 93 different tickets within a second cost five look-ups and
// one reading of the windows. All get their ticket.
func Test14_2_ColdTicketsWaitForTheWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newTicketBubble(t, 93)
		began := time.Now()
		var callers sync.WaitGroup
		for id := 1; id <= 93; id++ {
			callers.Go(func() {
				time.Sleep(time.Duration(id) * 10 * time.Millisecond)
				wantTicket(t, b.provider, id, TicketNew)
			})
		}
		callers.Wait()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("the tickets came after %v, want at most 5s", took)
		}
		b.wantCallsAtMost(lookupBurst + windowsOfHorizon)
	})
}

// A bot that asks for another ticket every five seconds has the windows read, which cost less than a
// call for each ticket. A bot that asks rarely has not.
func Test14_2_FrequentTicketLookUps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		every time.Duration
		calls int
	}{
		"frequent": {5 * time.Second, lookupBurst + 9*windowsOfHorizon}, // read anew each minute
		"rare":     {20 * time.Second, 100},
	} {
		bubbled(t, name, func(t *testing.T) {
			b := newTicketBubble(t, 100)
			for id := 1; id <= 100; id++ {
				wantTicket(t, b.provider, id, TicketNew)
				time.Sleep(test.every)
			}
			b.wantCallsAtMost(test.calls)
		})
	}
}

// Tickets before the horizon, and those that do not exist, are looked up once the windows are there.
func Test14_2_TicketsThatTheWindowsLack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newTicketBubble(t, 10)
		putTicket(b.upstream, 500, daysAgo(3000, 12, 0), "Cerrado")
		var callers sync.WaitGroup
		for id := 1; id <= 10; id++ {
			callers.Go(func() { wantTicket(t, b.provider, id, TicketNew) })
		}
		synctest.Wait()
		callers.Go(func() { wantTicket(t, b.provider, 500, TicketClosed) })
		callers.Go(func() {
			if ticket, err := b.provider.Tickets.Get(t.Context(), 999); ticket != nil || err != nil {
				t.Errorf("Get(999) = %+v, %v, want nil", ticket, err)
			}
		})
		callers.Wait()
		b.wantCallsAtMost(lookupBurst + windowsOfHorizon + 2)
	})
}

// When the budget has no room for the windows, callers are told at once when to ask again.
func Test14_2_TicketsWithASpentBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newTicketBubble(t, 20)
		spend(b.provider, 95)
		began := time.Now()
		for id := 1; id <= 20; id++ {
			_, err := b.provider.Tickets.Get(t.Context(), id)
			fetch := (*FetchError)(nil)
			if !errors.As(err, &fetch) || !errors.Is(err, ErrRateLimited) || fetch.Noun != "ticket" || fetch.RetryAfter < 50*time.Second || fetch.RetryAfter > 62*time.Second {
				t.Fatalf("Get(%d) = %v, want a budget error with the rest of the minute", id, err)
			}
		}
		_, err := b.provider.Tickets.List(t.Context(), TicketQuery{})
		wantErrorIs(t, "List()", err, ErrRateLimited)
		if took := time.Since(began); took > 0 {
			t.Errorf("the callers were told after %v, want at once", took)
		}
		b.wantCallsAtMost(0)
		time.Sleep(65 * time.Second)
		wantTicket(t, b.provider, 20, TicketNew)
		b.wantCallsAtMost(2*windowsOfHorizon - 1) // the reading waited for the budget; another refreshes it
	})
}

// All callers of one account share a call. When the budget has no room, they are told at once.
func Test14_2_AccountIsOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newTicketBubble(t, 0)
		ids := b.upstream.IDs()
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				if account, err := b.provider.Accounts.Get(t.Context(), ids[0]); err != nil || account == nil {
					t.Errorf("Get() = %v, %v, want an account", account, err)
				}
			})
		}
		callers.Wait()
		b.wantCallsAtMost(1)
		spend(b.provider, 92)
		began := time.Now()
		_, err := b.provider.Accounts.Get(t.Context(), ids[1])
		fetch := (*FetchError)(nil)
		if !errors.As(err, &fetch) || !errors.Is(err, ErrRateLimited) || fetch.RetryAfter < 50*time.Second || time.Since(began) > 0 {
			t.Errorf("Get() with a spent budget = %v after %v, want at once when to ask again", err, time.Since(began))
		}
	})
}

// A look-up that must leave its call to the windows is answered from them, though they come before it
// waits for them.
func Test14_2_WindowsComeMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newTicketBubble(t, 10)
		tickets := b.provider.Tickets
		for tickets.gate.admit(t.Context()) == nil {
		}
		held := tickets.gate.reading.held
		tickets.gate.reading.held = func() bool {
			was := held()
			if _, err := tickets.currentIndex(t.Context()); err != nil {
				t.Error(err)
			}
			return was
		}
		wantTicket(t, b.provider, 3, TicketNew)
		b.wantCallsAtMost(windowsOfHorizon)
	})
}
