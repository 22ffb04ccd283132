package wisphubtest

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// sendForm sends the fields as multipart/form-data.
func sendForm(s *Server, method, target string, fields map[string]string) *httptest.ResponseRecorder {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		_ = form.WriteField(name, value) // writing to memory does not fail
	}
	_ = form.Close()
	return send(s, method, target, form.FormDataContentType(), body.String())
}

// validTicketForm returns the nine required fields with changes: name, value, name, value. The
// value "-" removes a field.
func validTicketForm(changes ...string) map[string]string {
	fields := map[string]string{
		"servicio": "26", "asunto": "Internet Lento", "asuntos_default": "Internet Lento", "tecnico": "0",
		"descripcion": "<p>Nada</p>", "estado": "1", "prioridad": "3", "departamento": department, "departamentos_default": department,
	}
	for i := 0; i < len(changes); i += 2 {
		if fields[changes[i]] = changes[i+1]; changes[i+1] == "-" {
			delete(fields, changes[i])
		}
	}
	return fields
}

func TestCreateTicket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Clients: 1, Tickets: 3, Now: today})
		time.Sleep(time.Hour)
		last := s.TicketIDs()[0]
		w := sendForm(s, "POST", "/api/tickets/", validTicketForm(
			"tecnico", "3", "fecha_inicio", "02/05/2026 11:00", "fecha_final", "06/05/2026 11:00", "origen_reporte", "redes_sociales",
			"razon_falla", "Poste", "email_tecnico", ""))
		wantResponse(t, w, 201, jsonPrefix, "")
		want := map[string]any{
			"id_ticket": float64(last + 1), "asunto": "Internet Lento", "descripcion": "<p>Nada</p>", "razon_falla": "Poste",
			"estado": "Nuevo", "prioridad": "Alta", "tecnico": "Julián Muñoz", "email_tecnico": "jmunoz@demo-isp",
			"departamento": department, "origen_reporte": "Redes Sociales", "fecha_creacion": "2026-05-02T06:00:00-05:00",
			"fecha_estimada_inicio": "2026-05-02 11:00", "fecha_estimada_fin": "2026-05-06 11:00", "fecha_inicio": nil, "fecha_fin": nil,
			"creado_por": keyOwnerName + "@demo-isp", "finalizado_por": nil, "vencimiento": nil, "archivo_ticket": nil, "respuestas": nil,
			"tickets_mensual": 1.0, "tickets_anual": 2.0,
		}
		row := s.Ticket(last + 1)
		for _, key := range ticketColumns {
			if value, named := want[key]; named && row[key] != value {
				t.Errorf("%s = %v, want %v", key, row[key], value)
			}
		}
		if service, _ := row["servicio"].(map[string]any); service["id_servicio"] != 26.0 {
			t.Errorf("servicio = %v, want that of client 26", row["servicio"])
		}
		for _, target := range []string{fmt.Sprintf("/api/tickets/%d/", last+1), "/api/tickets/?limit=1"} {
			if body := do(s, "GET", target).Body.String(); !strings.Contains(body, w.Body.String()) {
				t.Errorf("GET %s = %s, want the created ticket, %s", target, body, w.Body)
			}
		}
	})
}

func TestCreateTicket_Defaults(t *testing.T) {
	t.Parallel()
	s := newTicketServer(func(q *Quirks) { q.LooseAnswers = false })
	w := sendForm(s, "POST", "/api/tickets/", validTicketForm("asunto", "Pregunta", "asuntos_default", otherSubject))
	wantResponse(t, w, 201, jsonPrefix, `"respuestas":[]`)
	row := s.Ticket(firstTicketID)
	if row["asunto"] != "Pregunta" || row["tecnico"] != nil || row["email_tecnico"] != "" || row["origen_reporte"] != "" {
		t.Errorf("ticket = %v, want a custom subject and no technician", row)
	}
	if row["fecha_estimada_inicio"] != "2026-05-02 05:00" || row["fecha_estimada_fin"] != "2026-05-05 05:00" {
		t.Errorf("estimated dates = %v to %v, want now to three days later", row["fecha_estimada_inicio"], row["fecha_estimada_fin"])
	}
	wantResponse(t, sendForm(s, "POST", "/api/tickets/", validTicketForm()), 201, jsonPrefix, `"id_ticket":501`)
	if got := s.TicketsOf(firstID); len(got) != 2 || got[0]["id_ticket"] != 501.0 || len(s.TicketsOf(9)) != 0 {
		t.Errorf("TicketsOf(26) = %v, want 501 and 500", got)
	}
}

func TestCreateTicket_RejectsBadInput(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	for _, field := range ticketRequired {
		wantResponse(t, sendForm(s, "POST", "/api/tickets/", validTicketForm(field, "-")), 400, jsonPrefix, `"`+field+`":["`+msgRequired+`"]`)
		wantResponse(t, sendForm(s, "POST", "/api/tickets/", validTicketForm(field, " ")), 400, jsonPrefix, `"`+field+`":["`+msgBlank)
	}
	for field, values := range map[string][]string{
		"servicio": {"9", "x"}, "tecnico": {"5", "-1", "Julián"}, "estado": {"Nuevo", "0", "6"}, "prioridad": {"Alta", "5"},
		"asunto": {"Internet lento"}, "asuntos_default": {"internet lento", "Algo"}, "origen_reporte": {"whatsapp"},
		"fecha_inicio": {"2026-05-02 11:00", "05/13/2026 11:00"}, "fecha_final": {"mañana"},
	} {
		for _, value := range values {
			wantResponse(t, sendForm(s, "POST", "/api/tickets/", validTicketForm(field, value)), 400, jsonPrefix, `{"`+field+`":["`)
		}
	}
	all := sendForm(s, "POST", "/api/tickets/", map[string]string{}).Body.String()
	if got := strings.Count(all, msgRequired); got != 9 {
		t.Errorf("rejection of an empty form = %s, want nine fields", all)
	}
	if len(s.TicketIDs()) != 0 {
		t.Errorf("TicketIDs() after rejected tickets = %v, want none", s.TicketIDs())
	}
}

// Callers send tickets in other encodings by mistake.
func TestCreateTicket_Encodings(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	var encoded []string
	for _, name := range slices.Sorted(maps.Keys(validTicketForm())) {
		encoded = append(encoded, name+"="+validTicketForm()[name])
	}
	form, object := strings.Join(encoded, "&"), string(encode(validTicketForm()))
	for _, target := range []string{"POST /api/tickets/", "PUT /api/tickets/1/", "PATCH /api/tickets/1/"} {
		method, path, _ := strings.Cut(target, " ")
		s.PutTicket(map[string]any{"id_ticket": 1, "asunto": "Internet Lento", "fecha_creacion": "2026-05-01"})
		wantResponse(t, send(s, method, path, jsonType, object), 500, htmlPrefix, "")
		wantResponse(t, send(s, method, path, urlEncoded, form), 415, jsonPrefix, urlEncoded)
		wantResponse(t, send(s, method, path, multipartForm+"; boundary=x", "nada"), 400, jsonPrefix, "Multipart")
		wantResponse(t, send(s, method, path, "", object), 415, jsonPrefix, "")
		wantResponse(t, sendForm(s, method, strings.TrimSuffix(path, "/"), validTicketForm()), 301, htmlPrefix, "")
	}
	if got := s.TicketIDs(); len(got) != 1 {
		t.Errorf("TicketIDs() = %v, want no new ticket", got)
	}
	q := DefaultQuirks()
	q.MultipartTickets = false
	s.SetQuirks(q)
	wantResponse(t, send(s, "POST", "/api/tickets/", jsonType, object), 201, jsonPrefix, "")
	wantResponse(t, send(s, "POST", "/api/tickets/", urlEncoded, form), 201, jsonPrefix, "")
}

func TestChangeTicket(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"PUT", "PATCH"} {
		s := New(Config{Clients: 1, Tickets: 1, Now: today})
		id := s.TicketIDs()[0]
		row := s.Ticket(id)
		row["estado"], row["asunto"], row["fecha_inicio"], row["fecha_fin"] = "Nuevo", "Internet Lento", nil, nil
		s.PutTicket(row)
		target := fmt.Sprintf("/api/tickets/%d/", id)
		for _, step := range []struct {
			form              map[string]string
			state             string
			started, finished bool
		}{
			{map[string]string{"estado": "2", "prioridad": "4", "tecnico": "3"}, "En Progreso", true, false},
			{map[string]string{"estado": "4"}, "Cerrado", true, true},
			{map[string]string{"estado": "5", "tecnico": "0"}, "Reagendado", true, false},
		} {
			wantResponse(t, sendForm(s, method, target, step.form), 200, jsonPrefix, `"estado":"`+step.state+`"`)
			row := s.Ticket(id)
			if row["estado"] != step.state || (row["fecha_inicio"] != nil) != step.started || (row["fecha_fin"] != nil) != step.finished {
				t.Errorf("%s %v: %v, %v to %v, want %s", method, step.form, row["estado"], row["fecha_inicio"], row["fecha_fin"], step.state)
			}
			if closer := row["finalizado_por"]; (closer != nil) != step.finished || row["prioridad"] != "Muy Alta" {
				t.Errorf("%s %v: finalizado_por %v, prioridad %v, want a closer only when finished, and Muy Alta", method, step.form, closer, row["prioridad"])
			}
			if assigned := row["email_tecnico"] == "jmunoz@demo-isp"; assigned != (step.form["tecnico"] != "0") {
				t.Errorf("%s %v: email_tecnico %v, want it only while assigned", method, step.form, row["email_tecnico"])
			}
		}
		wantResponse(t, sendForm(s, method, target, map[string]string{"estado": "Cerrado"}), 400, jsonPrefix, `{"estado":["\"Cerrado\"`)
		wantResponse(t, sendForm(s, method, target, map[string]string{"estado": "1", "asunto": "X"}), 400, jsonPrefix, `{"asuntos_default":["`)
		wantResponse(t, sendForm(s, method, "/api/tickets/9/", map[string]string{"estado": "1"}), 404, jsonPrefix, "")
		if got := len(s.TicketIDs()); got != 1 {
			t.Errorf("%s: %d tickets, want 1", method, got)
		}
	}
	s := newTicketServer(nil, "2026-05-01 Nuevo")
	s.PutTicket(map[string]any{"id_ticket": 1, "asunto": "Internet Lento", "fecha_creacion": "2026-05-01"})
	wantResponse(t, sendForm(s, "PUT", "/api/tickets/1/", map[string]string{"prioridad": "1"}), 400, jsonPrefix, `{"estado":["`+msgRequired)
	wantResponse(t, sendForm(s, "PATCH", "/api/tickets/1/", map[string]string{"prioridad": "1"}), 200, jsonPrefix, `"prioridad":"Baja"`)
}

// A custom subject must be sent again with each change. The suffix of SubjectSuffix does not make
// a subject custom.
func TestChangeTicket_CustomSubject(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil)
	service := map[string]any{"nombre": "Ana  Pérez "}
	for subject, custom := range map[string]bool{
		"Internet Lento": false, "Internet Lento - ANA PÉREZ": false, otherSubject: false,
		"Internet Lento - LUIS GIL": true, "internet lento": true, "Pregunta": true,
	} {
		s.PutTicket(map[string]any{
			"id_ticket": 1, "asunto": subject, "estado": "Nuevo", "servicio": service, "fecha_creacion": "2026-05-01",
		})
		w := sendForm(s, "PUT", "/api/tickets/1/", map[string]string{"estado": "4"})
		if !custom {
			wantResponse(t, w, 200, jsonPrefix, `"estado":"Cerrado"`)
			continue
		}
		wantResponse(t, w, 400, jsonPrefix, `{"asunto":["`+msgRequired+`"],"asuntos_default":["`+msgRequired+`"]}`)
		w = sendForm(s, "PUT", "/api/tickets/1/", map[string]string{"estado": "4", "asunto": subject, "asuntos_default": otherSubject})
		wantResponse(t, w, 200, jsonPrefix, `"estado":"Cerrado"`)
		if row := s.Ticket(1); row["asunto"] != subject || row["estado"] != "Cerrado" {
			t.Errorf("ticket = %v, want %s, Cerrado", row, subject)
		}
	}
}
