package isp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// audits are the writes that the audit was told of.
type audits struct {
	mu    sync.Mutex
	lines []string
}

func (a *audits) note(_ context.Context, w Write) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines = append(a.lines, w.Action+" "+strings.Join(w.IDs, ",")+" "+w.Outcome)
}

// Each write is told once, with what it was about and how it ended.
func TestWritesAreAudited(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 30)
	var told audits
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Audit = told.note })
	desk, id := provider.Desk, upstream.IDs()[0]
	ctx, active := t.Context(), TicketUnknown
	key := "once"
	var ticket *TicketPayload
	for _, write := range []func(){
		func() { _, _ = desk.UpdateClient(ctx, UpdateClientInput{ServiceID: id, City: new("Bello")}) },
		func() { _, _ = desk.UpdateClient(ctx, UpdateClientInput{ServiceID: id}) },
		func() { _, _ = desk.UpdateClient(ctx, UpdateClientInput{ServiceID: 9999, City: new("Bello")}) },
		func() {
			ticket, _ = desk.CreateTicket(ctx, CreateTicketInput{ServiceID: id, Subject: "x", Description: "y", IdempotencyKey: &key})
		},
		func() {
			_, _ = desk.CreateTicket(ctx, CreateTicketInput{ServiceID: id, Subject: "x", Description: "y", IdempotencyKey: &key})
		},
		func() {
			_, _ = desk.UpdateTicket(ctx, UpdateTicketInput{TicketID: ticket.Ticket.TicketID, Status: &active})
		},
		func() { _, _ = desk.AnswerTicket(ctx, AnswerTicketInput{TicketID: ticket.Ticket.TicketID, Text: "z"}) },
		func() { _, _ = desk.PingClient(ctx, id, nil) },
		func() { _, _ = desk.SuspendClients(ctx, []int{id, id}) },
		func() { _, _ = desk.ActivateClients(ctx, nil) },
		func() {
			upstream.Forbid("/api/clientes/{id}/perfil/")
			_, _ = desk.UpdateClient(ctx, UpdateClientInput{ServiceID: id, City: new("Cali")})
		},
	} {
		write()
	}
	number := ticket.Ticket.TicketID
	want := []string{
		fmt.Sprintf("updateClient client:%d ok", id),
		fmt.Sprintf("updateClient client:%d required", id),
		"updateClient client:9999 not_found",
		fmt.Sprintf("createTicket client:%d,ticket:%d ok", id, number),
		fmt.Sprintf("createTicket client:%d,ticket:%d repeated", id, number),
		fmt.Sprintf("updateTicket ticket:%d invalid", number),
		fmt.Sprintf("answerTicket ticket:%d ok", number),
		fmt.Sprintf("pingClient client:%d ok", id),
		fmt.Sprintf("suspendClients client:%d ok", id),
		"activateClients  required",
		fmt.Sprintf("updateClient client:%d failed", id),
	}
	if !slices.Equal(told.lines, want) {
		t.Errorf("the audit was told\n%s\nwant\n%s", strings.Join(told.lines, "\n"), strings.Join(want, "\n"))
	}
}

// A ticket's days go over a year's end, over Holy Week, over the provider's own holidays, and stay at the hour of the day.
func TestTicketDeadlines(t *testing.T) {
	for _, test := range []struct {
		now, end string
		change   func(*Config)
	}{
		{"2026-12-30 16:20", "2027-01-05 16:20", func(*Config) {}}, // 31, then 4 and 5 of January
		{"2027-03-24 08:05", "2027-03-31 08:05", func(*Config) {}}, // Thursday and Friday are holy
		{"2026-06-26 23:59", "2026-07-02 23:59", func(*Config) {}}, // Monday is Saint Peter's
		{"2026-11-25 10:00", "2026-12-01 10:00", func(cfg *Config) { cfg.ExtraHolidays = []time.Time{time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)} }},
		{"2026-12-30 16:20", "2027-01-04 16:20", func(cfg *Config) { cfg.Holidays = "none" }},
		{"2026-12-30 16:20", "2026-12-31 16:20", func(cfg *Config) { cfg.MaxTicketResolutionDays = 1 }},
	} {
		synctest.Test(t, func(t *testing.T) {
			now, err := time.ParseInLocation("2006-01-02 15:04", test.now, bogota)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(now))
			w := newWorld(t, 3, func(cfg *Config) {
				cfg.Holidays, cfg.MaxTicketResolutionDays = "co", 3
				test.change(cfg)
			})
			payload, err := w.provider.Desk.CreateTicket(t.Context(), CreateTicketInput{
				ServiceID: w.upstream.IDs()[0], Subject: "Internet Lento", Description: "x",
			})
			if err != nil || payload.Ticket == nil {
				t.Fatalf("CreateTicket = %+v, %v", payload, err)
			}
			start, end := payload.Ticket.EstimatedStart.Format("2006-01-02 15:04"), payload.Ticket.EstimatedEnd.Format("2006-01-02 15:04")
			if start != test.now || end != test.end {
				t.Errorf("a ticket of %s is planned from %s to %s, want %s", test.now, start, end, test.end)
			}
		})
	}
}

// A caller who goes away does not cut short what was sent.
func TestCallerLeavesDuringAWrite(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	id := upstream.IDs()[0]
	upstream.SetFaults(wisphubtest.Faults{Latency: 100 * time.Millisecond})
	ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer leave()
	payload, err := provider.Desk.UpdateClient(ctx, UpdateClientInput{ServiceID: id, City: new("Bello")})
	if err != nil || len(payload.UserErrors) > 0 || payload.Client.City != "Bello" {
		t.Errorf("UpdateClient = %+v, %v, want the fresh record", payload, err)
	}
	if got := upstream.Requests()["PUT /api/clientes/{id}/perfil/"]; got != 1 {
		t.Errorf("%d writes, want one", got)
	}
}

func TestCustomSubject(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 3)
	row := upstream.Row(upstream.IDs()[0])
	row["nombre"] = "Ana María  Peña"
	upstream.PutRow(row)
	for subject, want := range map[string]string{
		"Internet Lento":                    "",
		"INTERNET  LENTO":                   "",
		"Internet Lento - ANA MARIA PEÑA":   "",
		"Internet Lento - OTRA PERSONA":     "", // of a client who was renamed since
		"Otro Asunto":                       "",
		"Se cayó el poste":                  "Se cayó el poste",
		"Se cayó el poste - ANA MARÍA PEÑA": "Se cayó el poste",
		"Poste - Internet - ANA MARIA PENA": "Poste - Internet",
		"Poste - OTRA PERSONA":              "Poste - OTRA PERSONA",
		" - ANA MARÍA PEÑA":                 " - ANA MARÍA PEÑA",
	} {
		got, err := provider.Desk.customSubject(t.Context(), &Ticket{Subject: subject, ServiceID: upstream.IDs()[0]})
		if err != nil || got != want {
			t.Errorf("customSubject(%q) = %q, %v, want %q", subject, got, err, want)
		}
	}
}
