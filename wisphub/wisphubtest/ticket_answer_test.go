package wisphubtest

import (
	"strings"
	"testing"
)

const answerPath = "/api/tickets/1/respuesta/"

func TestAnswerTicket(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil, "2026-05-01 Nuevo")
	w := sendForm(s, "POST", answerPath, map[string]string{"respuesta": "Vamos", ticketStateField: "2"})
	wantResponse(t, w, 200, jsonPrefix, `"respuesta":"Vamos"`)
	row := s.Ticket(1)
	if one, _ := row["respuestas"].(map[string]any); one["respuesta"] != "Vamos" || row["estado"] != "En Progreso" {
		t.Errorf("ticket = %v, want one answer, En Progreso", row)
	}
	for range 2 { // each retry adds another one
		wantResponse(t, send(s, "POST", answerPath, urlEncoded, "respuesta=Listo+%C3%B1"), 200, jsonPrefix, `"respuesta":"Listo ñ"`)
	}
	row = get(t, s, "/api/tickets/1/")
	all, _ := row["respuestas"].([]any)
	if len(all) != 3 || all[2].(map[string]any)["respuesta"] != "Listo ñ" || row["estado"] != "En Progreso" {
		t.Errorf("ticket = %v, want three answers, En Progreso", row)
	}
	wantResponse(t, sendForm(s, "POST", answerPath, map[string]string{"respuesta": "Fin", ticketStateField: "4"}), 200, jsonPrefix, "")
	if row = s.Ticket(1); row["estado"] != "Cerrado" || row["fecha_fin"] == nil {
		t.Errorf("ticket = %v, want Cerrado with fecha_fin", row)
	}
	wantResponse(t, sendForm(s, "POST", answerPath, map[string]string{"respuesta": "No", ticketStateField: "1"}), 200, jsonPrefix, "")
	if row = s.Ticket(1); row["estado"] != "Nuevo" || row["fecha_fin"] != nil {
		t.Errorf("ticket = %v, want Nuevo without fecha_fin", row)
	}
}

func TestAnswerTicket_RejectsBadInput(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil, "2026-05-01 Nuevo")
	for want, form := range map[string]map[string]string{
		`{"respuesta":["` + msgRequired:     {ticketStateField: "4"},
		`{"respuesta":["` + msgBlank:        {"respuesta": " ", ticketStateField: "4"},
		`{"ticket-estado":["\"Cerrado\" no`: {"respuesta": "x", ticketStateField: "Cerrado"},
	} {
		wantResponse(t, sendForm(s, "POST", answerPath, form), 400, jsonPrefix, want)
	}
	wantResponse(t, send(s, "POST", answerPath, jsonType, `{"respuesta": "x"}`), 415, jsonPrefix, "")
	wantResponse(t, sendForm(s, "POST", "/api/tickets/9/respuesta/", map[string]string{"respuesta": "x"}), 404, jsonPrefix, "")
	wantResponse(t, sendForm(s, "POST", strings.TrimSuffix(answerPath, "/"), map[string]string{"respuesta": "x"}), 301, htmlPrefix, "")
	if row := s.Ticket(1); row["respuestas"] != nil || row["estado"] != "Nuevo" {
		t.Errorf("ticket after rejected answers = %v, want it unchanged", row)
	}
}

func TestAnswerTicket_AnswerField(t *testing.T) {
	t.Parallel()
	q := DefaultQuirks()
	q.LooseAnswers = false
	s := New(Config{Clients: 1, Tickets: -1, Now: today, Quirks: &q, AnswerField: "comentario"})
	s.PutTicket(map[string]any{"id_ticket": 1, "fecha_creacion": "2026-05-01"})
	wantResponse(t, sendForm(s, "POST", answerPath, map[string]string{"respuesta": "x"}), 400, jsonPrefix, `{"comentario":["`)
	wantResponse(t, sendForm(s, "POST", answerPath, map[string]string{"comentario": "x"}), 200, jsonPrefix, `"respuesta":"x"`)
	if all, _ := s.Ticket(1)["respuestas"].([]any); len(all) != 1 {
		t.Errorf("answers = %v, want a list of one", s.Ticket(1)["respuestas"])
	}
}
