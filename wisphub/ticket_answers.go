package wisphub

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
)

// Answers are what was written under a ticket. WispHub sends a list, one object, or null; nil is null.
type Answers []Answer

// Answer is one text under a ticket.
type Answer struct {
	Text    Text `json:"respuesta"`
	Created Time `json:"created"`
	Author  Text `json:"usuario"`
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *Answers) UnmarshalJSON(data []byte) error {
	*a = nil
	if bytes.HasPrefix(data, []byte("{")) {
		data = bytes.Join([][]byte{{'['}, data, {']'}}, nil)
	}
	var list []Object[Answer]
	_ = json.Unmarshal(data, &list) // syntax was checked before; text in place of a list is no list
	if list != nil {
		*a = make(Answers, 0, len(list))
	}
	for _, answer := range list {
		if answer.Value != nil {
			*a = append(*a, *answer.Value)
		}
	}
	return nil
}

// AnswerRequest is an answer to a ticket, which its subscriber sees.
type AnswerRequest struct {
	Text string
	// State is the ticket's state after it. Optional, as it was.
	State TicketState
	// Field is the upstream's name of the text, which is not public. Optional, "respuesta": what it is called when read.
	Field string
}

// Answer adds an answer to a ticket. WispHub adds another one each time it is asked, and what it replies is not known
// (wisphub-net-api §6.4): any good status will do, and only a fresh read tells that the answer is there.
func (s *TicketsService) Answer(ctx context.Context, id int, answer AnswerRequest) error {
	form := []field{{cmp.Or(answer.Field, "respuesta"), answer.Text}}
	if answer.State != 0 {
		form = append(form, field{"ticket-estado", strconv.Itoa(int(answer.State))})
	}
	c := s.api.newWrite(http.MethodPost, formPayload(form...), anyAnswer, ticketsPath, strconv.Itoa(id), "respuesta")
	return s.api.write(ctx, c, nil)
}
