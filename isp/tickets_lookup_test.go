package isp

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
)

func TestTickets_Get(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		putTicket(upstream, 7, daysAgo(3, 12, 0), "Nuevo")
		putTicket(upstream, 8, daysAgo(3000, 12, 0), "Cerrado")
		wantTicket(t, provider, 7, TicketNew) // without a list, one ticket costs one call
		wantCalls(t, upstream, 1)
		listTickets(t, provider, TicketQuery{})
		upstream.Reset()
		wantTicket(t, provider, 7, TicketNew)
		wantCalls(t, upstream, 0)
		if !provider.Tickets.Known(7) || provider.Tickets.Known(8) || provider.Tickets.Known(9) {
			t.Error("Known() = false for ticket 7 or true for 8 or 9, want only 7 in memory")
		}
		wantTicket(t, provider, 8, TicketClosed)
		time.Sleep(time.Minute - 1)
		if !provider.Tickets.Known(8) {
			t.Error("Known(8) = false for a ticket read within a minute")
		}
		wantTicket(t, provider, 8, TicketClosed)
		wantCalls(t, upstream, 1)
		time.Sleep(time.Nanosecond)
		wantTicket(t, provider, 8, TicketClosed)
		synctest.Wait()
		wantCalls(t, upstream, 1+1+windowsOfHorizon) // the index is due, too
	})
}

// A missing ticket is remembered for half a minute, with an index and without.
func TestTickets_NotFound(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		for range 2 {
			upstream.Reset()
			for range 3 {
				if ticket, err := provider.Tickets.Get(t.Context(), 9); err != nil || ticket != nil {
					t.Errorf("Get(9) = %+v, %v, want nil", ticket, err)
				}
				time.Sleep(15 * time.Second)
			}
			wantCalls(t, upstream, 2)
			listTickets(t, provider, TicketQuery{})
			time.Sleep(15 * time.Second)
		}
	})
}

func TestTickets_GetFails(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	_, err := provider.Tickets.Get(t.Context(), 0)
	wantInputError(t, "Get(0)", err, "ticketId")
	wantCalls(t, upstream, 0)
	upstream.Forbid("/api/tickets/{id}/")
	_, err = provider.Tickets.Get(t.Context(), upstream.TicketIDs()[0])
	wantTicketError(t, "Get()", err, wisphub.ErrForbidden)
	provider, _ = connect(t, serve(t, respondJSON(`{"id_ticket": 8}`)))
	_, err = provider.Tickets.Get(t.Context(), 7)
	wantTicketError(t, "Get(7) of another ticket", err, errFilterIgnored)
}

func wantTicketError(tb testing.TB, what string, err, cause error) {
	tb.Helper()
	fetch := (*FetchError)(nil)
	if !errors.As(err, &fetch) || fetch.Noun != "ticket" || !errors.Is(err, ErrUpstreamUnavailable) || !errors.Is(err, cause) {
		tb.Errorf("%s: error %v, want a FetchError of ticket because of %v", what, err, cause)
	}
}

func TestTickets_OfClient(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	provider, _ := connect(t, address)
	var newest []int // of client 26
	for id := 1; id <= 30; id++ {
		state := []string{"Nuevo", "Cerrado", "Abierto"}[id%3]
		putTicketOf(upstream, id, daysAgo(40-id, 12, 0), state, 26+id%2, 4)
	}
	for id := 51; id <= 75; id++ {
		putTicketOf(upstream, id, daysAgo(180-id, 12, 0), "Cerrado", 26, 4)
	}
	for id := 30; id > 0; id -= 2 {
		newest = append(newest, id)
	}
	for id := 75; id > 50; id-- {
		newest = append(newest, id)
	}
	closed := slices.DeleteFunc(slices.Clone(newest), func(id int) bool { return id <= 30 && id%3 != 1 })
	for name, test := range map[string]struct {
		service int
		states  []TicketStatus
		first   *int
		want    []int
	}{
		"all":              {26, nil, new(2000), newest},
		"by default":       {26, nil, nil, newest[:20]},
		"three":            {26, nil, new(3), newest[:3]},
		"closed ones":      {26, []TicketStatus{TicketClosed}, new(2000), closed},
		"two states":       {26, []TicketStatus{TicketClosed, TicketNew}, new(4), []int{30, 28, 24, 22}},
		"of no state":      {26, []TicketStatus{}, nil, nil},
		"of no client":     {99, nil, nil, nil},
		"of another":       {27, []TicketStatus{TicketNew}, new(2), []int{27, 21}},
		"resolved, if any": {26, []TicketStatus{TicketResolved}, nil, nil},
	} {
		tickets, err := provider.Tickets.OfClient(t.Context(), test.service, test.states, test.first)
		if got := numbersOf(tickets); err != nil || !slices.Equal(got, test.want) || tickets == nil {
			t.Errorf("OfClient(%s) = %v, %v, want %v", name, got, err, test.want)
		}
	}
	for _, first := range []int{0, -1, 2001} {
		_, err := provider.Tickets.OfClient(t.Context(), 26, nil, &first)
		wantInputError(t, "OfClient()", err, "first")
	}
	_, err := provider.Tickets.OfClient(t.Context(), 26, []TicketStatus{TicketUnknown}, nil)
	wantInputError(t, "OfClient()", err, "status")
	wantCalls(t, upstream, windowsOfHorizon)
}

// Active tickets within the horizon fill a zone. Each counts once. A ticket in an unknown state counts.
func TestTickets_Quota(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	provider, _ := connect(t, address)
	states := map[string]int{"Nuevo": 1, "En Progreso": 2, "Resuelto": 3, "Cerrado": 4, "Reagendado": 5, "Abierto": 6}
	for state, id := range states {
		putTicketOf(upstream, id, daysAgo(58, 12, 0), state, 26, 4)     // in two windows
		putTicketOf(upstream, 10+id, daysAgo(184, 12, 0), state, 26, 4) // before the horizon
		putTicketOf(upstream, 20+id, daysAgo(100, 12, 0), state, 26, 5)
	}
	for _, id := range []int{31, 32} {
		putTicketOf(upstream, id, daysAgo(id, 12, 0), "Nuevo", 27, 5)
		putTicketOf(upstream, 10+id, daysAgo(id, 12, 0), "Nuevo", 27, 0)
	}
	putTicketOf(upstream, 33, daysAgo(0, 0, 0), "Nuevo", 27, 6)
	wantQuota(t, provider, 4, TicketQuota{Active: 3, Maximum: 3, Blocked: true})
	wantQuota(t, provider, 5, TicketQuota{Active: 5, Maximum: 3, Blocked: true})
	wantQuota(t, provider, 6, TicketQuota{Active: 1, Maximum: 3})
	wantQuota(t, provider, 7, TicketQuota{Active: 0, Maximum: 3})
	wantCalls(t, upstream, windowsOfHorizon)

	other, _ := connectWith(t, address, func(cfg *Config) { cfg.ActiveTicketStates, cfg.MaxActiveTicketsPerZone = []int{1}, 1 })
	wantQuota(t, other, 4, TicketQuota{Active: 2, Maximum: 1, Blocked: true})
}
