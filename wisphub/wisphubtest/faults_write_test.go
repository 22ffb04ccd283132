package wisphubtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func TestFaults_HangAfterWrite(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/clientes/{id}/perfil/", profilePath} {
		synctest.Test(t, func(t *testing.T) {
			s := newClientServer(nil)
			s.SetFaults(Faults{HangAfterWrite: path})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			began := time.Now()
			r := httptest.NewRequest("PUT", profilePath, strings.NewReader(`{"ciudad": "Cali"}`)).WithContext(ctx)
			r.Header.Set("Content-Type", jsonType)
			serve(s, r)
			if took := time.Since(began); took != time.Minute || s.Row(firstID)["ciudad"] != "Cali" {
				t.Errorf("write took %v with ciudad = %v, want a minute and Cali", took, s.Row(firstID)["ciudad"])
			}
			if got := callDuration(t, s, profilePath); got != 0 {
				t.Errorf("read of the path took %v, want 0", got)
			}
			if log := s.Log(); log[0].Status != 0 || log[0].Method != "PUT" || s.Requests()["PUT /api/clientes/{id}/perfil/"] != 1 {
				t.Errorf("Log() = %+v, want one PUT without a status", log)
			}
			time.AfterFunc(time.Second, s.Close)
			if w := send(s, "PUT", profilePath, jsonType, `{}`); w.Code != 503 {
				t.Errorf("status of a hanging write at Close = %d, want 503", w.Code)
			}
		})
	}
}

// Over a real connection, the server must notice that the caller of a write left.
func TestFaults_HangPathOfWrite(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	s.SetFaults(Faults{HangPath: profilePath})
	server := httptest.NewServer(s)
	defer server.Close() // waits for the call although s is not closed
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "PUT", server.URL+profilePath, strings.NewReader(`{"ciudad": "Cali"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Api-Key "+Key)
	r.Header.Set("Content-Type", jsonType)
	if _, err := server.Client().Do(r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("write error = %v, want %v", err, context.DeadlineExceeded)
	}
	if got := s.Row(firstID)["ciudad"]; got == "Cali" {
		t.Error("a write that hung took effect, want no effect")
	}
}

func TestFaults_EchoOnly(t *testing.T) {
	t.Parallel()
	for _, only := range []string{"telefono", profilePath, "/api/clientes/{id}/perfil/"} {
		s := newClientServer(nil)
		s.SetFaults(Faults{EchoOnly: []string{"cedula", only}})
		wantResponse(t, send(s, "PUT", profilePath, jsonType, `{"telefono": "1", "ciudad": "Cali"}`), 200, jsonPrefix, `"telefono":"1"`)
		row := s.Row(firstID)
		if row["telefono"] != "3000000001" || (row["ciudad"] == "Cali") != (only == "telefono") {
			t.Errorf("EchoOnly %s: telefono %v, ciudad %v, want only ciudad changed, and that only for the field", only, row["telefono"], row["ciudad"])
		}
	}
}

func TestFaults_EchoOnlyElsewhere(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	s.PutTicket(map[string]any{"id_ticket": 1, "asunto": "Internet Lento", "estado": "Nuevo", "fecha_creacion": "2026-05-01"})
	s.SetFaults(Faults{EchoOnly: []string{"/api/tickets/", "estado", "/api/tickets/{id}/respuesta/", "comentarios"}})
	before := len(s.TicketIDs())
	wantResponse(t, sendForm(s, "POST", "/api/tickets/", validTicketForm()), 201, jsonPrefix, `"id_ticket":`)
	w := sendForm(s, "PUT", "/api/tickets/1/", map[string]string{"estado": "4", "prioridad": "4"})
	wantResponse(t, w, 200, jsonPrefix, `"estado":"Cerrado","prioridad":"Muy Alta"`)
	w = sendForm(s, "POST", answerPath, map[string]string{"respuesta": "x", ticketStateField: "4"})
	wantResponse(t, w, 200, jsonPrefix, `"respuesta":"x"`)
	wantResponse(t, send(s, "PUT", "/api/clientes/26/", jsonType, `{"comentarios": "x"}`), 200, jsonPrefix, `"comentarios":"x"`)
	task, _ := startStateChange(t, s, "/api/clientes/desactivar/", `{"servicios": [26]}`)
	polls(s, task, 3)
	row := s.Ticket(1)
	onlyPriority := row["estado"] == "Nuevo" && row["prioridad"] == "Muy Alta" && row["respuestas"] == nil
	if len(s.TicketIDs()) != before || !onlyPriority {
		t.Errorf("%d tickets, ticket 1 = %v, want no new ticket, and only the priority changed", len(s.TicketIDs()), row)
	}
	if row := s.Row(firstID); row["estado"] != "Activo" || row["comentarios"] != "" {
		t.Errorf("estado %v, comentarios %v, want both unchanged", row["estado"], row["comentarios"])
	}
}

// An incomplete body changes nothing, even if it parses like a complete one.
func TestServer_BrokenBodyChangesNothing(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil, "2026-05-01 Nuevo")
	r := httptest.NewRequest("POST", answerPath, io.MultiReader(strings.NewReader("respuesta=Lis"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	r.Header.Set("Content-Type", urlEncoded)
	wantResponse(t, serve(s, r), 400, jsonPrefix, "")
	if got := s.Ticket(1)["respuestas"]; got != nil {
		t.Errorf("respuestas after an incomplete body = %v, want nil", got)
	}
}

// Concurrent writes are all stored.
func TestServer_ConcurrentWrites(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	before := len(s.TicketIDs())
	s.PutTicket(map[string]any{"id_ticket": 1, "fecha_creacion": "2020-05-01"})
	var callers sync.WaitGroup
	for n, key := range profileTextFields {
		callers.Go(func() {
			for range 10 {
				send(s, "PUT", profilePath, jsonType, fmt.Sprintf(`{%q: "%d"}`, key, n))
				sendForm(s, "POST", "/api/tickets/", validTicketForm())
				sendForm(s, "POST", answerPath, map[string]string{"respuesta": "x"})
				task, _ := startStateChange(t, s, "/api/clientes/desactivar/", `{"servicios": [26]}`)
				polls(s, task, 3)
				get(t, s, profilePath)
			}
		})
	}
	callers.Wait()
	row := s.Row(firstID)
	for n, key := range profileTextFields {
		if row[key] != fmt.Sprint(n) {
			t.Errorf("%s = %v, want %d", key, row[key], n)
		}
	}
	answers, _ := s.Ticket(1)["respuestas"].([]any)
	if got := len(s.TicketIDs()) - before - 1; got != 50 || len(answers) != 50 || row["estado"] != "Suspendido" {
		t.Errorf("%d new tickets, %d answers, estado %v, want 50, 50 and Suspendido", got, len(answers), row["estado"])
	}
}
