package wisphubtest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ticketStateField is the form field with which an answer changes the state of its ticket.
const ticketStateField = "ticket-estado"

// answerTicket adds an answer, another one for each retry. Responding 200 with the answer is our
// choice: sources confirm only the path and ticket-estado (wisphub-net-api §6.4).
func (s *Server) answerTicket(c *call) *response {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	t := s.tickets.get(c.idNumber())
	if t == nil {
		return notFound()
	}
	form, rejection := c.formFields(multipartForm, urlEncoded)
	if rejection != nil {
		return rejection
	}
	if wrong := s.checkTicketAnswer(form); len(wrong) > 0 {
		return wrong.response()
	}
	row := decodeRow(s.ticketRows(c.quirks, t)[0])
	written := ticketAnswer{
		Text: form[s.answerField], CreatedAt: s.providerTime().Format(time.RFC3339), User: s.keyOwner(),
	}
	if c.persists(s.answerField) {
		row["respuestas"] = addAnswer(row["respuestas"], written, c.quirks)
	}
	if state, err := strconv.Atoi(form[ticketStateField]); err == nil && c.persists(ticketStateField) {
		s.setTicketState(row, state)
	}
	s.PutTicket(row)
	return jsonResponse(http.StatusOK, written)
}

func (s *Server) checkTicketAnswer(form map[string]string) fieldErrors {
	wrong := make(fieldErrors)
	text, given := form[s.answerField]
	state, stated := form[ticketStateField]
	switch {
	case !given:
		wrong.add(s.answerField, msgRequired)
	case strings.TrimSpace(text) == "":
		wrong.add(s.answerField, msgBlank)
	}
	if stated && !isCode(state, ticketStates) {
		wrong.add(ticketStateField, fmt.Sprintf("%q no es una elección válida.", state))
	}
	return wrong
}

// addAnswer appends to the answers of a ticket, which are a list, one object, or null.
func addAnswer(answers any, written ticketAnswer, q Quirks) any {
	all, isList := answers.([]any)
	if !isList && answers != nil {
		all = []any{answers}
	}
	if len(all) == 0 && q.LooseAnswers {
		return written
	}
	return append(all, written)
}
