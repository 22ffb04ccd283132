package wisphub

import (
	"context"
	"testing"
	"time"
)

const formType = "multipart/form-data"

// createdJSON is the answer to a creation: the ticket as in the list.
const createdJSON = `{"id_ticket": 500, "asunto": "Internet Lento", "estado": "Nuevo", "prioridad": "Normal",
	"servicio": {"id_servicio": 26}, "respuestas": null}`

func newTicket() CreateTicketRequest {
	return CreateTicketRequest{
		ServiceID: 26, Subject: "Internet Lento", Description: "Sin señal\nen la noche", State: TicketNew, Priority: PriorityNormal,
		Department: "Soporte Técnico",
	}
}

func createTicket(ctx context.Context, api *API) error {
	_, err := api.Tickets.Create(ctx, newTicket())
	return err
}

func TestTickets_Create(t *testing.T) {
	t.Parallel()
	bogota := time.FixedZone("", -5*3600)
	full, custom := newTicket(), newTicket()
	full.TechnicianID, full.FailureReason, full.Source = 3, "Poste caído", "portal_cliente"
	full.Start, full.End = time.Date(2026, 3, 4, 9, 5, 59, 0, bogota), time.Date(2026, 11, 30, 23, 59, 0, 0, bogota)
	custom.Subject, custom.CustomSubject = "Pregunta por factura", true
	for form, ticket := range map[string]CreateTicketRequest{
		"servicio=26\nasunto=Internet Lento\nasuntos_default=Internet Lento\ntecnico=0\ndescripcion=Sin señal\nen la noche\n" +
			"estado=1\nprioridad=2\ndepartamento=Soporte Técnico\ndepartamentos_default=Soporte Técnico\nemail_tecnico=\n": newTicket(),
		"servicio=26\nasunto=Pregunta por factura\nasuntos_default=Otro Asunto\ntecnico=0\ndescripcion=Sin señal\nen la noche\n" +
			"estado=1\nprioridad=2\ndepartamento=Soporte Técnico\ndepartamentos_default=Soporte Técnico\nemail_tecnico=\n": custom,
		"servicio=26\nasunto=Internet Lento\nasuntos_default=Internet Lento\ntecnico=3\ndescripcion=Sin señal\nen la noche\n" +
			"estado=1\nprioridad=2\ndepartamento=Soporte Técnico\ndepartamentos_default=Soporte Técnico\nemail_tecnico=\n" +
			"fecha_inicio=04/03/2026 09:05\nfecha_final=30/11/2026 23:59\nrazon_falla=Poste caído\norigen_reporte=portal_cliente\n": full,
	} {
		checkWrite(t, func(ctx context.Context, api *API) error {
			got, err := api.Tickets.Create(ctx, ticket)
			if err == nil {
				checkRecord(t, *got, Ticket{
					ID: 500, Subject: "Internet Lento", State: "Nuevo", Priority: "Normal", Service: Object[TicketService]{&TicketService{ID: 26}},
				})
			}
			return err
		}, [3]string{"POST /api/tickets/", formType, form}, 201, jsonType, createdJSON)
	}
	checkWriteFailures(t, createTicket, noAnswers, noRecords)
}

func TestTickets_Update(t *testing.T) {
	t.Parallel()
	none, technician := 0, 3
	for form, update := range map[string]UpdateTicketRequest{
		"estado=4\n":                         {State: TicketClosed},
		"estado=2\nprioridad=3\ntecnico=0\n": {State: TicketInProgress, Priority: PriorityHigh, TechnicianID: &none},
		"estado=1\ntecnico=3\nasunto=Pregunta por factura\nasuntos_default=Otro Asunto\n": {
			State: TicketNew, TechnicianID: &technician, CustomSubject: "Pregunta por factura",
		},
	} {
		write := func(ctx context.Context, api *API) error { return api.Tickets.Update(ctx, 500, update) }
		want := [3]string{"PUT /api/tickets/500/", formType, form}
		checkWrite(t, write, want, 200, jsonType, createdJSON)
		checkWrite(t, write, want, 204, "", "")
	}
	checkWriteFailures(t, func(ctx context.Context, api *API) error {
		return api.Tickets.Update(ctx, 500, UpdateTicketRequest{State: TicketClosed})
	}, noAnswers)
}

func TestTickets_Answer(t *testing.T) {
	t.Parallel()
	for form, answer := range map[string]AnswerRequest{
		"respuesta=Listo, ñ\n":               {Text: "Listo, ñ"},
		"respuesta=Listo\nticket-estado=4\n": {Text: "Listo", State: TicketClosed},
		"comentario=Listo\n":                 {Text: "Listo", Field: "comentario"},
	} {
		write := func(ctx context.Context, api *API) error { return api.Tickets.Answer(ctx, 500, answer) }
		want := [3]string{"POST /api/tickets/500/respuesta/", formType, form}
		checkWrite(t, write, want, 200, jsonType, `{"respuesta": "Listo"}`)
		checkWrite(t, write, want, 201, "text/plain", "{")
		checkWrite(t, write, want, 204, "", "")
	}
	checkWriteFailures(t, func(ctx context.Context, api *API) error {
		return api.Tickets.Answer(ctx, 500, AnswerRequest{Text: "Listo"})
	}, map[string]failure{"HTML": noAnswers["HTML"], "not JSON": noAnswers["not JSON"]})
}
