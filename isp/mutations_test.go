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
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/wisphub/wisphubtest"
)

// auditRecorder keeps the lines of the audit log.
type auditRecorder struct {
	mu    sync.Mutex
	lines []string
}

func (a *auditRecorder) record(_ context.Context, w Write) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines = append(a.lines, w.Action+" "+strings.Join(w.IDs, ",")+" "+w.Outcome)
}

// The audit log has each write once, with its records and its outcome.
func TestMutations_AreAudited(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 30)
	var audit auditRecorder
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Audit = audit.record })
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
	if !slices.Equal(audit.lines, want) {
		t.Errorf("audit log =\n%s\nwant\n%s", strings.Join(audit.lines, "\n"), strings.Join(want, "\n"))
	}
}

// A caller who leaves does not cut short what was sent.
func TestMutations_CallerLeavesAfterSending(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	id := upstream.IDs()[0]
	upstream.SetFaults(wisphubtest.Faults{Latency: 100 * time.Millisecond})
	ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer leave()
	payload, err := provider.Clients.Update(ctx, UpdateClientInput{ServiceID: id, City: new("Bello")})
	if err != nil || len(payload.UserErrors) > 0 || payload.Client.City != "Bello" {
		t.Errorf("Update = %+v, %v, want the record as read back", payload, err)
	}
	if got := upstream.Requests()["PUT /api/clientes/{id}/perfil/"]; got != 1 {
		t.Errorf("%d writes were sent, want 1", got)
	}
}

// Nothing is sent for a caller who has left before.
func TestMutations_CallerLeavesBeforeSending(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	id := upstream.IDs()[0]
	if _, err := provider.Tickets.List(t.Context(), TicketQuery{}); err != nil {
		t.Fatal(err)
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	for range 10 {
		_, err1 := provider.Clients.Ping(left, id, nil)
		_, err2 := provider.Clients.Suspend(left, []int{id})
		_, err3 := provider.Clients.Update(left, UpdateClientInput{ServiceID: id, City: new("Bello")})
		_, err4 := provider.Tickets.Create(left, CreateTicketInput{ServiceID: id, Subject: "x", Description: "y"})
		_, err5 := provider.Tickets.Answer(left, AnswerTicketInput{TicketID: upstream.TicketIDs()[0], Text: "x"})
		for _, err := range []error{err1, err2, err3, err4, err5} {
			if err == nil {
				t.Error("a write = nil error for a caller who has left, want an error")
			}
		}
	}
	for route, count := range upstream.Requests() {
		if !strings.HasPrefix(route, "GET") {
			t.Errorf("%d × %s were sent, want none", count, route)
		}
	}
}

// Close cancels a write that hangs. Its outcome is unknown, and the audit log has it. Later writes
// fail.
func TestMutations_CloseCancelsAWrite(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 30)
	var audit auditRecorder
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Audit = audit.record })
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
		t.Error("Update after Close = nil error, want an error")
	}
	if want := fmt.Sprintf("updateClient client:%d outcome unknown", id); !slices.Contains(audit.lines, want) {
		t.Errorf("audit log = %q, want %s", audit.lines, want)
	}
}

func TestMutations_PanicIsAudited(t *testing.T) {
	t.Parallel()
	_, address := simulate(t, 3)
	var audit auditRecorder
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Audit = audit.record })
	directory := provider.Clients.directory
	provider.Clients.directory = nil
	func() {
		defer func() { _ = recover(); provider.Clients.directory = directory }()
		_, _ = provider.Clients.Ping(t.Context(), 26, nil)
	}()
	if !slices.Equal(audit.lines, []string{"pingClient client:26 failed"}) {
		t.Errorf("audit log = %q, want the write as failed", audit.lines)
	}
}

// Close also cancels the writes that wait for a zone. None of them is sent.
func TestMutations_CloseCancelsWaitingWrites(t *testing.T) {
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
	cachetest.Until(t, "the first write is sent", func() bool { return upstream.Requests()["POST /api/tickets/"] > 0 })
	provider.Close()
	group.Wait()
	if sent := upstream.Requests()["POST /api/tickets/"]; sent != 1 || unknown.Load() != 1 {
		t.Errorf("%d writes were sent and %d outcomes are unknown, want 1 and 1", sent, unknown.Load())
	}
}
