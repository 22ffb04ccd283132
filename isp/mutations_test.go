package isp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache/cachetest"
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
	clients, tickets, id := provider.Clients, provider.Tickets, upstream.IDs()[0]
	ctx, active := t.Context(), TicketUnknown
	key := "once"
	var ticket *TicketPayload
	for _, write := range []func(){
		func() { _, _ = clients.Update(ctx, UpdateClientInput{ServiceID: id, City: new("Bello")}) },
		func() { _, _ = clients.Update(ctx, UpdateClientInput{ServiceID: id}) },
		func() { _, _ = clients.Update(ctx, UpdateClientInput{ServiceID: 9999, City: new("Bello")}) },
		func() {
			ticket, _ = tickets.Create(ctx, CreateTicketInput{ServiceID: id, Subject: "x", Description: "y", IdempotencyKey: &key})
		},
		func() {
			_, _ = tickets.Create(ctx, CreateTicketInput{ServiceID: id, Subject: "x", Description: "y", IdempotencyKey: &key})
		},
		func() {
			_, _ = tickets.Update(ctx, UpdateTicketInput{TicketID: ticket.Ticket.TicketID, Status: &active})
		},
		func() { _, _ = tickets.Answer(ctx, AnswerTicketInput{TicketID: ticket.Ticket.TicketID, Text: "z"}) },
		func() { _, _ = clients.Ping(ctx, id, nil) },
		func() { _, _ = clients.Suspend(ctx, []int{id, id}) },
		func() { _, _ = clients.Activate(ctx, nil) },
		func() {
			upstream.Forbid("/api/clientes/{id}/perfil/")
			_, _ = clients.Update(ctx, UpdateClientInput{ServiceID: id, City: new("Cali")})
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
			w := newBubble(t, 3, func(cfg *Config) {
				cfg.Holidays, cfg.MaxTicketResolutionDays = "co", 3
				test.change(cfg)
			})
			payload, err := w.provider.Tickets.Create(t.Context(), CreateTicketInput{
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
	payload, err := provider.Clients.Update(ctx, UpdateClientInput{ServiceID: id, City: new("Bello")})
	if err != nil || len(payload.UserErrors) > 0 || payload.Client.City != "Bello" {
		t.Errorf("UpdateClient = %+v, %v, want the fresh record", payload, err)
	}
	if got := upstream.Requests()["PUT /api/clientes/{id}/perfil/"]; got != 1 {
		t.Errorf("%d writes, want one", got)
	}
}

// WispHub decides letter for letter whether a subject is of its catalogue; what a list puts behind one is none of it.
func TestCustomSubject(t *testing.T) {
	t.Parallel()
	_, provider := open(t, 3)
	for subject, want := range map[string]string{
		"Internet Lento":                    "",
		"internet lento":                    "internet lento",
		"Internet Lento - ANA MARÍA PEÑA":   "",
		"Internet Lento - Ana María Peña":   "Internet Lento - Ana María Peña", // typed, not put behind
		"Internet Lento - no carga Netflix": "Internet Lento - no carga Netflix",
		"Otro Asunto":                       "",
		"Se cayó el poste":                  "Se cayó el poste",
		"Se cayó el poste - ANA MARÍA PEÑA": "Se cayó el poste",
		"Poste - Internet - ANA MARÍA PEÑA": "Poste - Internet",
		"Paquete para - Ana María Peña":     "Paquete para - Ana María Peña",
		"Poste - OTRA PERSONA":              "Poste - OTRA PERSONA",
		" - ANA MARÍA PEÑA":                 " - ANA MARÍA PEÑA",
	} {
		got, err := provider.Subjects.forUpdate(t.Context(), &Ticket{Subject: subject, serviceName: "Ana María  Peña "})
		if err != nil || got != want {
			t.Errorf("customSubject(%q) = %q, %v, want %q", subject, got, err, want)
		}
	}
}

// Where the catalogue may not be read no subject is known to be of it, neither of a new ticket nor of an old one.
func TestCustomSubjectWithoutCatalogue(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 3)
	upstream.Forbid("/api/tickets/asuntos-tickets/")
	got, err := provider.Subjects.forUpdate(t.Context(), &Ticket{Subject: "Internet Lento"})
	if subject, listed := provider.Subjects.forNew(t.Context(), "Internet Lento"); err != nil || got != subject || listed {
		t.Errorf("an update is sent with %q, %v, a new ticket with %q of the catalogue %t", got, err, subject, listed)
	}
}

// A caller who has gone before anything was sent has nothing sent for him.
func TestNothingIsSentForWhoHasGone(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	id := upstream.IDs()[0]
	if _, err := provider.Tickets.List(t.Context(), TicketQuery{}); err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 10 {
		_, err1 := provider.Clients.Ping(gone, id, nil)
		_, err2 := provider.Clients.Suspend(gone, []int{id})
		_, err3 := provider.Clients.Update(gone, UpdateClientInput{ServiceID: id, City: new("Bello")})
		_, err4 := provider.Tickets.Create(gone, CreateTicketInput{ServiceID: id, Subject: "x", Description: "y"})
		_, err5 := provider.Tickets.Answer(gone, AnswerTicketInput{TicketID: upstream.TicketIDs()[0], Text: "x"})
		for _, err := range []error{err1, err2, err3, err4, err5} {
			if err == nil {
				t.Error("a write went well for a caller who has gone")
			}
		}
	}
	for route, count := range upstream.Requests() {
		if !strings.HasPrefix(route, "GET") {
			t.Errorf("%d of %s were sent", count, route)
		}
	}
}

// Close ends a write that hangs: its outcome is unknown, and the audit has it. None begins after that.
func TestCloseDuringAWrite(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 30)
	var told audits
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Audit = told.note })
	warm(t, upstream, provider)
	upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/clientes/{id}/perfil/"})
	id, ended := upstream.IDs()[0], make(chan error)
	go func() {
		_, err := provider.Clients.Update(t.Context(), UpdateClientInput{ServiceID: id, City: new("Bello")})
		ended <- err
	}()
	cachetest.Until(t, "the write hangs", func() bool { return upstream.Row(id)["ciudad"] == "Bello" })
	provider.Close()
	wantErrorIs(t, "the write", <-ended, ErrOutcomeUnknown)
	if _, err := provider.Clients.Update(t.Context(), UpdateClientInput{ServiceID: id, City: new("Cali")}); err == nil {
		t.Error("a write begins after Close")
	}
	if want := fmt.Sprintf("updateClient client:%d outcome unknown", id); !slices.Contains(told.lines, want) {
		t.Errorf("the audit was told %q, want %s", told.lines, want)
	}
}

// A panic in the middle of a write leaves a line as well.
func TestPanicIsAudited(t *testing.T) {
	t.Parallel()
	_, address := simulate(t, 3)
	var told audits
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Audit = told.note })
	directory := provider.Clients.directory
	provider.Clients.directory = nil
	func() {
		defer func() { _ = recover(); provider.Clients.directory = directory }()
		_, _ = provider.Clients.Ping(t.Context(), 26, nil)
	}()
	if !slices.Equal(told.lines, []string{"pingClient client:26 failed"}) {
		t.Errorf("the audit was told %q", told.lines)
	}
}

// Answers are recognised however WispHub has kept them; what is not recognised is unknown rather than not there.
func TestAnswersKept(t *testing.T) {
	t.Parallel()
	first, second := time.Unix(1000, 0), time.Unix(2000, 0)
	answers := func(list ...TicketAnswer) *Ticket {
		ticket := &Ticket{Answers: []*TicketAnswer{}}
		for i := range list {
			ticket.Answers = append(ticket.Answers, &list[i])
		}
		return ticket
	}
	for name, test := range map[string]struct {
		text          string
		before, after *Ticket
		code          UserErrorCode
		unknown       bool
	}{
		"plain":                   {"Hola", answers(), answers(TicketAnswer{Text: "Hola"}), "", false},
		"as HTML":                 {"a & b", answers(), answers(TicketAnswer{Text: "<p>a &amp; b</p>"}), "", false},
		"escaped twice":           {"a & b < c", answers(), answers(TicketAnswer{Text: "a &amp;amp; b &amp;lt; c"}), "", false},
		"emoji lost":              {"Listo 👍", answers(), answers(TicketAnswer{Text: "Listo ?"}), "", false},
		"only emoji":              {"👍", answers(), answers(TicketAnswer{Text: "👍"}), "", false},
		"the latest alone":        {"Hola", answers(TicketAnswer{Text: "Hola", CreatedAt: first}), answers(TicketAnswer{Text: "Hola", CreatedAt: second}), "", false},
		"not there":               {"Hola", answers(TicketAnswer{Text: "Hola", CreatedAt: first}), answers(TicketAnswer{Text: "Hola", CreatedAt: first}), CodeNotApplied, false},
		"none at all":             {"Hola", answers(), answers(), CodeNotApplied, false},
		"not read":                {"Hola", answers(), &Ticket{}, "", true},
		"of another text":         {"Hola", answers(), answers(TicketAnswer{Text: "Jola", CreatedAt: second}), "", true},
		"another, the last alone": {"Hola", answers(TicketAnswer{Text: "A", CreatedAt: first}), answers(TicketAnswer{Text: "B", CreatedAt: second}), "", true},
	} {
		wrong, err := (&AnswerTicketInput{Text: test.text}).notApplied(test.before, test.after)
		code := UserErrorCode("")
		if len(wrong) > 0 {
			code = wrong[0].Code
		}
		if code != test.code || errors.Is(err, ErrOutcomeUnknown) != test.unknown {
			t.Errorf("%s: %q, %v, want %q and unknown %t", name, code, err, test.code, test.unknown)
		}
	}
}

// Close ends the line of those who wait for a zone as well: none of them is sent.
func TestCloseEndsTheLine(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 60)
	warm(t, upstream, provider)
	if _, err := provider.Tickets.List(t.Context(), TicketQuery{}); err != nil {
		t.Fatal(err)
	}
	var ids []int
	for _, id := range upstream.IDs()[:20] {
		row := upstream.Row(id)
		row["zona"] = map[string]any{"id": 77, "nombre": "Z"}
		upstream.PutRow(row)
		ids = append(ids, id)
	}
	if err := refresh(t, provider); err != nil {
		t.Fatal(err)
	}
	upstream.SetFaults(wisphubtest.Faults{HangAfterWrite: "/api/tickets/"})
	upstream.Reset()
	var group sync.WaitGroup
	var unknown atomic.Int64
	for _, id := range ids {
		group.Go(func() {
			_, err := provider.Tickets.Create(t.Context(), CreateTicketInput{ServiceID: id, Subject: "x", Description: "y"})
			if errors.Is(err, ErrOutcomeUnknown) {
				unknown.Add(1)
			}
		})
	}
	cachetest.Until(t, "the first is sent", func() bool { return upstream.Requests()["POST /api/tickets/"] > 0 })
	provider.Close()
	group.Wait()
	if sent := upstream.Requests()["POST /api/tickets/"]; sent != 1 || unknown.Load() != 1 {
		t.Errorf("%d were sent and %d are unknown, want one", sent, unknown.Load())
	}
}
