package isp

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// WispHub may send a ticket without its answers. That says nothing about the answer that was sent.
func Test13_9_AnswersNotRead(t *testing.T) {
	t.Parallel()
	const post = "POST /tickets/500/respuesta/"
	for name, test := range map[string]struct {
		before, after string // what ends the ticket's row
		unknown       bool
		want          []string
	}{
		"missing":             {`, "respuestas": []`, ``, true, nil},
		"null":                {`, "respuestas": []`, `, "respuestas": null`, true, nil},
		"null before, too":    {`, "respuestas": null`, `, "respuestas": null`, true, nil},
		"a text":              {`, "respuestas": []`, `, "respuestas": "Hola"`, true, nil},
		"the first, in a row": {`, "respuestas": null`, `, "respuestas": [{"respuesta": "Hola", "created": "2000-01-01T00:00:00Z"}]`, false, nil},
		"the first, alone":    {``, `, "respuestas": {"respuesta": "Hola", "created": "1999-12-31T23:59:00Z"}`, false, nil},
		"of an unknown time":  {``, `, "respuestas": {"respuesta": "Hola"}`, true, nil},
		"an old one":          {``, `, "respuestas": [{"respuesta": "Hola", "created": "1999-12-31T23:58:59Z"}]`, true, nil},
		"not only an old one": {``, `, "respuestas": [{"respuesta": "Hola", "created": "1999-01-01T00:00:00Z"}, {"respuesta": "Hola", "created": "2000-01-01T00:00:00Z"}]`, false, nil},
		"texts":               {`, "respuestas": []`, `, "respuestas": ["Hola"]`, true, nil},
		"a null in a list":    {`, "respuestas": []`, `, "respuestas": [null]`, true, nil},
		"a list in a list":    {`, "respuestas": []`, `, "respuestas": [[{"respuesta": "Hola"}]]`, true, nil},
		"a page":              {`, "respuestas": {"count": 0, "results": []}`, `, "respuestas": {"count": 1, "results": [{"respuesta": "Hola"}]}`, true, nil},
		"an unreadable text":  {`, "respuestas": [{"respuesta": "A"}]`, `, "respuestas": [{"respuesta": {"texto": "Hola"}}]`, true, nil},
		"an empty answer":     {`, "respuestas": []`, `, "respuestas": [{}]`, true, nil},
		"an empty list": {`, "respuestas": null`, `, "respuestas": []`, false,
			[]string{"input.text NOT_APPLIED WispHub answered success, but a fresh read shows another value."}},
	} {
		bubbled(t, name, func(t *testing.T) {
			upstream, provider, _ := newLiteral(t, func(*Config) {})
			upstream.set("GET /tickets/500/", canned{200, ticketJSON(test.before)}, canned{200, ticketJSON(test.after)})
			upstream.set(post, canned{201, `{}`})
			input := AnswerTicketInput{TicketID: 500, Text: "Hola", IdempotencyKey: new("k")}
			for range 2 {
				payload, err := provider.Tickets.Answer(t.Context(), input)
				if errors.Is(err, ErrOutcomeUnknown) != test.unknown || !test.unknown && err != nil {
					t.Errorf("%s: Answer = %v, want an unknown outcome: %t", name, err, test.unknown)
				}
				if err == nil {
					wantUserErrors(t, name, payload.UserErrors, test.want...)
				}
			}
			if got := upstream.count(post); got != 1 {
				t.Errorf("%s: %d answers with one key, want 1", name, got)
			}
		})
	}
}

// A state or priority that is missing from the fresh read is unknown, not the old one.
func Test13_9_StateNotRead(t *testing.T) {
	t.Parallel()
	status, priority := TicketClosed, PriorityHigh
	without := `{"id_ticket": 500, "asunto": "Internet Lento", "respuestas": [{"respuesta": "Hola"}]}`
	for name, write := range map[string]func(context.Context, *Provider) (*TicketPayload, error){
		"answerTicket": func(ctx context.Context, p *Provider) (*TicketPayload, error) {
			return p.Tickets.Answer(ctx, AnswerTicketInput{TicketID: 500, Text: "Hola", Status: &status})
		},
		"updateTicket state": func(ctx context.Context, p *Provider) (*TicketPayload, error) {
			return p.Tickets.Update(ctx, UpdateTicketInput{TicketID: 500, Status: &status})
		},
		"updateTicket priority": func(ctx context.Context, p *Provider) (*TicketPayload, error) {
			return p.Tickets.Update(ctx, UpdateTicketInput{TicketID: 500, Priority: &priority})
		},
	} {
		bubbled(t, name, func(t *testing.T) {
			upstream, provider, _ := newLiteral(t, func(*Config) {})
			upstream.set("GET /tickets/500/", canned{200, ticketJSON(`, "respuestas": []`)}, canned{200, without})
			upstream.set("POST /tickets/500/respuesta/", canned{201, `{}`})
			upstream.set("PUT /tickets/500/", canned{200, `{}`})
			_, err := write(t.Context(), provider)
			wantErrorIs(t, name, err, ErrOutcomeUnknown)
		})
	}
}

// writesOfRecords are the writes that read a record back: how to send one, and the call that reads.
var writesOfRecords = map[string]struct {
	read, write string
	before      canned // the answer before the write
	after, none canned // the answers of the fresh read
	send        func(t *testing.T, p *Provider) ([]*UserError, error)
}{
	"createTicket": {"GET /tickets/500/", "POST /tickets/", canned{}, canned{200, ticketJSON("")}, canned{404, notFoundJSON},
		func(t *testing.T, p *Provider) ([]*UserError, error) {
			payload, err := p.Tickets.Create(t.Context(), CreateTicketInput{
				ServiceID: 26, Subject: "Internet Lento", Description: "x", IdempotencyKey: new("k"),
			})
			return userErrorsOf(payload), err
		}},
	"updateTicket": {"GET /tickets/500/", "PUT /tickets/500/", canned{200, ticketJSON("")}, canned{200, ticketJSON("")}, canned{404, notFoundJSON},
		func(t *testing.T, p *Provider) ([]*UserError, error) {
			payload, err := p.Tickets.Update(t.Context(), UpdateTicketInput{TicketID: 500, Priority: new(PriorityNormal)})
			return userErrorsOf(payload), err
		}},
	"answerTicket": {"GET /tickets/500/", "POST /tickets/500/respuesta/", canned{200, ticketJSON(`, "respuestas": []`)},
		canned{200, ticketJSON(`, "respuestas": [{"respuesta": "Hola"}]`)}, canned{404, notFoundJSON},
		func(t *testing.T, p *Provider) ([]*UserError, error) {
			payload, err := p.Tickets.Answer(t.Context(), AnswerTicketInput{TicketID: 500, Text: "Hola", IdempotencyKey: new("k")})
			return userErrorsOf(payload), err
		}},
	"updateClient": {"GET /clientes/", "PUT /clientes/26/perfil/", canned{200, oneClient}, canned{200, oneClient}, canned{200, noTickets},
		func(t *testing.T, p *Provider) ([]*UserError, error) {
			payload, err := p.Clients.Update(t.Context(), UpdateClientInput{ServiceID: 26, City: new("Bello")})
			return userErrorsOf(payload), err
		}},
}

// A record that is not there right after its write is read again after a second. If it is still not
// there, the outcome is unknown, and the key remembers that.
func Test13_9_RecordNotFoundAfterWrite(t *testing.T) {
	t.Parallel()
	for name, w := range writesOfRecords {
		for shown, answers := range map[string][]canned{
			"late": {w.none, w.after}, "never": {w.none, w.none}, "not, then failure": {w.none, {503, htmlPage}},
		} {
			bubbled(t, name+" shown "+shown, func(t *testing.T) {
				upstream, provider, _ := newLiteral(t, func(*Config) {})
				if err := provider.Clients.Warm(t.Context()); err != nil {
					t.Fatal(err)
				}
				if w.before.status != 0 && name != "updateClient" {
					answers = append([]canned{w.before}, answers...)
				}
				upstream.set(w.read, answers...)
				upstream.set(w.write, canned{201, ticketJSON("")})
				began := time.Now()
				wrong, err := w.send(t, provider)
				if took := time.Since(began); took < time.Second || took > 2*time.Second {
					t.Errorf("%s shown %s took %v, want a second read after 1 s", name, shown, took)
				}
				if shown == "late" {
					if err != nil || len(wrong) > 0 {
						t.Errorf("%s shown late = %v, %v, want success", name, wrong, err)
					}
					return
				}
				wantErrorIs(t, name+" shown "+shown, err, ErrOutcomeUnknown)
				if name != "createTicket" {
					return
				}
				_, err = w.send(t, provider)
				wantErrorIs(t, name+" again", err, ErrOutcomeUnknown)
				if got := upstream.count(w.write); got != 1 {
					t.Errorf("%s: %d writes with one key, want 1", name, got)
				}
			})
		}
	}
}

// A created ticket that is not shown keeps its place in the zone while it may still appear.
func Test13_9_TicketNotShownKeepsItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		upstream, provider, _ := newLiteral(t, func(*Config) {})
		upstream.set("POST /tickets/", canned{201, ticketJSON("")})
		_, err := provider.Tickets.Create(t.Context(), CreateTicketInput{ServiceID: 26, Subject: "Internet Lento", Description: "x"})
		wantErrorIs(t, "Create", err, ErrOutcomeUnknown)
		for _, want := range []int{1, 0} {
			if quota, err := provider.Tickets.Quota(t.Context(), 2); err != nil || quota.Active != want {
				t.Errorf("Quota = %+v, %v, want %d active tickets", quota, err, want)
			}
			time.Sleep(2 * pendingDoubt)
			_, _ = provider.Tickets.Quota(t.Context(), 2)
			synctest.Wait() // for the refresh of the list
		}
	})
}
