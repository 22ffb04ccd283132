package main

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// wantWithinASecond repeats a query until the answer is want.
func (s *site) wantWithinASecond(what, document, want string) {
	s.t.Helper()
	body, start := "", time.Now()
	for time.Since(start) < time.Second {
		if _, body = s.query(document, nil); body == want {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Errorf("%s: %s = %s after a second, want %s", what, document, body, want)
}

// moveToZone moves clients of the simulator into a zone without tickets, and returns their ids.
func moveToZone(simulator *wisphubtest.Server, zone, count int) []int {
	ids := simulator.IDs()[:count]
	for _, id := range ids {
		row := simulator.Row(id)
		row["zona"] = map[string]any{"id": zone, "nombre": "Vacía"}
		simulator.PutRow(row)
	}
	return ids
}

// TestReplicas_Writes expects the write of one replica to be visible at the other within a second,
// although its cached lists have not expired.
func TestReplicas_Writes(t *testing.T) {
	t.Parallel()
	simulator, first, second := startReplicas(t, map[string]string{"TICKETS_TTL": "1h", "CLIENTS_TTL": "1h"})
	id := moveToZone(simulator, 77, 1)[0]
	for _, replica := range []*site{first, second} {
		replica.query(`{ clients { totalCount } tickets { totalCount } }`, nil)
		replica.query(fmt.Sprintf(`{ client(by: {serviceId: %d}) { account { owed } } }`, id), nil)
	}
	first.query(fmt.Sprintf(`mutation { updateClient(input: {serviceId: %d, phone: "3109998877", balance: 12}) { client { id } userErrors { code } } }`, id), nil)
	second.wantWithinASecond("profile", `{ client(by: {phone: "3109998877"}) { serviceId balance } }`,
		fmt.Sprintf(`{"data":{"client":{"serviceId":%d,"balance":"12.00"}}}`, id))

	var created struct {
		CreateTicket struct{ Ticket struct{ TicketID int } }
	}
	first.query(fmt.Sprintf(`mutation { createTicket(input: {serviceId: %d, subject: "Internet Lento", description: "x"}) { ticket { ticketId } } }`, id), &created)
	ticket := created.CreateTicket.Ticket.TicketID
	second.wantWithinASecond("new ticket", `{ tickets(first: 1) { nodes { ticketId zone { ticketQuota { active } } } } }`,
		fmt.Sprintf(`{"data":{"tickets":{"nodes":[{"ticketId":%d,"zone":{"ticketQuota":{"active":1}}}]}}}`, ticket))
	second.query(fmt.Sprintf(`mutation { answerTicket(input: {ticketId: %d, text: "Listo", status: CLOSED}) { ticket { id } } }`, ticket), nil)
	first.wantWithinASecond("answer", `{ tickets(first: 1) { nodes { status answers { text } zone { ticketQuota { active } } } } }`,
		`{"data":{"tickets":{"nodes":[{"status":"CLOSED","answers":[{"text":"Listo"}],"zone":{"ticketQuota":{"active":0}}}]}}}`)
	first.query(fmt.Sprintf(`mutation { updateTicket(input: {ticketId: %d, status: NEW, priority: LOW}) { ticket { id } } }`, ticket), nil)
	second.wantWithinASecond("change", fmt.Sprintf(`{ ticket(ticketId: %d) { status priority } }`, ticket), `{"data":{"ticket":{"status":"NEW","priority":"LOW"}}}`)

	var suspended struct {
		SuspendClients struct{ Task struct{ TaskID string } }
	}
	first.query(fmt.Sprintf(`mutation { suspendClients(serviceIds: [%d]) { task { taskId } } }`, id), &suspended)
	poll(t, "the other replica sees the task finished", func() bool {
		_, body := second.query(`{ task(taskId: "`+suspended.SuspendClients.Task.TaskID+`") { finished } }`, nil)
		return strings.Contains(body, "true")
	})
	state := fmt.Sprintf(`{ client(by: {serviceId: %d}) { status } }`, id)
	if _, body := second.query(state, nil); body != `{"data":{"client":{"status":"SUSPENDED"}}}` {
		t.Errorf("the replica that saw the task finished has %s, want SUSPENDED", body)
	}
	first.wantWithinASecond("state", state, `{"data":{"client":{"status":"SUSPENDED"}}}`)
}

// TestReplicas_WritesBeforeTheStart expects a later replica to fetch the writes it has missed,
// because the shared list is older.
func TestReplicas_WritesBeforeTheStart(t *testing.T) {
	t.Parallel()
	simulator, environ := newSharedStore(t, map[string]string{"TICKETS_TTL": "1h", "CLIENTS_TTL": "1h"})
	first, a := startLoggedIn(t, simulator, environ)
	poll(t, "it is connected to the store", func() bool { return a.store.Up() })
	id := simulator.IDs()[0]
	const document = `{ clients(first: 1) { totalCount nodes { city } } }`
	first.query(document, nil)
	first.query(fmt.Sprintf(`mutation { updateClient(input: {serviceId: %d, city: "Bello"}) { client { id } } }`, id), nil)
	simulator.Reset()
	second, b := startLoggedIn(t, simulator, environ)
	poll(t, "the other is connected to the store", func() bool { return b.store.Up() })
	second.wantWithinASecond("a later replica", document, `{"data":{"clients":{"totalCount":700,"nodes":[{"city":"Bello"}]}}}`)
	if calls := simulator.Total(); calls != 0 {
		t.Errorf("the later replica made %d upstream calls, want none", calls)
	}
}

// TestReplicas_ZoneQuota creates 50 tickets at once at two replicas in a zone with room for one.
func TestReplicas_ZoneQuota(t *testing.T) {
	t.Parallel()
	simulator, first, second := startReplicas(t, map[string]string{"MAX_ACTIVE_TICKETS_PER_ZONE": "1", "UPSTREAM_MINUTE_LIMIT": "1000"})
	ids := moveToZone(simulator, 77, 51)
	// The first ticket, in another zone, waits until the replicas have met in the empty store.
	moveToZone(simulator, 78, 1)
	first.query(fmt.Sprintf(`mutation { createTicket(input: {serviceId: %d, subject: "Internet Lento", description: "x"}) { ticket { id } } }`, ids[0]), nil)
	ids = ids[1:]
	before := len(simulator.TicketIDs())
	simulator.SetFaults(wisphubtest.Faults{Latency: 5 * time.Millisecond, Jitter: 20 * time.Millisecond})
	for _, replica := range []*site{first, second} {
		replica.query(`{ clients { totalCount } tickets { totalCount } }`, nil)
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	opened, full, other := 0, 0, []string{}
	for i, id := range ids {
		group.Go(func() {
			replica := []*site{first, second}[i%2]
			_, body := replica.query(`mutation { createTicket(input: {serviceId: `+strconv.Itoa(id)+`, subject: "Internet Lento", description: "x"}) { ticket { __typename } userErrors { code } } }`, nil)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case strings.Contains(body, `"ticket":{`):
				opened++
			case strings.Contains(body, "ZONE_TICKET_LIMIT_REACHED"):
				full++
			default:
				other = append(other, body)
			}
		})
	}
	group.Wait()
	if now := len(simulator.TicketIDs()); opened != 1 || full != 49 || now != before+1 {
		t.Errorf("50 requests created %d tickets (WispHub has %d more) and %d were refused, others %q; want 1, 1 and 49", opened, now-before, full, other)
	}
}

// TestReplicas_IdempotencyKey sends one key to two replicas at once.
func TestReplicas_IdempotencyKey(t *testing.T) {
	t.Parallel()
	simulator, first, second := startReplicas(t, nil)
	id := moveToZone(simulator, 77, 1)[0]
	before := len(simulator.TicketIDs())
	simulator.SetFaults(wisphubtest.Faults{Latency: 20 * time.Millisecond})
	document := fmt.Sprintf(`mutation { createTicket(input: {serviceId: %d, subject: "Internet Lento", description: "x", idempotencyKey: "llamada-7"}) { ticket { ticketId } userErrors { code } } }`, id)
	var group sync.WaitGroup
	bodies := make([]string, 10)
	for i := range bodies {
		group.Go(func() { _, bodies[i] = []*site{first, second}[i%2].query(document, nil) })
	}
	group.Wait()
	for _, body := range bodies {
		if body != bodies[0] || !strings.Contains(body, `"userErrors":[]`) {
			t.Errorf("one key is answered with %s and %s, want equal answers", bodies[0], body)
		}
	}
	if now := len(simulator.TicketIDs()); now != before+1 {
		t.Errorf("one key created %d tickets, want 1", now-before)
	}
}
