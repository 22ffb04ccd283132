package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/isp"
	"wisphub-graphql/isp/calendar"
	"wisphub-graphql/wisphub"
)

const newTicketBody = `{"service_id":26,"zone_id":2,"subject":"Internet Lento","description":"No carga","technician_id":null}`

// suiteTicket is the ticket of newTestServer.
const suiteTicket = `{"ticket_id":500,"subject":"Internet Lento","created_at":"2026-02-26 10:00","end_date":"2026-03-01 18:30","status_ticket":"Cerrado","priority":"Alta","answer_text":"Queda bien"}`

// ticketsInZone puts recent tickets of a zone at WispHub, one of each state.
func ticketsInZone(zone int, states ...string) func(*testing.T, *testServer) {
	return ticketsOfAge(time.Hour, zone, states...)
}

func ticketsOfAge(age time.Duration, zone int, states ...string) func(*testing.T, *testServer) {
	return func(_ *testing.T, s *testServer) {
		for i, state := range states {
			s.upstream.PutTicket(row{
				"id_ticket": 600 + i, "asunto": "Internet Lento", "estado": state, "fecha_creacion": time.Now().Add(-age).Format(time.RFC3339),
				"servicio": row{"id_servicio": 26, "zona": row{"id": zone, "nombre": "Z"}},
			})
		}
	}
}

func threeActive(zone int) func(*testing.T, *testServer) {
	return ticketsInZone(zone, "Nuevo", "Nuevo", "Nuevo")
}

func blocked(is string) reply {
	return success("TICKET_FOUND", `{"is_blocked":`+is+`,"max_tickets":3}`)
}

// anyTicket is a ticket without an answer.
const anyTicket = `{"ticket_id":"*","subject":"*","created_at":"*","end_date":"*","status_ticket":"*","priority":"*","answer_text":null}`

// createdTicket is a new ticket without an answer.
func createdTicket(subject, priority string) reply {
	return success("TICKET_CREATED", with(anyTicket,
		fmt.Sprintf(`"subject":%q`, subject), `"status_ticket":"Nuevo"`, fmt.Sprintf(`"priority":%q`, priority)))
}

var (
	zoneIsFull  = info("ZONE_TICKET_LIMIT_REACHED", `{"max_tickets":3}`)
	notCreated  = failed("TICKET_CREATION_FAILED")
	slowTicket  = createdTicket("Internet Lento", "Normal")
	createdSome = success("TICKET_CREATED", anyTicket)
)

var ticketCases = []suiteCase{
	get("a ticket", "/tickets/500", success("TICKET_FOUND", suiteTicket)),
	get("a ticket without an answer", "/tickets/600", success("TICKET_FOUND", `{"ticket_id":600,"subject":"Internet Lento","created_at":null,"end_date":null,"status_ticket":"Nuevo","priority":null,"answer_text":null}`)).
		after(ticketsInZone(2, "Nuevo")),
	get("unknown ticket", "/tickets/999", info("TICKET_NOT_FOUND", "")),
	get("ticket id that is no number", "/tickets/abc", info("TICKET_NOT_FOUND", "")),
	get("ticket id 0", "/tickets/0", info("TICKET_NOT_FOUND", "")),

	get("zone without tickets", "/tickets/zone-blocked/7", blocked("false")),
	get("zone with closed tickets", "/tickets/zone-blocked/2", blocked("false")).after(ticketsInZone(2, "Cerrado", "Cerrado", "Resuelto")),
	get("zone with tickets in other states", "/tickets/zone-blocked/2", blocked("false")).after(ticketsInZone(2, "Nuevo", "Nuevo", "En Progreso")),
	get("zone with one place left", "/tickets/zone-blocked/2", blocked("false")).after(ticketsInZone(2, "Nuevo", "Nuevo")),
	get("zone that is full", "/tickets/zone-blocked/2", blocked("true")).after(threeActive(2)),
	get("zone that is overfull", "/tickets/zone-blocked/2", blocked("true")).after(ticketsInZone(2, "Nuevo", "Nuevo", "Nuevo", "Nuevo")),
	get("another zone is full", "/tickets/zone-blocked/4", blocked("false")).after(threeActive(2)),
	get("tickets over several pages", "/tickets/zone-blocked/2", blocked("true")).after(ticketsInZone(2, slices.Concat(slices.Repeat([]string{"Cerrado"}, 400), []string{"Nuevo", "Nuevo", "Nuevo"})...)),
	get("tickets of five months ago", "/tickets/zone-blocked/2", blocked("true")).after(ticketsOfAge(150*24*time.Hour, 2, "Nuevo", "Nuevo", "Nuevo")),
	get("another maximum", "/tickets/zone-blocked/2", success("TICKET_FOUND", `{"is_blocked":true,"max_tickets":1}`)).
		after(ticketsInZone(2, "Nuevo")).configured(func(cfg *isp.Config) { cfg.MaxActiveTicketsPerZone = 1 }),
	get("more states that count", "/tickets/zone-blocked/2", blocked("true")).
		after(ticketsInZone(2, "Nuevo", "En Progreso", "En Progreso")).configured(func(cfg *isp.Config) { cfg.ActiveTicketStates = []int{1, 2} }),
	get("zone id that is no number", "/tickets/zone-blocked/abc", invalid("zone_id")),
}

var newTicketCases = []suiteCase{
	post("a ticket", "/tickets", newTicketBody, slowTicket).sending("servicio", "26", "departamento", "Soporte Técnico", "estado", "1", "prioridad", "2",
		"asunto", "Internet Lento", "asuntos_default", "Internet Lento", "descripcion", "No carga", "tecnico", "0"),
	post("without technician_id", "/tickets", `{"service_id":26,"zone_id":2,"subject":"Internet Lento","description":"No carga"}`, slowTicket),
	post("a technician", "/tickets", `{"service_id":26,"zone_id":2,"subject":"Internet Lento","description":"No carga","technician_id":3}`, slowTicket).sending("tecnico", "3"),
	post("numbers as texts", "/tickets", `{"service_id":"26","zone_id":"2","subject":"Internet Lento","description":"No carga","technician_id":"3"}`, slowTicket).sending("tecnico", "3"),
	post("one place left", "/tickets", newTicketBody, slowTicket).after(ticketsInZone(2, "Nuevo", "Nuevo", "Cerrado")),
	post("zone full", "/tickets", newTicketBody, zoneIsFull).after(threeActive(2)),
	post("the client's zone is full, not that of the body", "/tickets", `{"service_id":26,"zone_id":4,"subject":"x","description":"y"}`, zoneIsFull).after(threeActive(2)),
	post("the zone of the body is full, not the client's", "/tickets", `{"service_id":26,"zone_id":4,"subject":"x","description":"y"}`, createdSome).after(threeActive(4)),
	post("a client without a zone, that of the body full", "/tickets", `{"service_id":30,"zone_id":4,"subject":"x","description":"y"}`, zoneIsFull).after(threeActive(4)),
	post("a client without a zone, that of the body free", "/tickets", `{"service_id":30,"zone_id":2,"subject":"x","description":"y"}`, createdSome).after(threeActive(4)),
	post("zone full, another maximum", "/tickets", newTicketBody, info("ZONE_TICKET_LIMIT_REACHED", `{"max_tickets":1}`)).
		after(ticketsInZone(2, "Nuevo")).configured(func(cfg *isp.Config) { cfg.MaxActiveTicketsPerZone = 1 }),
	post("another state of new tickets", "/tickets", newTicketBody, success("TICKET_CREATED", with(anyTicket, `"status_ticket":"En Progreso"`))).
		sending("estado", "2").configured(func(cfg *isp.Config) { cfg.DefaultTicketStatus = 2 }),
	post("unknown client", "/tickets", `{"service_id":99,"zone_id":2,"subject":"x","description":"y"}`, notCreated),
	post("unknown technician", "/tickets", `{"service_id":26,"zone_id":2,"subject":"x","description":"y","technician_id":77}`, notCreated),
	post("refused", "/tickets", newTicketBody, notCreated).after(answers("POST /api/tickets/", 400, `{"asunto":["No es una elección válida."]}`)),
	post("refused without a field", "/tickets", newTicketBody, notCreated).after(answers("POST /api/tickets/", 400, `{"detail":"No."}`)),

	post("no service_id", "/tickets", `{"zone_id":2,"subject":"x","description":"y"}`, invalid("service_id")),
	post("no subject", "/tickets", `{"service_id":26,"zone_id":2,"description":"y"}`, invalid("subject")),
	post("no description", "/tickets", `{"service_id":26,"zone_id":2,"subject":"x"}`, invalid("description")),
	post("null for a text", "/tickets", `{"service_id":26,"zone_id":2,"subject":null,"description":"y"}`, invalid("subject")),
	post("nothing", "/tickets", `{}`, invalid("service_id", "subject", "description")),
	post("numbers that are none", "/tickets", `{"service_id":"x","zone_id":"x","subject":"x","description":"y","technician_id":"x"}`, invalid("service_id", "zone_id", "technician_id")),
	post("no object", "/tickets", `[]`, invalid("body")),
	post("no JSON", "/tickets", `{`, invalid("body")),

	post("subject in another spelling", "/tickets", ticketAbout("  INTERNET   lénto "), slowTicket).sending("asunto", "Internet Lento", "asuntos_default", "Internet Lento"),
	post("the tenant's own spelling", "/tickets", ticketAbout("Reconexión"), createdTicket("Reconexion", "Alta")).
		sending("asunto", "Reconexion", "asuntos_default", "Reconexion", "prioridad", "3").after(ownSubjects),
	post("a subject of the tenant", "/tickets", ticketAbout("ip pública"), createdTicket("IP Publica", "Normal")).
		sending("asunto", "IP Publica", "asuntos_default", "IP Publica", "prioridad", "2").after(ownSubjects),
	post("a subject that the catalogue lacks", "/tickets", ticketAbout("Se cayó el poste"), createdTicket("Se cayó el poste", "Normal")).
		sending("asunto", "Se cayó el poste", "asuntos_default", "Otro Asunto", "prioridad", "2"),
	post("a known subject that the catalogue lacks", "/tickets", ticketAbout("Jumper Dañado"), createdTicket("Jumper Dañado", "Alta")).
		sending("asunto", "Jumper Dañado", "asuntos_default", "Otro Asunto", "prioridad", "3").after(ownSubjects),
}

func ticketAbout(subject string) string {
	return fmt.Sprintf(`{"service_id":26,"zone_id":2,"subject":%q,"description":"y","technician_id":null}`, subject)
}

// configured changes the settings of the provider.
func (c suiteCase) configured(change func(*isp.Config)) suiteCase {
	c.below = func(_ *wisphub.Config, cfg *isp.Config) { change(cfg) }
	return c
}

// sending names fields of the form that WispHub gets, and their values.
func (c suiteCase) sending(fields ...string) suiteCase {
	c.form = map[string]string{}
	for i := 0; i < len(fields); i += 2 {
		c.form[fields[i]] = fields[i+1]
	}
	return c
}

// A new ticket starts now and ends after three business days, in the time zone of the provider.
func Test13_MiddlewareSuite_TicketDates(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	began := time.Now().In(bogota)
	got := s.call(t, "ana", "POST", "/api/v1/tickets", newTicketBody)
	var created struct{ Data ticket }
	if err := json.Unmarshal([]byte(got.body), &created); err != nil || created.Data.CreatedAt == nil || created.Data.EndDate == nil {
		t.Fatalf("POST of a ticket = %s, %v, want its dates", got.body, err)
	}
	calendar := calendar.New("co", nil)
	ended := time.Now().In(bogota)
	for name, test := range map[string]struct{ got, first, last string }{
		"created_at": {*created.Data.CreatedAt, began.Format(ticketTimeLayout), ended.Format(ticketTimeLayout)},
		"end_date":   {*created.Data.EndDate, calendar.After(began, 3).Format(ticketTimeLayout), calendar.After(ended, 3).Format(ticketTimeLayout)},
	} {
		if test.got < test.first || test.got > test.last {
			t.Errorf("%s = %s, want %s to %s", name, test.got, test.first, test.last)
		}
	}
}

// Two requests at once cannot both take the last place of a zone.
func Test13_MiddlewareSuite_LastPlace(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil) // one place a zone
	answers := make([]answer, 4)
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() {
			answers[i] = do(t, "POST", s.base+"/api/v1/tickets", newTicketBody,
				http.Header{"Authorization": {"Bearer " + s.tokens["ana"]}, "Content-Type": {"application/json"}})
		})
	}
	wait.Wait()
	created := 0
	for _, got := range answers {
		if strings.Contains(got.body, `"TICKET_CREATED"`) {
			created++
		} else if !strings.Contains(got.body, `"ZONE_TICKET_LIMIT_REACHED"`) {
			t.Errorf("POST of a ticket = %s, want TICKET_CREATED or ZONE_TICKET_LIMIT_REACHED", got.body)
		}
	}
	if created != 1 {
		t.Errorf("%d tickets took the last place, want 1", created)
	}
}
