package isp

import (
	"runtime"
	"testing"
	"weak"
)

// A refresh lets go of what it replaces: the first directory and the first tickets, too.
func Test14_17_ReplacedDataIsLetGo(t *testing.T) {
	t.Parallel()
	_, provider := open(t, 700)
	clients, tickets := provider.Clients, provider.Tickets
	var old []weak.Pointer[directory]
	var oldTickets []weak.Pointer[ticketSet]
	for range 3 {
		if _, err := clients.List(t.Context(), ClientQuery{}); err != nil {
			t.Fatal(err)
		}
		if _, err := tickets.List(t.Context(), TicketQuery{}); err != nil {
			t.Fatal(err)
		}
		entry, _ := clients.directory.Peek(struct{}{})
		old = append(old, weak.Make(entry.Value))
		set, _ := tickets.recent.Peek(ticketPart{})
		oldTickets = append(oldTickets, weak.Make(set.Value))
		for _, resource := range []Resource{ResourceClients, ResourceTickets} {
			for _, refresh := range provider.refreshers(resource) {
				if err := refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if _, err := tickets.List(t.Context(), TicketQuery{}); err != nil { // builds the index of the new set
		t.Fatal(err)
	}
	runtime.GC()
	for i := range old {
		if old[i].Value() != nil {
			t.Errorf("directory %d is still in memory", i)
		}
		if oldTickets[i].Value() != nil {
			t.Errorf("ticket set %d is still in memory", i)
		}
	}
}
