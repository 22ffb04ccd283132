package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub/wisphubtest"
)

// ticketSelection selects the fields of a new ticket that tests check.
const ticketSelection = `{ticket{ticketId subject description descriptionText status priority department technicianName client{serviceId} zone{zoneId} answers{text}} userErrors{field message code}}`

// createdTicket is the result of createTicket.
type createdTicket struct {
	Payload struct {
		Ticket *struct {
			TicketID       int    `json:"ticketId"`
			Subject        string `json:"subject"`
			Status         string `json:"status"`
			Priority       string `json:"priority"`
			TechnicianName string `json:"technicianName"`
			Description    string `json:"description"`
			Text           string `json:"descriptionText"`
		} `json:"ticket"`
		UserErrors []struct {
			Field   []string `json:"field"`
			Message string   `json:"message"`
			Code    string   `json:"code"`
		} `json:"userErrors"`
	} `json:"createTicket"`
}

// create creates a ticket as ana. An error of the request fails the test.
func (f *fixture) create(t testing.TB, input string) createdTicket {
	t.Helper()
	var created createdTicket
	if err := json.Unmarshal([]byte(f.data(t, `mutation{createTicket(input:{`+input+`})`+ticketSelection+`}`)), &created); err != nil {
		t.Fatal(err)
	}
	return created
}

func TestCreateTicket(t *testing.T) {
	t.Parallel()
	tests := []struct {
		input             string
		subject, priority string
		sent              row // fields of the upstream's ticket
	}{
		{`subject:"internet  LENTO" description:"No carga."`, "Internet Lento", "NORMAL", row{"descripcion": "No carga.", "tecnico": nil, "departamento": "Soporte Técnico", "estado": "Nuevo"}},
		{`subject:"reconexión" description:"x"`, "Reconexión", "HIGH", nil},
		{`subject:"Reconexion" description:"x"`, "Reconexion", "HIGH", nil},
		{`subject:"caja nap dañada" description:"x"`, "Caja Nap Dañada", "VERY_HIGH", nil},
		{`subject:"Cambio de domicilio" description:"x"`, "Cambio de Domicilio", "LOW", nil},
		{`subject:"Cambio de domicilio" description:"x" priority:VERY_HIGH`, "Cambio de Domicilio", "VERY_HIGH", nil},
		{`subject:"Se cayó el poste" description:"x"`, "Se cayó el poste", "NORMAL", nil},
		{`subject:"otro asunto" description:"x" technicianId:0`, "Otro Asunto", "NORMAL", nil},
		{`subject:"Internet Lento" description:"a < b & c\n<script>alert(1)</script>"`, "Internet Lento", "NORMAL", row{"descripcion": "a &lt; b &amp; c\n&lt;script&gt;alert(1)&lt;/script&gt;"}},
		{`subject:"Internet Lento" description:"x" technicianId:3`, "Internet Lento", "NORMAL", row{"tecnico": "Julián Muñoz"}},
	}
	for _, test := range tests {
		t.Run(test.input, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{tickets: -1})
			f.setClients(fullRow)
			created := f.create(t, `serviceId:26 `+test.input)
			ticket := created.Payload.Ticket
			if ticket == nil || ticket.Subject != test.subject || ticket.Priority != test.priority || ticket.Status != "NEW" {
				t.Fatalf("created = %+v, want %s of %s", created.Payload, test.subject, test.priority)
			}
			sent := f.upstream.Ticket(ticket.TicketID)
			for key, want := range test.sent {
				if fmt.Sprint(sent[key]) != fmt.Sprint(want) {
					t.Errorf("upstream has %s = %v, want %v", key, sent[key], want)
				}
			}
			// All callers see it at once: by its id, in the lists, in the quota.
			wantJSON(t, "reads", f.data(t, fmt.Sprintf(`{ticket(ticketId:%d){ticketId} tickets{nodes{ticketId}}
				client(by:{serviceId:26}){tickets{ticketId}} zone(zoneId:2){ticketQuota{active}}}`, ticket.TicketID)),
				strings.ReplaceAll(`{"ticket":{"ticketId":N},"tickets":{"nodes":[{"ticketId":N}]},"client":{"tickets":[{"ticketId":N}]},"zone":{"ticketQuota":{"active":1}}}`,
					"N", fmt.Sprint(ticket.TicketID)))
		})
	}
}

// The text of a subscriber is shown unchanged and contains no HTML that a browser runs.
func TestCreateTicket_Text(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1})
	f.setClients(fullRow)
	ticket := f.create(t, `serviceId:26 subject:"Otro" description:"a < b & <b>c</b>"`).Payload.Ticket
	if ticket.Text != "a < b & <b>c</b>" || strings.Contains(ticket.Description, "<") {
		t.Errorf("description %q has the text %q, want it unchanged and without HTML", ticket.Description, ticket.Text)
	}
}

// The start is now. The end is a number of business days later, in the provider's time zone.
func TestCreateTicket_Dates(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1, changeConfig: func(c *isp.Config) { c.MaxTicketResolutionDays = 1 }})
	f.setClients(fullRow)
	before := time.Now().Add(-time.Minute)
	data := f.data(t, `mutation{createTicket(input:{serviceId:26 subject:"Internet Lento" description:"x"}){ticket{estimatedStart estimatedEnd}}}`)
	var created struct {
		CreateTicket struct {
			Ticket struct{ EstimatedStart, EstimatedEnd time.Time }
		}
	}
	if err := json.Unmarshal([]byte(data), &created); err != nil {
		t.Fatal(err)
	}
	ticket := created.CreateTicket.Ticket
	days := ticket.EstimatedEnd.Sub(ticket.EstimatedStart).Hours() / 24
	if ticket.EstimatedStart.Before(before) || time.Now().Before(ticket.EstimatedStart) || days < 1 || days > 5 || days != float64(int(days)) {
		t.Errorf("estimated from %v to %v, want from now, for whole days, at most five", ticket.EstimatedStart, ticket.EstimatedEnd)
	}
	if day := ticket.EstimatedEnd.Weekday(); day == time.Saturday || day == time.Sunday {
		t.Errorf("the ticket ends on a %v, want a business day", day)
	}
}

func TestCreateTicket_BadInput(t *testing.T) {
	t.Parallel()
	const empty = "Must not be empty."
	tests := map[string][]string{
		`serviceId:0 subject:"x" description:"y"`:                                     {"input serviceId", "INVALID", "Must be 1 or more."},
		`serviceId:26 subject:" " description:""`:                                     {"input subject", "REQUIRED", empty, "input description", "REQUIRED", empty},
		`serviceId:26 subject:"a\nb" description:"y"`:                                 {"input subject", "INVALID", "Must not hold control characters."},
		`serviceId:26 subject:"x" description:"a\u0007"`:                              {"input description", "INVALID", "Must not hold control characters."},
		`serviceId:26 subject:"` + long(201) + `" description:"y"`:                    {"input subject", "INVALID", "Must be at most 200 characters."},
		`serviceId:26 subject:"x" description:"` + long(5001) + `"`:                   {"input description", "INVALID", "Must be at most 5000 characters."},
		`serviceId:26 subject:"x" description:"y" priority:UNKNOWN`:                   {"input priority", "INVALID", "Must be a priority that a ticket can be given."},
		`serviceId:26 subject:"x" description:"y" technicianId:-1`:                    {"input technicianId", "INVALID", "Must be a member of the staff, or 0 for none."},
		`serviceId:26 subject:"x" description:"y" idempotencyKey:" "`:                 {"input idempotencyKey", "INVALID", "Must be 1 to 200 characters."},
		`serviceId:26 subject:"x" description:"y" idempotencyKey:"` + long(201) + `"`: {"input idempotencyKey", "INVALID", "Must be 1 to 200 characters."},
	}
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	for input, want := range tests {
		wantJSON(t, input, f.data(t, `mutation{createTicket(input:{`+input+`}){ticket{id} userErrors{field message code}}}`),
			`{"createTicket":{"ticket":null,"userErrors":[`+userErrors(want)+`]}}`)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refused tickets cost %d upstream calls, want none", got)
	}
	for input, want := range map[string][]string{
		`serviceId:99 subject:"x" description:"y"`:                 {"input serviceId", "NOT_FOUND", "There is no such client."},
		`serviceId:26 subject:"x" description:"y" technicianId:77`: {"input technicianId", "NOT_FOUND", "There is no such member of the staff."},
	} {
		wantJSON(t, input, f.data(t, `mutation{createTicket(input:{`+input+`}){ticket{id} userErrors{field message code}}}`),
			`{"createTicket":{"ticket":null,"userErrors":[`+userErrors(want)+`]}}`)
	}
	if got := f.upstream.Requests()["POST /api/tickets/"]; got != 0 {
		t.Errorf("refused tickets were sent %d times, want none", got)
	}
}

// Old tickets count up to the horizon. Tickets of other states and zones do not count.
func TestTicketQuota_Create(t *testing.T) {
	t.Parallel()
	ticket := func(id, days int, state string, zone int) row {
		return row{"id_ticket": id, "asunto": "Internet Lento", "estado": state, "fecha_creacion": daysAgo(days) + "T10:00:00-05:00",
			"servicio": row{"id_servicio": 26, "zona": row{"id": zone, "nombre": "Z"}}}
	}
	f := newFixture(t, fixtureConfig{tickets: -1})
	f.setClients(fullRow, fullRow.with(row{"id_servicio": 27, "zona": row{"id": 4, "nombre": "Z"}}), bareRow)
	f.setTickets(ticket(500, 1, "Nuevo", 2), ticket(501, 70, "Nuevo", 2), ticket(502, 170, "Nuevo", 2),
		ticket(503, 1, "En Progreso", 4), ticket(504, 200, "Nuevo", 4), ticket(505, 1, "Nuevo", 4), ticket(506, 1, "Nuevo", 4))
	const full = `{"createTicket":{"ticket":null,"userErrors":[{"field":["input","serviceId"],"message":"The zone already has its maximum of 3 active tickets.","code":"ZONE_TICKET_LIMIT_REACHED"}]}}`
	create := func(service int) string {
		return f.data(t, fmt.Sprintf(`mutation{createTicket(input:{serviceId:%d subject:"x" description:"y"}){ticket{__typename} userErrors{field message code}}}`, service))
	}
	const done = `{"createTicket":{"ticket":{"__typename":"Ticket"},"userErrors":[]}}`
	wantJSON(t, "zone 2", create(26), full)
	wantJSON(t, "zone 4", create(27), done)
	wantJSON(t, "zone 4, full now", create(27), full)
	for range 4 {
		wantJSON(t, "no zone", create(30), done)
	}
	// Closing a ticket frees a slot at once.
	f.data(t, `mutation{updateTicket(input:{ticketId:501 status:CLOSED}){ticket{status} userErrors{code}}}`)
	wantJSON(t, "zone 2, after closing", create(26), done)
	wantJSON(t, "zone 2, full again", create(26), full)
}

// Of fifty concurrent tickets for one free slot, one is created.
func TestTicketQuota_Concurrent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1})
	f.setClients(fullRow)
	f.upstream.SetFaults(wisphubtest.Faults{Latency: 5 * time.Millisecond, Jitter: 10 * time.Millisecond})
	for range 2 {
		f.create(t, `serviceId:26 subject:"Internet Lento" description:"x"`)
	}
	codes := f.createMany(t, 50)
	if codes[""] != 1 || codes["ZONE_TICKET_LIMIT_REACHED"] != 49 || len(f.upstream.TicketIDs()) != 3 {
		t.Errorf("50 concurrent calls = %v and %d tickets, want one success and three tickets", codes, len(f.upstream.TicketIDs()))
	}
}

// createMany creates tickets concurrently and counts the codes of their errors, "" for success.
func (f *fixture) createMany(t *testing.T, count int) map[string]int {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	codes := map[string]int{}
	for range count {
		group.Go(func() {
			created, code := f.create(t, `serviceId:26 subject:"Internet Lento" description:"x"`), ""
			if len(created.Payload.UserErrors) > 0 {
				code = created.Payload.UserErrors[0].Code
			}
			mu.Lock()
			defer mu.Unlock()
			codes[code]++
		})
	}
	group.Wait()
	return codes
}

// WispHub reports a ticket that it does not show. The place in the zone stays taken for a while.
func TestCreateTicket_NotShown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1})
	f.setClients(fullRow)
	f.upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{"id_ticket"}})
	a := f.run(t, `mutation{createTicket(input:{serviceId:26 subject:"Internet Lento" description:"x"}){ticket{id}}}`)
	wantError(t, "createTicket", a, "OUTCOME_UNKNOWN", unknownOutcome)
	wantJSON(t, "tickets", f.data(t, `{tickets{totalCount} zone(zoneId:2){ticketQuota{active}}}`), `{"tickets":{"totalCount":0},"zone":{"ticketQuota":{"active":1}}}`)
}

// Without the tenant's list of subjects any subject is sent, beside "Otro Asunto".
func TestCreateTicket_SubjectsForbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1})
	f.setClients(fullRow)
	f.upstream.Forbid("/api/tickets/asuntos-tickets/")
	ticket := f.create(t, `serviceId:26 subject:"Troncal Dañado" description:"x"`).Payload.Ticket
	if ticket == nil || ticket.Subject != "Troncal Dañado" || ticket.Priority != "VERY_HIGH" {
		t.Errorf("created = %+v, want the given subject", ticket)
	}
}

// The cost is known before the first write.
func TestCost_Writes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	var document strings.Builder
	document.WriteString("mutation{")
	for i := range 7 {
		fmt.Fprintf(&document, `m%d:answerTicket(input:{ticketId:500 text:"x"}){ticket{id}}`, i)
	}
	document.WriteString("}")
	a := f.run(t, document.String())
	wantError(t, "seven answers", a, "QUERY_TOO_COMPLEX", "The operation needs 21 upstream calls and exceeds the maximum of 20.")
	if got := f.upstream.Total(); got != 0 || a.status != http.StatusOK {
		t.Errorf("seven answers cost %d calls with status %d, want none and 200", got, a.status)
	}
}
