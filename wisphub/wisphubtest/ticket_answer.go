package wisphubtest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ticketState is the field by which an answer changes the state of its ticket.
const ticketState = "ticket-estado"

// answerTicket adds an answer, another one each time it is asked. That it replies 200 with the answer is a choice: only the
// path and ticket-estado are attested (wisphub-net-api §6.4).
func (s *Server) answerTicket(c *call) answer {
	s.writing.Lock()
	defer s.writing.Unlock()
	t := s.tickets.get(c.number())
	if t == nil {
		return notFound()
	}
	form, refusal, refused := c.form(multipartForm, urlEncoded)
	if refused {
		return refusal
	}
	if wrong := s.checkAnswer(form); len(wrong) > 0 {
		return wrong.answer()
	}
	row := decodeRow(s.ticketRows(c.quirks, t)[0])
	written := ticketAnswer{
		Text: form[s.answerField], CreatedAt: s.moment().Format(time.RFC3339), User: keyOwner,
	}
	if c.keeps(s.answerField) {
		row["respuestas"] = withAnswer(row["respuestas"], written, c.quirks)
	}
	if state, err := strconv.Atoi(form[ticketState]); err == nil && c.keeps(ticketState) {
		s.moveTicket(row, state)
	}
	s.PutTicket(row)
	return jsonAnswer(http.StatusOK, written)
}

func (s *Server) checkAnswer(form map[string]string) problems {
	wrong := make(problems)
	text, given := form[s.answerField]
	state, stated := form[ticketState]
	switch {
	case !given:
		wrong.add(s.answerField, isRequired)
	case strings.TrimSpace(text) == "":
		wrong.add(s.answerField, isBlank)
	}
	if stated && !isCode(state, ticketStates) {
		wrong.add(ticketState, fmt.Sprintf("%q no es una elección válida.", state))
	}
	return wrong
}

// withAnswer adds to the answers of a ticket, which are a list, one object, or nothing.
func withAnswer(answers any, written ticketAnswer, q Quirks) any {
	all, isList := answers.([]any)
	if !isList && answers != nil {
		all = []any{answers}
	}
	if len(all) == 0 && q.LooseAnswers {
		return written
	}
	return append(all, written)
}
