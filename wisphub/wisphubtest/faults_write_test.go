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
				t.Errorf("the write took %v, ciudad = %v, want until the caller gave up, and Cali", took, s.Row(firstID)["ciudad"])
			}
			if got := callDuration(t, s, profilePath); got != 0 {
				t.Errorf("a read of the path took %v, want none", got)
			}
			if log := s.Log(); log[0].Status != 0 || log[0].Method != "PUT" || s.Requests()["PUT /api/clientes/{id}/perfil/"] != 1 {
				t.Errorf("the log = %+v, want one PUT without an answer", log)
			}
			time.AfterFunc(time.Second, s.Close)
			if w := send(s, "PUT", profilePath, jsonType, `{}`); w.Code != 503 {
				t.Errorf("a write that hung at Close = %d, want 503", w.Code)
			}
		})
	}
}

// Over a real connection the server must notice that the caller of a write left.
func TestFaults_HangPathOfWrite(t *testing.T) {
	t.Parallel()
	s := newClientServer(nil)
	s.SetFaults(Faults{HangPath: profilePath})
	server := httptest.NewServer(s)
	defer server.Close() // waits for the call, and s is not closed
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "PUT", server.URL+profilePath, strings.NewReader(`{"ciudad": "Cali"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Api-Key "+Key)
	r.Header.Set("Content-Type", jsonType)
	if _, err := server.Client().Do(r); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the write = %v, want %v", err, context.DeadlineExceeded)
	}
	if got := s.Row(firstID)["ciudad"]; got == "Cali" {
		t.Error("a write that hung before it was carried out is there")
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
			t.Errorf("EchoOnly %s: telefono %v, ciudad %v", only, row["telefono"], row["ciudad"])
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
	kept := row["estado"] == "Nuevo" && row["prioridad"] == "Muy Alta" && row["respuestas"] == nil
	if len(s.TicketIDs()) != before || !kept {
		t.Errorf("%d tickets, ticket 1 = %v, want none more, Nuevo, the priority and no answer", len(s.TicketIDs()), row)
	}
	if row := s.Row(firstID); row["estado"] != "Activo" || row["comentarios"] != "" {
		t.Errorf("estado %v, comentarios %v, want both as before", row["estado"], row["comentarios"])
	}
}

// A body that breaks off changes nothing, though it may read like a whole one.
func TestServer_BrokenBodyChangesNothing(t *testing.T) {
	t.Parallel()
	s := newTicketServer(nil, "2026-05-01 Nuevo")
	r := httptest.NewRequest("POST", answerPath, io.MultiReader(strings.NewReader("respuesta=Lis"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	r.Header.Set("Content-Type", urlEncoded)
	wantResponse(t, serve(s, r), 400, jsonPrefix, "")
	if got := s.Ticket(1)["respuestas"]; got != nil {
		t.Errorf("answers = %v, want none: the body broke off", got)
	}
}

// TestConcurrentWrites loses none, whoever writes beside whom.
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
