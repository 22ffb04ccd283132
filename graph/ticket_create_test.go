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

// opened is what tests want to know of a new ticket.
const opened = `{ticket{ticketId subject description descriptionText status priority department technicianName client{serviceId} zone{zoneId} answers{text}} userErrors{field message code}}`

// createdTicket is what createTicket answers.
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

// create opens a ticket as ana; any error of the request fails the test.
func (f *face) create(t testing.TB, input string) createdTicket {
	t.Helper()
	var created createdTicket
	if err := json.Unmarshal([]byte(f.data(t, `mutation{createTicket(input:{`+input+`})`+opened+`}`)), &created); err != nil {
		t.Fatal(err)
	}
	return created
}

func TestCreateTicket(t *testing.T) {
	t.Parallel()
	tests := []struct {
		input             string
		subject, priority string
		sent              row // of the upstream's ticket
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
			f := newFace(t, faceConfig{tickets: -1})
			f.keep(fullRow)
			created := f.create(t, `serviceId:26 `+test.input)
			ticket := created.Payload.Ticket
			if ticket == nil || ticket.Subject != test.subject || ticket.Priority != test.priority || ticket.Status != "NEW" {
				t.Fatalf("created = %+v, want %s of %s", created.Payload, test.subject, test.priority)
			}
			kept := f.upstream.Ticket(ticket.TicketID)
			for key, want := range test.sent {
				if fmt.Sprint(kept[key]) != fmt.Sprint(want) {
					t.Errorf("upstream has %s = %v, want %v", key, kept[key], want)
				}
			}
			// Everybody sees it at once: by its id, in the lists, in the quota.
			wantJSON(t, "reads", f.data(t, fmt.Sprintf(`{ticket(ticketId:%d){ticketId} tickets{nodes{ticketId}}
				client(by:{serviceId:26}){tickets{ticketId}} zone(zoneId:2){ticketQuota{active}}}`, ticket.TicketID)),
				strings.ReplaceAll(`{"ticket":{"ticketId":N},"tickets":{"nodes":[{"ticketId":N}]},"client":{"tickets":[{"ticketId":N}]},"zone":{"ticketQuota":{"active":1}}}`,
					"N", fmt.Sprint(ticket.TicketID)))
		})
	}
}

// What a subscriber writes reads as it was written, and is nothing that a browser runs.
func TestCreateTicketText(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{tickets: -1})
	f.keep(fullRow)
	ticket := f.create(t, `serviceId:26 subject:"Otro" description:"a < b & <b>c</b>"`).Payload.Ticket
	if ticket.Text != "a < b & <b>c</b>" || strings.Contains(ticket.Description, "<") {
		t.Errorf("description %q reads %q", ticket.Description, ticket.Text)
	}
}

// Start is now, and the end so many business days later, at the wall clock of the provider.
func TestCreateTicketDates(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{tickets: -1, settings: func(c *isp.Config) { c.MaxTicketResolutionDays = 1 }})
	f.keep(fullRow)
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
		t.Errorf("the ticket is planned from %v to %v", ticket.EstimatedStart, ticket.EstimatedEnd)
	}
	if day := ticket.EstimatedEnd.Weekday(); day == time.Saturday || day == time.Sunday {
		t.Errorf("the ticket ends on a %v", day)
	}
}

func TestCreateTicketRefusesInput(t *testing.T) {
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
	f := newFace(t, faceConfig{})
	f.keep(fullRow)
	for input, want := range tests {
		wantJSON(t, input, f.data(t, `mutation{createTicket(input:{`+input+`}){ticket{id} userErrors{field message code}}}`),
			`{"createTicket":{"ticket":null,"userErrors":[`+userErrors(want)+`]}}`)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refusals cost %d upstream calls, want none", got)
	}
	for input, want := range map[string][]string{
		`serviceId:99 subject:"x" description:"y"`:                 {"input serviceId", "NOT_FOUND", "There is no such client."},
		`serviceId:26 subject:"x" description:"y" technicianId:77`: {"input technicianId", "NOT_FOUND", "There is no such member of the staff."},
	} {
		wantJSON(t, input, f.data(t, `mutation{createTicket(input:{`+input+`}){ticket{id} userErrors{field message code}}}`),
			`{"createTicket":{"ticket":null,"userErrors":[`+userErrors(want)+`]}}`)
	}
	if got := f.upstream.Requests()["POST /api/tickets/"]; got != 0 {
		t.Errorf("refusals sent %d tickets", got)
	}
}

// Old tickets fill a zone as well, as far back as the horizon; those in other states and zones do not.
func TestZoneQuota(t *testing.T) {
	t.Parallel()
	ticket := func(id, days int, state string, zone int) row {
		return row{"id_ticket": id, "asunto": "Internet Lento", "estado": state, "fecha_creacion": daysAgo(days) + "T10:00:00-05:00",
			"servicio": row{"id_servicio": 26, "zona": row{"id": zone, "nombre": "Z"}}}
	}
	f := newFace(t, faceConfig{tickets: -1})
	f.keep(fullRow, fullRow.with(row{"id_servicio": 27, "zona": row{"id": 4, "nombre": "Z"}}), bareRow)
	f.keepTickets(ticket(500, 1, "Nuevo", 2), ticket(501, 70, "Nuevo", 2), ticket(502, 170, "Nuevo", 2),
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
	// Closing one makes room, closing it by us at once.
	f.data(t, `mutation{updateTicket(input:{ticketId:501 status:CLOSED}){ticket{status} userErrors{code}}}`)
	wantJSON(t, "zone 2, after closing", create(26), done)
	wantJSON(t, "zone 2, full again", create(26), full)
}

// Fifty at once, and one place: one ticket.
func TestZoneQuotaUnderLoad(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{tickets: -1})
	f.keep(fullRow)
	f.upstream.SetFaults(wisphubtest.Faults{Latency: 5 * time.Millisecond, Jitter: 10 * time.Millisecond})
	for range 2 {
		f.create(t, `serviceId:26 subject:"Internet Lento" description:"x"`)
	}
	codes := f.createMany(t, 50)
	if codes[""] != 1 || codes["ZONE_TICKET_LIMIT_REACHED"] != 49 || len(f.upstream.TicketIDs()) != 3 {
		t.Errorf("50 at once = %v and %d tickets, want one of them and three", codes, len(f.upstream.TicketIDs()))
	}
}

// createMany opens tickets at once and counts the codes of their errors, "" for those that were opened.
func (f *face) createMany(t *testing.T, count int) map[string]int {
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

// A ticket whose answer never came was sent once, and has its place until a reading tells.
func TestCreateTicketOutcomeUnknown(t *testing.T) {
	t.Parallel()
	for _, key := range []string{``, ` idempotencyKey:"k"`} {
		f := newFace(t, faceConfig{tickets: -1, upstreamTimeout: time.Second, settings: func(c *isp.Config) { c.MaxActiveTicketsPerZone = 1 }})
		f.keep(fullRow)
		f.upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/tickets/"})
		document := `mutation{createTicket(input:{serviceId:26 subject:"x" description:"y"` + key + `}){ticket{id} userErrors{code}}}`
		a := f.ask(t, document)
		wantError(t, document, a, "OUTCOME_UNKNOWN", "WispHub did not say whether it made the change; look before you try again.")
		f.upstream.SetFaults(wisphubtest.Faults{})
		again := f.ask(t, document)
		if key != "" {
			wantError(t, "the key again", again, "OUTCOME_UNKNOWN", "WispHub did not say whether it made the change; look before you try again.")
		} else {
			wantJSON(t, "another", string(again.Data), `{"createTicket":{"ticket":null,"userErrors":[{"code":"ZONE_TICKET_LIMIT_REACHED"}]}}`)
		}
		if got := f.upstream.Requests()["POST /api/tickets/"]; got != 1 || len(f.upstream.TicketIDs()) != 1 {
			t.Errorf("%d writes and %d tickets, want one", got, len(f.upstream.TicketIDs()))
		}
	}
}

// Nothing was sent, so that the same key may try again.
func TestCreateTicketKeyAfterFailure(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{tickets: -1})
	f.keep(fullRow)
	f.data(t, `{tickets{totalCount}}`)
	f.upstream.Forbid("/api/tickets/")
	const document = `mutation{createTicket(input:{serviceId:26 subject:"x" description:"y" idempotencyKey:"k"}){ticket{__typename} userErrors{code}}}`
	wantError(t, document, f.ask(t, document), "UPSTREAM_UNAVAILABLE", "Unable to fetch ticket data")
	f.upstream.Allow("/api/tickets/")
	wantJSON(t, "again", f.data(t, document), `{"createTicket":{"ticket":{"__typename":"Ticket"},"userErrors":[]}}`)
}

// One key of one caller is one ticket, however often and by however many at a time it is sent.
func TestCreateTicketKey(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{tickets: -1})
	f.keep(fullRow)
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
			t.Fatalf("tickets %v of one key", ids)
		}
	}
	other := f.create(t, `serviceId:26 subject:"Internet Lento" description:"x" idempotencyKey:"k-2"`).Payload.Ticket.TicketID
	if len(f.upstream.TicketIDs()) != 2 || other == ids[0] {
		t.Errorf("two keys made the tickets %v", f.upstream.TicketIDs())
	}
}

// A ticket that WispHub only says it has opened is none.
func TestCreateTicketNotApplied(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{tickets: -1})
	f.keep(fullRow)
	f.upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{"id_ticket"}})
	created := f.create(t, `serviceId:26 subject:"Internet Lento" description:"x"`)
	if created.Payload.Ticket != nil || len(created.Payload.UserErrors) != 1 || created.Payload.UserErrors[0].Code != "NOT_APPLIED" {
		t.Errorf("created = %+v, want NOT_APPLIED", created.Payload)
	}
	wantJSON(t, "tickets", f.data(t, `{tickets{totalCount} zone(zoneId:2){ticketQuota{active}}}`), `{"tickets":{"totalCount":0},"zone":{"ticketQuota":{"active":0}}}`)
}

// Where the tenant's catalogue may not be read, any subject goes beside Otro Asunto, which WispHub always takes.
func TestCreateTicketWithoutCatalogue(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{tickets: -1})
	f.keep(fullRow)
	f.upstream.Forbid("/api/tickets/asuntos-tickets/")
	ticket := f.create(t, `serviceId:26 subject:"Troncal Dañado" description:"x"`).Payload.Ticket
	if ticket == nil || ticket.Subject != "Troncal Dañado" || ticket.Priority != "VERY_HIGH" {
		t.Errorf("created = %+v, want the subject as it was given", ticket)
	}
}

// The operation's cost is known before the first write.
func TestWritesCount(t *testing.T) {
	t.Parallel()
	f := newFace(t, faceConfig{})
	f.keep(fullRow)
	var document strings.Builder
	document.WriteString("mutation{")
	for i := range 7 {
		fmt.Fprintf(&document, `m%d:answerTicket(input:{ticketId:500 text:"x"}){ticket{id}}`, i)
	}
	document.WriteString("}")
	a := f.ask(t, document.String())
	wantError(t, "seven answers", a, "QUERY_TOO_COMPLEX", "The operation would need 21 upstream calls; 20 are allowed.")
	if got := f.upstream.Total(); got != 0 || a.status != http.StatusOK {
		t.Errorf("it cost %d calls and status %d", got, a.status)
	}
}
