package graph_test

import (
	"sync"
	"testing"
	"time"

	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub/wisphubtest"
)

// A ticket without a response was sent once. It counts for the quota until tickets are loaded
// again.
func TestCreateTicket_OutcomeUnknown(t *testing.T) {
	t.Parallel()
	for _, key := range []string{``, ` idempotencyKey:"k"`} {
		f := newFixture(t, fixtureConfig{tickets: -1, upstreamTimeout: time.Second, changeConfig: func(c *isp.Config) { c.MaxActiveTicketsPerZone = 1 }})
		f.setClients(fullRow)
		f.upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/tickets/"})
		document := `mutation{createTicket(input:{serviceId:26 subject:"x" description:"y"` + key + `}){ticket{id} userErrors{code}}}`
		a := f.run(t, document)
		wantError(t, document, a, "OUTCOME_UNKNOWN", "WispHub did not confirm the change; check whether it was made before you try again.")
		f.upstream.SetFaults(wisphubtest.Faults{})
		again := f.run(t, document)
		if key != "" {
			wantError(t, "the key again", again, "OUTCOME_UNKNOWN", "WispHub did not confirm the change; check whether it was made before you try again.")
		} else {
			wantJSON(t, "another", string(again.Data), `{"createTicket":{"ticket":null,"userErrors":[{"code":"ZONE_TICKET_LIMIT_REACHED"}]}}`)
		}
		if got := f.upstream.Requests()["POST /api/tickets/"]; got != 1 || len(f.upstream.TicketIDs()) != 1 {
			t.Errorf("%d writes and %d tickets, want one of each", got, len(f.upstream.TicketIDs()))
		}
	}
}

// Nothing was sent, so the same key may try again.
func TestCreateTicket_KeyAfterFailure(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1})
	f.setClients(fullRow)
	f.data(t, `{tickets{totalCount}}`)
	f.upstream.Forbid("/api/tickets/")
	const document = `mutation{createTicket(input:{serviceId:26 subject:"x" description:"y" idempotencyKey:"k"}){ticket{__typename} userErrors{code}}}`
	wantError(t, document, f.run(t, document), "UPSTREAM_UNAVAILABLE", "Unable to fetch ticket data")
	f.upstream.Allow("/api/tickets/")
	wantJSON(t, "again", f.data(t, document), `{"createTicket":{"ticket":{"__typename":"Ticket"},"userErrors":[]}}`)
}

// One key of one caller creates one ticket, also with concurrent calls.
func TestCreateTicket_Key(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1})
	f.setClients(fullRow)
	var group sync.WaitGroup
	ids := make([]int, 10)
	for i := range ids {
		group.Go(func() {
			ids[i] = f.create(t, `serviceId:26 subject:"Internet Lento" description:"x" idempotencyKey:"k-1"`).Payload.Ticket.TicketID
		})
	}
	group.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("one key = tickets %v, want one ticket", ids)
		}
	}
	other := f.create(t, `serviceId:26 subject:"Internet Lento" description:"x" idempotencyKey:"k-2"`).Payload.Ticket.TicketID
	if len(f.upstream.TicketIDs()) != 2 || other == ids[0] {
		t.Errorf("two keys = tickets %v, want two", f.upstream.TicketIDs())
	}
}
