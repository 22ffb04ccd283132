package isp

import (
	"testing"
	"testing/synctest"
	"time"
)

// ticketMessage is what a replica publishes about a ticket that it read at that time.
func ticketMessage(tb testing.TB, o *overrides[*Ticket], id int, label string, created, at time.Time) string {
	tb.Helper()
	text, err := o.encode([]*Ticket{{TicketID: id, StatusLabel: label, CreatedAt: created}}, at)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// A replica that starts makes the others publish their older records again. No reader goes back to
// them, whether or not the ticket is within the horizon.
func Test14_10_OlderTicketIsAppliedNowhere(t *testing.T) {
	t.Parallel()
	for name, age := range map[string]int{"a recent ticket": 1, "an old ticket": 3000} {
		upstream, address := withoutTickets(t)
		bubbled(t, name, func(t *testing.T) {
			provider, _ := connect(t, address)
			o, created, before := provider.Tickets.overrides, daysAgo(age, 12, 0), time.Now()
			time.Sleep(10 * time.Second)
			putTicket(upstream, 7, created, "Cerrado")
			wantTicket(t, provider, 7, TicketClosed)
			o.apply(ticketMessage(t, o, 7, "Nuevo", created, before))
			wantTicket(t, provider, 7, TicketClosed)
			time.Sleep(time.Second)
			o.apply(ticketMessage(t, o, 7, "Resuelto", created, time.Now()))
			o.apply(ticketMessage(t, o, 7, "Nuevo", created, before))
			wantTicket(t, provider, 7, TicketResolved)
		})
	}
}

// A list of another process may be older than a ticket that was looked up. The list and the single
// ticket agree on the newer state.
func Test14_10_OlderListAfterALookUp(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		folder := openFolder(t)
		provider, _ := connect(t, address)
		putTicket(upstream, 7, daysAgo(1, 12, 0), "Nuevo")
		listTickets(t, provider, TicketQuery{})
		if err := provider.Save(folder); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		putTicket(upstream, 7, daysAgo(1, 12, 0), "Cerrado")
		next, _ := connect(t, address)
		wantTicket(t, next, 7, TicketClosed)
		if _, err := next.Restore(folder); err != nil {
			t.Fatal(err)
		}
		wantTicket(t, next, 7, TicketClosed)
		if page := listTickets(t, next, TicketQuery{}); page.TotalCount != 1 || page.Nodes[0].Status != TicketClosed {
			t.Errorf("List() = %d tickets, the first is %s, want one that is closed", page.TotalCount, page.Nodes[0].Status)
		}
	})
}

// The account of a client stays in memory when an older record of the client arrives.
func Test14_10_OlderClientIsAppliedNowhere(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	id, o := upstream.IDs()[0], &provider.Clients.overrides.overrides
	before := time.Now()
	setCity(t, provider, id, "Bello")
	if _, err := provider.Accounts.Get(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	known, _ := o.get(id)
	older := *known.record
	older.City = "Itagüí"
	message, err := o.encode([]*Client{&older}, before)
	if err != nil {
		t.Fatal(err)
	}
	applied := make(chan []*Client, 1)
	o.onApply = func(clients []*Client, _ time.Time) { applied <- clients }
	o.apply(string(message))
	if city, _ := cityOf(t, provider, id); city != "Bello" || len(applied) > 0 {
		t.Errorf("the client lives in %s, and %d older records were applied, want Bello and none", city, len(applied))
	}
	if !provider.Accounts.Known(id) {
		t.Error("Known() = false for the account after an older record, want true")
	}
}

// After a restart, tickets are answered from the restored windows, without a call and without
// WispHub.
func Test14_2_TicketsFromRestoredWindows(t *testing.T) {
	t.Parallel()
	upstream, address := withoutTickets(t)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		for id := 1; id <= 90; id++ {
			putTicket(upstream, id, daysAgo(2*id, 12, 0), "Nuevo")
		}
		listTickets(t, provider, TicketQuery{})
		next := restart(t, provider, openFolder(t), address)
		upstream.Reset()
		for id := 1; id <= 90; id++ {
			if !next.Tickets.Known(id) {
				t.Errorf("Known(%d) = false after a restart, want true", id)
			}
		}
		wantCalls(t, upstream, 0)
		for id := 1; id <= 90; id++ {
			wantTicket(t, next, id, TicketNew)
		}
		synctest.Wait()
		wantCalls(t, upstream, windowsOfHorizon) // what was restored is refreshed once
	})
}

// A change of a ticket is shown, and stays, though the clock was set back since the lists were read. A
// ticket that was sent keeps its place until a later list shows it.
func Test14_15_TicketsOfTheFuture(t *testing.T) {
	t.Parallel()
	tickets := &Tickets{locale: colombia, overrides: &overrides[*Ticket]{id: func(ticket *Ticket) int { return ticket.TicketID }}}
	ahead := time.Now().Add(time.Hour)
	sets := []*ticketSet{{asOf: ahead, tickets: []*Ticket{{TicketID: 7, Subject: "old"}}}, {asOf: ahead.Add(time.Second)}}
	tickets.overrides.set([]*Ticket{{TicketID: 7, Subject: "new"}}, time.Now().Add(-time.Minute), true)
	for range 2 {
		index := tickets.newIndex(sets, firstDay)
		if got := index.byID[7].Subject; got != "new" {
			t.Errorf("the ticket is %q, want the new one", got)
		}
		if (pendingTicket{ServiceID: 5, Until: time.Now().Add(pendingDoubt)}).settled(index, 1) {
			t.Error("a ticket that was just sent has lost its place")
		}
	}
}
