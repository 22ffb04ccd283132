package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

const unknownOutcome = "WispHub did not confirm the change; check whether it was made before you try again."

// newTicketFixture has one client and its ticket 500 in memory.
func newTicketFixture(t *testing.T, cfg fixtureConfig, changes row) *fixture {
	t.Helper()
	cfg.tickets = -1
	f := newFixture(t, cfg)
	f.setClients(fullRow)
	f.setTickets(fullTicket.with(changes))
	f.data(t, `{tickets{totalCount} clients{totalCount}}`)
	return f
}

func TestUpdateTicket(t *testing.T) {
	t.Parallel()
	tests := []struct {
		ticket row // changes of fullTicket
		input  string
		want   string
		kept   row
	}{
		{nil, `status:IN_PROGRESS`, `{"status":"IN_PROGRESS","priority":"HIGH","technicianName":"Julián Muñoz"}`, row{"estado": "En Progreso"}},
		{nil, `priority:LOW`, `{"status":"NEW","priority":"LOW","technicianName":"Julián Muñoz"}`, row{"estado": "Nuevo", "prioridad": "Baja"}},
		{nil, `technicianId:0`, `{"status":"NEW","priority":"HIGH","technicianName":null}`, row{"email_tecnico": ""}},
		{row{"tecnico": nil, "email_tecnico": ""}, `technicianId:3 status:CLOSED priority:VERY_HIGH`, `{"status":"CLOSED","priority":"VERY_HIGH","technicianName":"Julián Muñoz"}`, nil},
		{row{"asunto": "Se cayó el poste"}, `status:RESCHEDULED`, `{"status":"RESCHEDULED","priority":"HIGH","technicianName":"Julián Muñoz"}`, row{"asunto": "Se cayó el poste"}},
		{row{"asunto": "Se cayó el poste - ANA PÉREZ"}, `status:RESOLVED`, `{"status":"RESOLVED","priority":"HIGH","technicianName":"Julián Muñoz"}`, row{"asunto": "Se cayó el poste"}},
		{row{"asunto": "Internet Lento - ANA PÉREZ"}, `status:RESOLVED`, `{"status":"RESOLVED","priority":"HIGH","technicianName":"Julián Muñoz"}`, row{"asunto": "Internet Lento - ANA PÉREZ"}},
		{row{"estado": "Archivado"}, `status:NEW`, `{"status":"NEW","priority":"HIGH","technicianName":"Julián Muñoz"}`, nil},
		{row{"fecha_creacion": daysAgo(400) + "T10:00:00-05:00"}, `status:CLOSED`, `{"status":"CLOSED","priority":"HIGH","technicianName":"Julián Muñoz"}`, nil},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.ticket, test.input), func(t *testing.T) {
			t.Parallel()
			f := newTicketFixture(t, fixtureConfig{}, test.ticket)
			const fields = `{status priority technicianName}`
			mutation := `mutation{updateTicket(input:{ticketId:500 ` + test.input + `}){ticket` + fields + ` userErrors{field message code}}}`
			wantJSON(t, mutation, f.data(t, mutation), `{"updateTicket":{"ticket":`+test.want+`,"userErrors":[]}}`)
			wantJSON(t, "ticket", f.data(t, `{ticket(ticketId:500)`+fields+`}`), `{"ticket":`+test.want+`}`)
			for key, want := range test.kept {
				if got := f.upstream.Ticket(500)[key]; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("upstream has %s = %v, want %v", key, got, want)
				}
			}
		})
	}
}

func TestUpdateTicket_BadInput(t *testing.T) {
	t.Parallel()
	const state = "Must be a state that a ticket can be given."
	tests := map[string][]string{
		`ticketId:0 status:NEW`:                         {"input ticketId", "INVALID", "Must be 1 or more."},
		`ticketId:500`:                                  {"", "REQUIRED", "Nothing to change was given."},
		`ticketId:500 status:null priority:null`:        {"", "REQUIRED", "Nothing to change was given."},
		`ticketId:500 status:UNKNOWN`:                   {"input status", "INVALID", state},
		`ticketId:500 priority:UNKNOWN technicianId:-2`: {"input priority", "INVALID", "Must be a priority that a ticket can be given.", "input technicianId", "INVALID", "Must be a member of the staff, or 0 for none."},
		`ticketId:9 status:NEW`:                         {"input ticketId", "NOT_FOUND", "There is no such ticket."},
		`ticketId:500 technicianId:77`:                  {"input technicianId", "NOT_FOUND", "There is no such member of the staff."},
		`ticketId:501 priority:LOW`:                     {"input status", "REQUIRED", "The ticket's state is unknown to this version and would get lost; give one."},
	}
	f := newTicketFixture(t, fixtureConfig{}, nil)
	f.upstream.PutTicket(fullTicket.with(row{"id_ticket": 501, "estado": "Archivado"}))
	for input, want := range tests {
		wantJSON(t, input, f.data(t, `mutation{updateTicket(input:{`+input+`}){ticket{id} userErrors{field message code}}}`),
			`{"updateTicket":{"ticket":null,"userErrors":[`+userErrors(want)+`]}}`)
	}
	if got := f.upstream.Requests()["PUT /api/tickets/{id}/"]; got != 0 {
		t.Errorf("refused updates sent %d writes, want none", got)
	}
}

func TestUpdateTicket_NotApplied(t *testing.T) {
	t.Parallel()
	for field, test := range map[string]struct{ upstream, input string }{
		"status":       {"estado", `status:CLOSED`},
		"priority":     {"prioridad", `priority:LOW`},
		"technicianId": {"tecnico", `technicianId:1`},
	} {
		f := newTicketFixture(t, fixtureConfig{}, nil)
		f.upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{test.upstream}})
		wantJSON(t, field, f.data(t, `mutation{updateTicket(input:{ticketId:500 `+test.input+`}){ticket{status priority technicianName} userErrors{field code}}}`),
			`{"updateTicket":{"ticket":{"status":"NEW","priority":"HIGH","technicianName":"Julián Muñoz"},"userErrors":[{"field":["input","`+field+`"],"code":"NOT_APPLIED"}]}}`)
	}
}

// The state that is sent is the current one, not the cached one.
func TestUpdateTicket_CurrentState(t *testing.T) {
	t.Parallel()
	f := newTicketFixture(t, fixtureConfig{}, nil)
	f.upstream.PutTicket(fullTicket.with(row{"estado": "Cerrado"}))
	wantJSON(t, "updateTicket", f.data(t, `mutation{updateTicket(input:{ticketId:500 priority:LOW}){ticket{status priority} userErrors{code}}}`),
		`{"updateTicket":{"ticket":{"status":"CLOSED","priority":"LOW"},"userErrors":[]}}`)
}

func TestUpdateTicket_OutcomeUnknown(t *testing.T) {
	t.Parallel()
	f := newTicketFixture(t, fixtureConfig{upstreamTimeout: time.Second}, nil)
	f.upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/tickets/{id}/"})
	a := f.run(t, `mutation{updateTicket(input:{ticketId:500 status:CLOSED}){ticket{id}}}`)
	wantError(t, "updateTicket", a, "OUTCOME_UNKNOWN", unknownOutcome)
	if got := f.upstream.Requests()["PUT /api/tickets/{id}/"]; got != 1 {
		t.Errorf("%d writes, want one", got)
	}
	wantJSON(t, "ticket", f.data(t, `{ticket(ticketId:500){status}}`), `{"ticket":{"status":"CLOSED"}}`)
	if log := f.log.String(); !strings.Contains(log, "outcome unknown") {
		t.Errorf("log = %s, want the failure", log)
	}
}

func TestAnswerTicket(t *testing.T) {
	t.Parallel()
	const fields = `{status answers{text}}`
	for name, test := range map[string]struct {
		answers any
		input   string
		want    string
	}{
		"first":        {nil, `text:" Vamos mañana.\nA las 2 "`, `{"status":"NEW","answers":[{"text":"Vamos mañana.\nA las 2"}]}`},
		"second":       {row{"respuesta": "Hola"}, `text:"Adiós"`, `{"status":"NEW","answers":[{"text":"Hola"},{"text":"Adiós"}]}`},
		"the same":     {[]row{{"respuesta": "<p>Hola</p>"}}, `text:"hola"`, `{"status":"NEW","answers":[{"text":"<p>Hola</p>"},{"text":"hola"}]}`},
		"closing":      {[]row{}, `text:"Listo" status:CLOSED`, `{"status":"CLOSED","answers":[{"text":"Listo"}]}`},
		"with markup":  {[]row{}, `text:"1 < 2 & <b>"`, `{"status":"NEW","answers":[{"text":"1 &lt; 2 &amp; &lt;b&gt;"}]}`},
		"same as open": {[]row{}, `text:"Listo" status:NEW`, `{"status":"NEW","answers":[{"text":"Listo"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newTicketFixture(t, fixtureConfig{}, row{"respuestas": test.answers})
			mutation := `mutation{answerTicket(input:{ticketId:500 ` + test.input + `}){ticket` + fields + ` userErrors{field message code}}}`
			wantJSON(t, mutation, f.data(t, mutation), `{"answerTicket":{"ticket":`+test.want+`,"userErrors":[]}}`)
			wantJSON(t, "ticket", f.data(t, `{tickets{nodes`+fields+`}}`), `{"tickets":{"nodes":[`+test.want+`]}}`)
			if got := f.upstream.Requests()["POST /api/tickets/{id}/respuesta/"]; got != 1 {
				t.Errorf("%d answers were sent, want one", got)
			}
		})
	}
}

// The answer is missing when the ticket is read back, although another one has the same text.
func TestAnswerTicket_NotApplied(t *testing.T) {
	t.Parallel()
	f := newTicketFixture(t, fixtureConfig{}, row{"respuestas": []row{{"respuesta": "Hola"}}})
	f.upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{"respuesta", "ticket-estado"}})
	wantJSON(t, "answerTicket", f.data(t, `mutation{answerTicket(input:{ticketId:500 text:"Hola" status:CLOSED}){ticket{status answers{text}} userErrors{field code}}}`),
		`{"answerTicket":{"ticket":{"status":"NEW","answers":[{"text":"Hola"}]},"userErrors":[`+
			`{"field":["input","text"],"code":"NOT_APPLIED"},{"field":["input","status"],"code":"NOT_APPLIED"}]}}`)
}

func TestAnswerTicket_BadInput(t *testing.T) {
	t.Parallel()
	f := newTicketFixture(t, fixtureConfig{}, nil)
	for input, want := range map[string][]string{
		`ticketId:0 text:"x"`:                      {"input ticketId", "INVALID", "Must be 1 or more."},
		`ticketId:500 text:" \n "`:                 {"input text", "REQUIRED", "Must not be empty."},
		`ticketId:500 text:"` + long(5001) + `"`:   {"input text", "INVALID", "Must be at most 5000 characters."},
		`ticketId:500 text:"x" status:UNKNOWN`:     {"input status", "INVALID", "Must be a state that a ticket can be given."},
		`ticketId:500 text:"x" idempotencyKey:""`:  {"input idempotencyKey", "INVALID", "Must be 1 to 200 characters."},
		`ticketId:9 text:"x" idempotencyKey:"abc"`: {"input ticketId", "NOT_FOUND", "There is no such ticket."},
	} {
		wantJSON(t, input, f.data(t, `mutation{answerTicket(input:{`+input+`}){ticket{id} userErrors{field message code}}}`),
			`{"answerTicket":{"ticket":null,"userErrors":[`+userErrors(want)+`]}}`)
	}
	if got := f.upstream.Requests()["POST /api/tickets/{id}/respuesta/"]; got != 0 {
		t.Errorf("refused answers were sent %d times, want none", got)
	}
}

// An answer is sent once, even if its outcome is unknown or its key comes again.
func TestAnswerTicket_Once(t *testing.T) {
	t.Parallel()
	f := newTicketFixture(t, fixtureConfig{upstreamTimeout: time.Second}, row{"respuestas": nil})
	const document = `mutation{answerTicket(input:{ticketId:500 text:"Vamos" idempotencyKey:"k"}){ticket{answers{text}} userErrors{code}}}`
	for range 2 {
		wantJSON(t, "answerTicket", f.data(t, document), `{"answerTicket":{"ticket":{"answers":[{"text":"Vamos"}]},"userErrors":[]}}`)
	}
	f.upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/tickets/{id}/respuesta/"})
	hanging := strings.Replace(document, `"k"`, `"k2"`, 1)
	for range 2 {
		wantError(t, "a second answer", f.run(t, hanging), "OUTCOME_UNKNOWN", unknownOutcome)
		f.upstream.SetFaults(wisphubtest.Faults{})
	}
	if got := f.upstream.Requests()["POST /api/tickets/{id}/respuesta/"]; got != 2 {
		t.Errorf("%d answers were sent, want two", got)
	}
	wantJSON(t, "ticket", f.data(t, `{ticket(ticketId:500){answers{text}}}`), `{"ticket":{"answers":[{"text":"Vamos"},{"text":"Vamos"}]}}`)
}
