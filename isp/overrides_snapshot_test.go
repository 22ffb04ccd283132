package isp

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

// openFolder returns an empty folder for snapshots.
func openFolder(tb testing.TB) *cache.Folder {
	tb.Helper()
	folder, err := cache.OpenFolder(tb.TempDir(), "demo")
	if err != nil {
		tb.Fatal(err)
	}
	return folder
}

// restart saves the data sets of a provider, and returns the provider of the next process.
func restart(tb testing.TB, provider *Provider, folder *cache.Folder, address string) *Provider {
	tb.Helper()
	if err := provider.Save(folder); err != nil {
		tb.Fatalf("Save() = %v", err)
	}
	next, _ := connect(tb, address)
	if _, err := next.Restore(folder); err != nil {
		tb.Fatalf("Restore() = %v", err)
	}
	return next
}

// After a restart, the first answers have the ticket that was just created, also after a second
// restart, and so they have a client's new city. Nothing is read for them.
func Test14_16_FirstAnswersAfterARestartHaveTheWrites(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 5)
	synctest.Test(t, func(t *testing.T) {
		folder := openFolder(t)
		provider, _ := connect(t, address)
		id := upstream.IDs()[0]
		warm(t, upstream, provider)
		listTickets(t, provider, TicketQuery{})
		time.Sleep(2 * time.Second)
		payload, err := provider.Tickets.Create(t.Context(), CreateTicketInput{ServiceID: id, Subject: "Internet Lento", Description: "x"})
		if err != nil || payload.Ticket == nil {
			t.Fatalf("Create() = %+v, %v", payload, err)
		}
		setCity(t, provider, id, "Envigado")
		before := listTickets(t, provider, TicketQuery{})
		for range 2 {
			provider = restart(t, provider, folder, address)
			upstream.Reset()
			upstream.Forbid("/")
			page := listTickets(t, provider, TicketQuery{})
			if page.TotalCount != before.TotalCount || page.Nodes[0].TicketID != payload.Ticket.TicketID {
				t.Errorf("List() after a restart = %d tickets, the newest is %d, want %d and %d",
					page.TotalCount, page.Nodes[0].TicketID, before.TotalCount, payload.Ticket.TicketID)
			}
			wantTicket(t, provider, payload.Ticket.TicketID, TicketNew)
			if city, times := cityOf(t, provider, id); city != "Envigado" || times != 1 {
				t.Errorf("the client lives in %s and is listed %d times after a restart, want Envigado once", city, times)
			}
			upstream.Allow("/")
		}
	})
}

// What no write has changed is not saved again. A damaged file is reported.
func Test14_16_SaveAndRestoreOverrides(t *testing.T) {
	t.Parallel()
	_, provider := open(t, 1)
	folder, o := openFolder(t), provider.Tickets.overrides
	if restored, err := o.Restore(folder); restored != 0 || err != nil {
		t.Errorf("Restore() without a file = %d, %v, want 0", restored, err)
	}
	o.set([]*Ticket{{TicketID: 7}, {TicketID: 8}}, time.Now().Add(time.Hour), true) // by a clock that was ahead
	saved, err := o.Save(folder, 0)
	o.encode = nil // not called again
	if again, _ := o.Save(folder, saved); err != nil || saved == 0 || again != saved {
		t.Errorf("Save() = %d, %v, and then %d, want the same version", saved, err, again)
	}
	_, next := open(t, 1)
	restored, err := next.Tickets.overrides.Restore(folder)
	known, ok := next.Tickets.overrides.get(7)
	if restored != 2 || err != nil || !ok || !known.ours || known.at.After(time.Now()) {
		t.Errorf("Restore() = %d, %v with %+v, want 2 of ours, not of the future", restored, err, known)
	}
	if err := folder.Write(o.topic, []byte(`[{"message":"e30="}]`)); err != nil {
		t.Fatal(err)
	}
	if _, err := next.Tickets.overrides.Restore(folder); err == nil {
		t.Error("Restore() of a damaged file = nil, want an error")
	}
}

// Overrides whose file is gone, because the disk was changed, are written again.
func Test14_14_OverridesAreSavedAgain(t *testing.T) {
	t.Parallel()
	_, provider := open(t, 3)
	dir, o := t.TempDir(), provider.Tickets.overrides
	folder, err := cache.OpenFolder(dir, "demo")
	if err != nil {
		t.Fatal(err)
	}
	o.set([]*Ticket{{TicketID: 7}}, time.Now(), true)
	saved, err := o.Save(folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, file := range files {
		if err := os.RemoveAll(file); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Save(folder, saved); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Read(o.topic); err != nil {
		t.Errorf("the file is missing after the second Save(): %v", err)
	}
}
