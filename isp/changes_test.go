package isp

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"wisphub-graphql/auth"
	"wisphub-graphql/wisphub/wisphubtest"
)

// writeRecorder keeps the last audit record.
type writeRecorder struct {
	mu   sync.Mutex
	last Write // guarded by mu
}

func (r *writeRecorder) record(_ context.Context, w Write) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = w
}

func (r *writeRecorder) want(t *testing.T, when, outcome string, changes ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last.Outcome != outcome || !slices.Equal(r.last.Changes, changes) {
		t.Errorf("%s: audit record = %s %q, want %s %q", when, r.last.Outcome, r.last.Changes, outcome, changes)
	}
}

// asBiller returns the context of a caller who may change balances.
func asBiller(ctx context.Context) context.Context {
	return auth.NewContext(ctx, &auth.Caller{Username: "ana", Scopes: []auth.Scope{auth.ScopeSupport, auth.ScopeBilling}})
}

func Test15_11_UpdateClientNamesItsChanges(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 3)
	var audit writeRecorder
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Audit = audit.record })
	id := upstream.IDs()[0]
	change := func(fields map[string]any) {
		row := upstream.Row(id)
		for name, value := range fields {
			row[name] = value
		}
		upstream.PutRow(row)
	}
	change(map[string]any{"ciudad": "Cali", "saldo": "10.00", "telefono": "3000000001"})
	warm(t, upstream, provider)
	update := func(input UpdateClientInput) {
		t.Helper()
		input.ServiceID = id
		_, _ = provider.Clients.Update(asBiller(t.Context()), input) // the audit record has the outcome
	}
	update(UpdateClientInput{City: new("Bello"), Phone: new("3109999999"), Name: new("Canary")})
	audit.want(t, "three fields", "ok", "name", "phone", "city")
	update(UpdateClientInput{City: new("Bello"), Phone: new("3101112233")})
	audit.want(t, "one of two differs", "ok", "phone")
	update(UpdateClientInput{City: new("Bello")})
	audit.want(t, "the same city", "ok")
	change(map[string]any{"saldo": "65000.00"}) // memory does not have it
	update(UpdateClientInput{City: new("Cali"), Balance: new(mustDecimal("0"))})
	audit.want(t, "a balance", "ok", "city", "balance 65000.00 -> 0.00")
	update(UpdateClientInput{Balance: new(mustDecimal("1.001"))})
	audit.want(t, "an invalid balance", "invalid")
	upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{"saldo"}})
	update(UpdateClientInput{City: new("Bello"), Balance: new(mustDecimal("7"))})
	audit.want(t, "a balance that is not applied", "not_applied", "city")
	upstream.SetFaults(wisphubtest.Faults{})
	upstream.Forbid("/api/clientes/{id}/perfil/")
	update(UpdateClientInput{City: new("Cali")})
	audit.want(t, "a write that is not sent", "failed")
}

// The outcome is unknown, so the record has what was asked.
func Test15_11_UnknownOutcomeNamesWhatWasAsked(t *testing.T) {
	t.Parallel()
	bubbled(t, "client", func(t *testing.T) {
		var audit writeRecorder
		upstream, provider, _ := newLiteral(t, func(cfg *Config) { cfg.Audit = audit.record })
		upstream.set("PUT /clientes/26/perfil/", canned{502, htmlPage})
		_, err := provider.Clients.Update(asBiller(t.Context()), UpdateClientInput{ServiceID: 26, City: new("Bello"), Balance: new(mustDecimal("5"))})
		wantErrorIs(t, "Update()", err, ErrOutcomeUnknown)
		audit.want(t, "no answer", "outcome unknown", "city", "balance 0.00 -> 5.00")
	})
}

func Test15_11_TicketWritesNameTheirChanges(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 3)
	var audit writeRecorder
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Audit = audit.record })
	tickets, ctx := provider.Tickets, t.Context()
	created, err := tickets.Create(ctx, CreateTicketInput{ServiceID: upstream.IDs()[0], Subject: "x", Description: "Canary"})
	if err != nil || created.Ticket == nil {
		t.Fatalf("Create() = %+v, %v, want a ticket", created, err)
	}
	audit.want(t, "a new ticket", "ok")
	id := created.Ticket.TicketID
	_, _ = tickets.Update(ctx, UpdateTicketInput{TicketID: id, Status: new(TicketInProgress), Priority: &created.Ticket.Priority})
	audit.want(t, "the status differs", "ok", "status")
	_, _ = tickets.Answer(ctx, AnswerTicketInput{TicketID: id, Text: "Canary", Status: new(TicketClosed)})
	audit.want(t, "an answer", "ok", "text", "status")
	_, _ = tickets.Answer(ctx, AnswerTicketInput{TicketID: id, Text: "Canary 2", Status: new(TicketClosed)})
	audit.want(t, "an answer with the same status", "ok", "text")
	key := "once"
	_, _ = tickets.Answer(ctx, AnswerTicketInput{TicketID: id, Text: "Canary 3", IdempotencyKey: &key})
	audit.want(t, "a new key", "ok", "text")
	_, _ = tickets.Answer(ctx, AnswerTicketInput{TicketID: id, Text: "Canary 3", IdempotencyKey: &key})
	audit.want(t, "a repeated key", "repeated")
	_, _ = tickets.Update(ctx, UpdateTicketInput{TicketID: 99999, Status: new(TicketClosed)})
	audit.want(t, "no such ticket", "not_found")
}

func Test15_11_BalanceNeedsBilling(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 3)
	var audit writeRecorder
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Audit = audit.record })
	id := upstream.IDs()[0]
	with := func(scopes ...auth.Scope) context.Context {
		return auth.NewContext(t.Context(), &auth.Caller{Username: "leo", Scopes: scopes})
	}
	for name, ctx := range map[string]context.Context{
		"no caller": t.Context(), "SUPPORT": with(auth.ScopeSupport),
		"all others": with(auth.ScopeSupport, auth.ScopeOperate, auth.ScopeAdmin),
	} {
		for _, balance := range []Decimal{mustDecimal("0"), {}} {
			payload, err := provider.Clients.Update(ctx, UpdateClientInput{ServiceID: id, City: new("Bello"), Balance: &balance})
			if payload != nil || !errors.Is(err, auth.ErrForbidden) {
				t.Errorf("%s: Update(balance %q) = %+v, %v, want %v", name, balance, payload, err, auth.ErrForbidden)
			}
			audit.want(t, name, "forbidden")
		}
	}
	if got := upstream.Total(); got != 0 {
		t.Errorf("forbidden writes cost %d calls, want none", got)
	}
	if _, err := provider.Clients.Update(with(auth.ScopeSupport), UpdateClientInput{ServiceID: id, City: new("Bello")}); err != nil {
		t.Errorf("Update(city) with SUPPORT = %v, want nil", err)
	}
	audit.want(t, "without a balance", "ok", "city")
}

// No change names a value, whatever the input is.
func Test15_11_ChangesHaveNoValues(t *testing.T) {
	t.Parallel()
	text := new("canary")
	input := UpdateClientInput{Name: text, LastName: text, Document: text, Phone: text, Address: text, Locality: text, City: text, Balance: new(mustDecimal("1"))}
	before := &Client{Name: "canary 2"}
	after := &Client{Name: "canary", Document: "canary", Phone: "canary", Address: "canary", Locality: "canary", City: "canary", Balance: mustDecimal("1")}
	for _, after := range []*Client{nil, after} {
		changes := strings.Join(input.changes(before, after), ", ")
		if want := "name, lastName, document, phone, address, locality, city, balance none -> 1.00"; changes != want {
			t.Errorf("changes = %s, want %s", changes, want)
		}
	}
}
