package graph_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// allTicketFields selects all fields of a ticket, and some of its relations.
const allTicketFields = `
	id ticketId subject description descriptionText status priority department source
	createdAt estimatedStart estimatedEnd technicianName technicianEmail createdBy closedBy
	client{serviceId name plan{planId name}} zone{id zoneId name} answers{text createdAt author}`

// dated replaces the names of the days of fullTicket with their dates.
var dated = strings.NewReplacer("(two days ago)", daysAgo(2), "(yesterday)", daysAgo(1), "(three days ago)", daysAgo(3)).Replace

var fullTicketJSON = dated(`{
	"id":"ticket:500","ticketId":500,"subject":"Internet Lento",
	"description":"<p>Se reinici&oacute; el router &amp; nada.</p>\r\n<p>Llamar <b>antes</b></p>",
	"descriptionText":"Se reinició el router & nada.\nLlamar antes","status":"NEW","priority":"HIGH",
	"department":"Soporte Técnico","source":"Portal Cliente","createdAt":"(two days ago)T16:25:24-05:00",
	"estimatedStart":"2026-02-26T10:00:00-05:00","estimatedEnd":"2026-03-01T18:30:00-05:00",
	"technicianName":"Julián Muñoz","technicianEmail":"jmunoz@demo-isp","createdBy":"soporte@demo-isp","closedBy":"jmunoz@demo-isp",
	"client":{"serviceId":26,"name":"Ana Pérez","plan":{"planId":3,"name":"Plan 50 Fibra"}},
	"zone":{"id":"zone:2","zoneId":2,"name":"Marinilla"},
	"answers":[{"text":"Queda navegando.","createdAt":"(yesterday)T08:00:00-05:00","author":"jmunoz@demo-isp"},
		{"text":"","createdAt":null,"author":null}]}`)

// malformedTickets have every unusual shape that WispHub was seen to return.
var malformedTickets = map[string]struct {
	changes row
	fields  string
	want    string
}{
	"one answer, bare":        {row{"respuestas": row{"respuesta": "Listo", "created": "2026-11-20 09:15"}}, `answers{text createdAt}`, `{"answers":[{"text":"Listo","createdAt":"2026-11-20T09:15:00-05:00"}]}`},
	"answers of null":         {row{"respuestas": nil}, `answers{text}`, `{"answers":null}`},
	"no answers":              {row{"respuestas": []row{}}, `answers{text}`, `{"answers":[]}`},
	"answers as text":         {row{"respuestas": "ninguna"}, `answers{text}`, `{"answers":null}`},
	"priority as digit":       {row{"prioridad": "4"}, `priority`, `{"priority":"VERY_HIGH"}`},
	"priority as number":      {row{"prioridad": 2}, `priority`, `{"priority":"NORMAL"}`},
	"priority unheard of":     {row{"prioridad": "Urgentísima"}, `priority`, `{"priority":"UNKNOWN"}`},
	"state unheard of":        {row{"estado": "Archivado"}, `status`, `{"status":"UNKNOWN"}`},
	"state of null":           {row{"estado": nil}, `status`, `{"status":"UNKNOWN"}`},
	"no technician":           {row{"tecnico": nil}, `technicianName technicianEmail`, `{"technicianName":null,"technicianEmail":"jmunoz@demo-isp"}`},
	"technician as object":    {row{"tecnico": row{"id": 3}}, `technicianName`, `{"technicianName":null}`},
	"no client":               {row{"servicio": nil}, `client{name} zone{name}`, `{"client":null,"zone":null}`},
	"client as text":          {row{"servicio": "0026_ana@demo-isp"}, `client{name} zone{name}`, `{"client":null,"zone":null}`},
	"client gone":             {row{"servicio": row{"id_servicio": 99, "zona": nil}}, `client{name} zone{name}`, `{"client":null,"zone":null}`},
	"client's id as text":     {row{"servicio": row{"id_servicio": "26"}}, `client{name}`, `{"client":{"name":"Ana Pérez"}}`},
	"empty description":       {row{"descripcion": ""}, `description descriptionText`, `{"description":null,"descriptionText":null}`},
	"nothing but markup":      {row{"descripcion": "<p> </p><br/>"}, `description descriptionText`, `{"description":"<p> </p><br/>","descriptionText":null}`},
	"scripted description":    {row{"descripcion": `<script>alert("1")</script>Hola<style>p{}</style>`}, `descriptionText`, `{"descriptionText":"Hola"}`},
	"month first":             {row{"fecha_estimada_inicio": "02/26/2026 10:00"}, `estimatedStart`, `{"estimatedStart":"2026-02-26T10:00:00-05:00"}`},
	"day first":               {row{"fecha_estimada_inicio": "26/02/2026 10:00"}, `estimatedStart`, `{"estimatedStart":"2026-02-26T10:00:00-05:00"}`},
	"dates that are none":     {row{"fecha_estimada_inicio": "mañana", "fecha_estimada_fin": nil}, `estimatedStart estimatedEnd`, `{"estimatedStart":null,"estimatedEnd":null}`},
	"creation without zone":   {row{"fecha_creacion": daysAgo(3) + " 10:00"}, `createdAt`, `{"createdAt":"(three days ago)T10:00:00-05:00"}`},
	"creation of a day":       {row{"fecha_creacion": daysAgo(3)}, `createdAt`, `{"createdAt":"(three days ago)T00:00:00-05:00"}`},
	"subject with a client":   {row{"asunto": "Internet Lento - ANA PEREZ"}, `subject`, `{"subject":"Internet Lento - ANA PEREZ"}`},
	"no subject":              {row{"asunto": nil}, `subject`, `{"subject":""}`},
	"empty texts":             {row{"departamento": "", "origen_reporte": nil, "creado_por": " "}, `department source createdBy`, `{"department":null,"source":null,"createdBy":null}`},
	"unknown keys are no bar": {row{"id_estado": row{"x": 1}, "nombre_tecnico": []int{1}}, `status`, `{"status":"NEW"}`},
}

func TestTickets_Fields(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	f.setTickets(fullTicket, row{"id_ticket": 400, "fecha_creacion": daysAgo(5)})
	document := `{tickets{totalCount since nodes{` + allTicketFields + `}}}`
	want := `{"tickets":{"totalCount":2,"since":"` + daysAgo(183) + `","nodes":[` + fullTicketJSON + `,{
		"id":"ticket:400","ticketId":400,"subject":"","description":null,"descriptionText":null,"status":"UNKNOWN","priority":"UNKNOWN",
		"department":null,"source":null,"createdAt":"` + daysAgo(5) + `T00:00:00-05:00","estimatedStart":null,"estimatedEnd":null,
		"technicianName":null,"technicianEmail":null,"createdBy":null,"closedBy":null,"client":null,"zone":null,"answers":null}]}}`
	for _, memory := range []string{"cold", "warm"} {
		wantJSON(t, "tickets, "+memory, f.data(t, document), want)
	}
}

func TestTickets_Malformed(t *testing.T) {
	t.Parallel()
	for name, tt := range malformedTickets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{})
			f.setClients(fullRow)
			f.setTickets(fullTicket.with(tt.changes))
			wantJSON(t, "one", f.data(t, `{ticket(ticketId:500){`+tt.fields+`}}`), `{"ticket":`+dated(tt.want)+`}`)
			wantJSON(t, "list", f.data(t, `{tickets{nodes{`+tt.fields+`}}}`), `{"tickets":{"nodes":[`+dated(tt.want)+`]}}`)
		})
	}
}

func TestTickets_AsOf(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	began := time.Now().Truncate(time.Second)
	got := into[struct{ Tickets struct{ AsOf string } }](t, f.data(t, `{tickets{asOf}}`)).Tickets.AsOf
	at, err := time.Parse(time.RFC3339, got)
	if err != nil || at.Before(began) || at.After(time.Now()) || !strings.HasSuffix(got, "-05:00") {
		t.Errorf("tickets.asOf = %q, want now with the provider's offset", got)
	}
}

// One ticket costs one call if nothing is in memory, else none, whatever its age.
func TestTicket(t *testing.T) {
	t.Parallel()
	const old = `{"ticket":{"ticketId":300,"createdAt":"2019-05-08T00:00:00-05:00"}}`
	f := newFixture(t, fixtureConfig{})
	f.setTickets(fullTicket, fullTicket.with(row{"id_ticket": 300, "fecha_creacion": "2019-05-08"}), fullTicket.with(row{"id_ticket": 501}))
	check := func(id, want string, calls int) {
		t.Helper()
		f.upstream.Reset()
		wantJSON(t, "ticket "+id, f.data(t, `{ticket(ticketId:`+id+`){ticketId createdAt}}`), want)
		if got := f.upstream.Total(); got != calls {
			t.Errorf("ticket %s cost %d upstream calls, want %d", id, got, calls)
		}
	}
	for _, calls := range []int{1, 0} {
		check("500", dated(`{"ticket":{"ticketId":500,"createdAt":"(two days ago)T16:25:24-05:00"}}`), calls)
		check("300", old, calls)
		check("99", `{"ticket":null}`, calls)
	}
	if got := f.data(t, `{tickets{nodes{ticketId}}}`); got != `{"tickets":{"nodes":[{"ticketId":501},{"ticketId":500}]}}` {
		t.Errorf("tickets = %s, want only those within the horizon", got)
	}
	check("501", dated(`{"ticket":{"ticketId":501,"createdAt":"(two days ago)T16:25:24-05:00"}}`), 0)
	check("300", old, 0)
	a := f.run(t, `{ticket(ticketId:0){id}}`)
	wantError(t, "ticket 0", a, "BAD_USER_INPUT", "ticketId: must be 1 or more", "ticketId")
}

func TestClient_Tickets(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow, bareRow)
	var tickets []row
	for n := range 25 {
		tickets = append(tickets, fullTicket.with(row{"id_ticket": 600 + n, "fecha_creacion": daysAgo(60 - n)}))
	}
	tickets[23]["estado"], tickets[10]["estado"] = "Cerrado", "En Progreso"
	f.setTickets(append(tickets, fullTicket.with(row{"id_ticket": 1, "servicio": row{"id_servicio": 27}}))...)
	tests := map[string]string{
		`tickets(first:3)`:                     `[624,623,622]`,
		`tickets(first:1,status:NEW)`:          `[624]`,
		`tickets(status:[CLOSED,IN_PROGRESS])`: `[623,610]`,
		`tickets(status:[])`:                   `[]`,
		`tickets(status:RESOLVED)`:             `[]`,
		`tickets(status:null,first:2000)`:      `[624,623,622,621,620,619,618,617,616,615,614,613,612,611,610,609,608,607,606,605,604,603,602,601,600]`,
		`tickets`:                              `[624,623,622,621,620,619,618,617,616,615,614,613,612,611,610,609,608,607,606,605]`,
		`tickets(first:null)`:                  `[624,623,622,621,620,619,618,617,616,615,614,613,612,611,610,609,608,607,606,605]`,
	}
	for field, want := range tests {
		var ids []int
		got := f.data(t, `{client(by:{serviceId:26}){`+field+`{ticketId}}}`)
		for _, ticket := range into[struct {
			Client struct{ Tickets []struct{ TicketID int } }
		}](t, got).Client.Tickets {
			ids = append(ids, ticket.TicketID)
		}
		if wanted := into[[]int](t, want); !slices.Equal(ids, wanted) {
			t.Errorf("%s = %v, want %v", field, ids, wanted)
		}
	}
	wantJSON(t, "tickets of one without", f.data(t, `{client(by:{serviceId:30}){tickets{id}}}`), `{"client":{"tickets":[]}}`)
	for field, want := range map[string]string{
		`tickets(first:0)`:        "first: must be 1 to 2000",
		`tickets(first:2001)`:     "first: must be 1 to 2000",
		`tickets(status:UNKNOWN)`: "status: UNKNOWN cannot be used as a filter",
	} {
		a := f.run(t, `{client(by:{serviceId:26}){serviceId `+field+`{id}}}`)
		wantError(t, field, a, "BAD_USER_INPUT", want, want[:strings.Index(want, ":")])
		wantJSON(t, field, string(a.Data), `{"client":{"serviceId":26,"tickets":null}}`)
	}
}
