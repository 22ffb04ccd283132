package isp

import (
	"context"
	"strings"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

// refusable are the writes whose values WispHub may refuse: the call that WispHub refuses, one of its
// fields, and the input field of that.
var refusable = map[string]struct {
	call, field, path string
	send              func(ctx context.Context, p *Provider) ([]*UserError, error)
}{
	"updateClient": {"PUT /clientes/26/perfil/", "telefono", "input.phone", func(ctx context.Context, p *Provider) ([]*UserError, error) {
		payload, err := p.Clients.Update(ctx, UpdateClientInput{ServiceID: 26, Phone: new("77")})
		return userErrorsOf(payload), err
	}},
	"createTicket": {"POST /tickets/", "asunto", "input.subject", func(ctx context.Context, p *Provider) ([]*UserError, error) {
		payload, err := p.Tickets.Create(ctx, CreateTicketInput{ServiceID: 26, Subject: "Internet Lento", Description: "x"})
		return userErrorsOf(payload), err
	}},
	"updateTicket": {"PUT /tickets/500/", "estado", "input.status", func(ctx context.Context, p *Provider) ([]*UserError, error) {
		payload, err := p.Tickets.Update(ctx, UpdateTicketInput{TicketID: 500, Status: new(TicketClosed)})
		return userErrorsOf(payload), err
	}},
	"answerTicket": {"POST /tickets/500/respuesta/", "respuesta", "input.text", func(ctx context.Context, p *Provider) ([]*UserError, error) {
		payload, err := p.Tickets.Answer(ctx, AnswerTicketInput{TicketID: 500, Text: "Hola"})
		return userErrorsOf(payload), err
	}},
	"activateClients": {"POST /clientes/activar/", "servicios", "serviceIds", func(ctx context.Context, p *Provider) ([]*UserError, error) {
		payload, err := p.Clients.Activate(ctx, []int{26})
		return userErrorsOf(payload), err
	}},
	"suspendClients": {"POST /clientes/desactivar/", "servicios", "serviceIds", func(ctx context.Context, p *Provider) ([]*UserError, error) {
		payload, err := p.Clients.Suspend(ctx, []int{26})
		return userErrorsOf(payload), err
	}},
	"pingClient": {"POST /clientes/26/ping/", "pings", "pings", func(ctx context.Context, p *Provider) ([]*UserError, error) {
		payload, err := p.Clients.Ping(ctx, 26, nil)
		return userErrorsOf(payload), err
	}},
}

// userErrorsOf returns the user errors of a payload, which is nil beside an error.
func userErrorsOf[P mutationPayload](payload P) []*UserError {
	var none P
	if payload == none {
		return nil
	}
	return payload.faults()
}

// refuse sends a write that WispHub refuses, and compares its user errors.
func refuse(t *testing.T, name string, answer canned, want ...string) {
	t.Helper()
	write := refusable[name]
	upstream, provider, _ := newLiteral(t, func(*Config) {})
	if err := provider.Clients.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	upstream.set("GET /tickets/500/", canned{200, ticketJSON(`, "respuestas": []`)})
	upstream.set(write.call, answer)
	wrong, err := write.send(t.Context(), provider)
	if err != nil {
		t.Fatalf("%s refused with %s = %v, want user errors", name, answer.body, err)
	}
	wantUserErrors(t, name+" refused with "+answer.body, wrong, want...)
}

// WispHub's words reach the caller whatever the shape of the refusal.
func Test13_7_WordsReachTheCaller(t *testing.T) {
	t.Parallel()
	const words = "Ya está en uso, revise."
	for name, write := range refusable {
		whole, field := " REFUSED "+words, write.path+" REFUSED "+words
		for shape, want := range map[string]string{
			`["` + words + `"]`:                                           whole,
			`"` + words + `"`:                                             whole,
			`{"errors": ["` + words + `"]}`:                               whole,
			`{"error": "` + words + `"}`:                                  whole,
			`{"detail": "` + words + `"}`:                                 whole,
			`{"messages": "` + words + `"}`:                               whole,
			`{"messages": ["` + words + `"]}`:                             whole,
			`{"non_field_errors": ["` + words + `"]}`:                     whole,
			`{"` + write.field + `": ["` + words + `"]}`:                  field,
			`{"` + write.field + `": "` + words + `"}`:                    field,
			`{"errors": {"` + write.field + `": ["` + words + `"]}}`:      field,
			`{"router": ["` + words + `"]}`:                               " REFUSED router: " + words,
			`{"code": 7, "` + write.field + `": ["` + words + `", null]}`: field,
		} {
			bubbled(t, name+" "+shape, func(t *testing.T) {
				refuse(t, name, canned{400, shape}, want)
				refuse(t, name, canned{422, shape}, want)
			})
		}
	}
}

// Several words reach the caller together. None of them is HTML, endless, or holds the key.
func Test13_7_WordsAreFitForCallers(t *testing.T) {
	t.Parallel()
	for name, write := range refusable {
		bubbled(t, name, func(t *testing.T) {
			refuse(t, name, canned{400, `{"detail": "Revise.", "` + write.field + `": ["No.", "Nunca."]}`},
				" REFUSED Revise.", write.path+" REFUSED No. Nunca.")
			for _, wordless := range []string{htmlPage, `{}`, `[]`, `null`, `{"a": 5}`, `{"detail": "<p>No</p>"}`, `{"detail": ["`, ``} {
				refuse(t, name, canned{400, wordless}, " REFUSED WispHub refused this.")
			}
		})
		bubbled(t, name+" key", func(t *testing.T) {
			upstream, provider, _ := newLiteral(t, func(*Config) {})
			upstream.set("GET /tickets/500/", canned{200, ticketJSON("")})
			long := strings.Repeat("ñ", 5_000)
			upstream.set(write.call, canned{400, `{"detail": "Api-Key ` + wisphubtest.Key + `", "` + write.field + `": ["` + long + `", "` + long + `"]}`})
			wrong, err := write.send(t.Context(), provider)
			if err != nil || len(wrong) != 2 {
				t.Fatalf("%s = %v, %v, want two user errors", name, wrong, err)
			}
			for _, e := range wrong {
				if strings.Contains(e.Message, wisphubtest.Key) || len([]rune(e.Message)) > 1_000 {
					t.Errorf("%s: message = %q, want a short one without the key", name, e.Message)
				}
			}
		})
	}
}

// A tenant may name the text of an answer another way.
func Test13_7_AnswerFieldOfTheTenant(t *testing.T) {
	t.Parallel()
	bubbled(t, "mensaje", func(t *testing.T) {
		upstream, provider, _ := newLiteral(t, func(cfg *Config) { cfg.TicketAnswerField = "texto" })
		upstream.set("GET /tickets/500/", canned{200, ticketJSON(`, "respuestas": []`)})
		upstream.set("POST /tickets/500/respuesta/", canned{400, `{"texto": ["No."]}`})
		payload, err := provider.Tickets.Answer(t.Context(), AnswerTicketInput{TicketID: 500, Text: "Hola"})
		if err != nil {
			t.Fatal(err)
		}
		wantUserErrors(t, "answerTicket", payload.UserErrors, "input.text REFUSED No.")
	})
}
