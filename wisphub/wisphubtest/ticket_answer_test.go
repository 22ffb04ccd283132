package wisphubtest

import (
	"strings"
	"testing"
)

const answerPath = "/api/tickets/1/respuesta/"

func TestAnswerTicket(t *testing.T) {
	t.Parallel()
	s := desk(nil, "2026-05-01 Nuevo")
	w := sendForm(s, "POST", answerPath, map[string]string{"respuesta": "Vamos", ticketState: "2"})
	wantAnswer(t, w, 200, isJSON, `"respuesta":"Vamos"`)
	row := s.Ticket(1)
	if one, _ := row["respuestas"].(map[string]any); one["respuesta"] != "Vamos" || row["estado"] != "En Progreso" {
		t.Errorf("ticket = %v, want the one answer, in progress", row)
	}
	for range 2 { // each retry is another one
		wantAnswer(t, send(s, "POST", answerPath, urlEncoded, "respuesta=Listo+%C3%B1"), 200, isJSON, `"respuesta":"Listo ñ"`)
	}
	row = get(t, s, "/api/tickets/1/")
	all, _ := row["respuestas"].([]any)
	if len(all) != 3 || all[2].(map[string]any)["respuesta"] != "Listo ñ" || row["estado"] != "En Progreso" {
		t.Errorf("ticket = %v, want three answers, still in progress", row)
	}
	wantAnswer(t, sendForm(s, "POST", answerPath, map[string]string{"respuesta": "Fin", ticketState: "4"}), 200, isJSON, "")
	if row = s.Ticket(1); row["estado"] != "Cerrado" || row["fecha_fin"] == nil {
		t.Errorf("ticket = %v, want it closed", row)
	}
	wantAnswer(t, sendForm(s, "POST", answerPath, map[string]string{"respuesta": "No", ticketState: "1"}), 200, isJSON, "")
	if row = s.Ticket(1); row["estado"] != "Nuevo" || row["fecha_fin"] != nil {
		t.Errorf("ticket = %v, want it open again", row)
	}
}

func TestAnswerTicketRefuses(t *testing.T) {
	t.Parallel()
	s := desk(nil, "2026-05-01 Nuevo")
	for want, form := range map[string]map[string]string{
		`{"respuesta":["` + isRequired:      {ticketState: "4"},
		`{"respuesta":["` + isBlank:         {"respuesta": " ", ticketState: "4"},
		`{"ticket-estado":["\"Cerrado\" no`: {"respuesta": "x", ticketState: "Cerrado"},
	} {
		wantAnswer(t, sendForm(s, "POST", answerPath, form), 400, isJSON, want)
	}
	wantAnswer(t, send(s, "POST", answerPath, jsonType, `{"respuesta": "x"}`), 415, isJSON, "")
	wantAnswer(t, sendForm(s, "POST", "/api/tickets/9/respuesta/", map[string]string{"respuesta": "x"}), 404, isJSON, "")
	wantAnswer(t, sendForm(s, "POST", strings.TrimSuffix(answerPath, "/"), map[string]string{"respuesta": "x"}), 301, isHTML, "")
	if row := s.Ticket(1); row["respuestas"] != nil || row["estado"] != "Nuevo" {
		t.Errorf("ticket after refusals = %v, want it as it was", row)
	}
}

func TestAnswerField(t *testing.T) {
	t.Parallel()
	q := DefaultQuirks()
	q.LooseAnswers = false
	s := New(Config{Clients: 1, Tickets: -1, Now: today, Quirks: &q, AnswerField: "comentario"})
	s.PutTicket(map[string]any{"id_ticket": 1, "fecha_creacion": "2026-05-01"})
	wantAnswer(t, sendForm(s, "POST", answerPath, map[string]string{"respuesta": "x"}), 400, isJSON, `{"comentario":["`)
	wantAnswer(t, sendForm(s, "POST", answerPath, map[string]string{"comentario": "x"}), 200, isJSON, `"respuesta":"x"`)
	if all, _ := s.Ticket(1)["respuestas"].([]any); len(all) != 1 {
		t.Errorf("answers = %v, want a list of one", s.Ticket(1)["respuestas"])
	}
}
