package wisphub

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
)

// Answers are the answers to a ticket. WispHub sends a list, one object, or null. Nil means null, or a
// value that cannot be read whole: an element that is no answer may be any answer.
type Answers []Answer

// Answer is one answer to a ticket.
type Answer struct {
	Text    Text `json:"respuesta" max:"50000"`
	Created Time `json:"created"`
	Author  Text `json:"usuario"`
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *Answers) UnmarshalJSON(data []byte) error {
	*a = nil
	if bytes.HasPrefix(data, []byte("{")) {
		data = bytes.Join([][]byte{{'['}, data, {']'}}, nil)
	}
	if countElements(data, 1) > maxElements {
		return nil
	}
	var list []Object[listedAnswer]
	_ = json.Unmarshal(data, &list) // the syntax was checked before, and a text instead of a list holds no answers
	if list == nil {
		return nil
	}
	answers := make(Answers, 0, len(list))
	for _, row := range list {
		if row.Value == nil || row.Value.Raw == nil || isContainer(row.Value.Raw) {
			return nil
		}
		answer := Answer{Created: row.Value.Created, Author: row.Value.Author}
		_ = answer.Text.UnmarshalJSON(row.Value.Raw)
		answers = append(answers, answer)
	}
	*a = answers
	return nil
}

// listedAnswer is an [Answer] that shows whether it has a text at all.
type listedAnswer struct {
	Raw     json.RawMessage `json:"respuesta"`
	Created Time            `json:"created"`
	Author  Text            `json:"usuario"`
}

// AnswerRequest is an answer to a ticket. The subscriber sees it.
type AnswerRequest struct {
	Text string
	// State is the new state of the ticket. Optional; 0 keeps the state.
	State TicketState
	// Field is the form field of the text, which is undocumented. Optional, "respuesta": the name
	// in the list.
	Field string
}

// Answer adds an answer to a ticket. Each call adds one more. WispHub's reply is undocumented
// (wisphub-net-api §6.4), so any 2xx status but that of an HTML page is accepted: read the ticket back.
func (s *TicketsService) Answer(ctx context.Context, id int, answer AnswerRequest) error {
	form := []field{{cmp.Or(answer.Field, "respuesta"), answer.Text}}
	if answer.State != 0 {
		form = append(form, field{"ticket-estado", strconv.Itoa(int(answer.State))})
	}
	c := s.api.newWrite(http.MethodPost, formPayload(form...), anyAnswer, ticketPath+"/respuesta", strconv.Itoa(id))
	return s.api.write(ctx, c, nil)
}
