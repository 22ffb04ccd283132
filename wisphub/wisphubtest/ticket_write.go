package wisphubtest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// createTicket adds a ticket. It is in the list and on its own path at once.
func (s *Server) createTicket(c *call) *response {
	form, rejection := c.ticketForm()
	if rejection != nil {
		return rejection
	}
	if wrong := s.checkTicket(form, ticketRequired...); len(wrong) > 0 {
		return wrong.response()
	}
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	row := s.emptyTicket(c, form)
	s.writeTicketFields(row, form, func(string) bool { return true })
	if c.persists("id_ticket") {
		s.PutTicket(row)
	}
	return jsonResponse(http.StatusCreated, inOrder(row, ticketColumns))
}

// emptyTicket is a ticket before its form is applied. It is due in three days, like those of New.
func (s *Server) emptyTicket(c *call, form map[string]string) map[string]any {
	now := s.providerTime()
	client, _ := strconv.Atoi(form["servicio"]) // checkTicket has parsed it
	counters := s.tickets.counters(now)
	row := ticketRow{
		ID: s.tickets.nextID(), CreatedBy: s.keyOwner(), CreatedAt: now.Format(time.RFC3339),
		EstimatedStart: now.Format(ticketTimeLayout), EstimatedEnd: now.AddDate(0, 0, 3).Format(ticketTimeLayout),
		ThisMonth: counters.month + 1, ThisYear: counters.year + 1,
		Service: newTicketService(s.clients.get(client), c.quirks),
	}
	if !c.quirks.LooseAnswers {
		row.Answers = []ticketAnswer{}
	}
	return decodeRow(encode(row))
}

func (s *Server) putTicket(c *call) *response { return s.changeTicket(c, "estado") }

func (s *Server) patchTicket(c *call) *response { return s.changeTicket(c) }

// changeTicket stores the fields it gets. A ticket with a custom subject requires its subject in
// every change.
func (s *Server) changeTicket(c *call, required ...string) *response {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	t := s.tickets.get(c.idNumber())
	if t == nil {
		return notFound()
	}
	form, rejection := c.ticketForm()
	if rejection != nil {
		return rejection
	}
	data := s.ticketRows(c.quirks, t)[0]
	if hasCustomSubject(decodeRow(data)) {
		required = append(required, "asuntos_default", "asunto")
	}
	if wrong := s.checkTicket(form, required...); len(wrong) > 0 {
		return wrong.response()
	}
	stored, echo := decodeRow(data), decodeRow(data)
	s.writeTicketFields(stored, form, c.persists)
	s.writeTicketFields(echo, form, func(string) bool { return true })
	s.PutTicket(stored)
	return jsonResponse(http.StatusOK, inOrder(echo, ticketColumns))
}

// writeTicketFields writes the fields of a checked form into a row, as the labels that reads show.
func (s *Server) writeTicketFields(row map[string]any, form map[string]string, persists func(string) bool) {
	for field, value := range form {
		code, _ := strconv.Atoi(value) // checkTicket has parsed the fields that are codes
		switch {
		case !persists(field):
		case field == "estado":
			s.setTicketState(row, code)
		case field == "prioridad":
			row["prioridad"] = ticketPriorities[code]
		case field == "tecnico":
			s.assignTicket(row, code)
		case field == "fecha_inicio" && value != "":
			row["fecha_estimada_inicio"] = estimatedDate(value)
		case field == "fecha_final" && value != "":
			row["fecha_estimada_fin"] = estimatedDate(value)
		case field == "origen_reporte" && value != "":
			row["origen_reporte"] = ticketSources[slices.Index(sourceCodes, value)]
		case slices.Contains([]string{"asunto", "descripcion", "departamento", "razon_falla"}, field):
			row[field] = value
		}
	}
}

// assignTicket assigns a ticket to a member of the staff. 0 leaves it unassigned.
func (s *Server) assignTicket(row map[string]any, technician int) {
	row["tecnico"], row["email_tecnico"] = nil, ""
	if member := s.ticketGenerator.staffMember(technician); member != nil {
		row["tecnico"], row["email_tecnico"] = member.Name, member.Username
	}
}

// estimatedDate converts a date of a form to the format of reads.
func estimatedDate(value string) string {
	date, _ := time.Parse(dayFirstLayout, value) // checkTicket has parsed it
	return date.Format(ticketTimeLayout)
}

// setTicketState changes the state and the dates of the work that depend on it.
func (s *Server) setTicketState(row map[string]any, state int) {
	label, now := ticketStates[state], s.providerTime().Format(ticketTimeLayout)
	if row["estado"] == label {
		return
	}
	row["estado"] = label
	if state != stateNew && row["fecha_inicio"] == nil {
		row["fecha_inicio"] = now
	}
	row["fecha_fin"], row["finalizado_por"] = nil, nil
	if state == stateResolved || state == stateClosed {
		row["fecha_fin"], row["finalizado_por"] = now, s.keyOwner()
	}
}
