package isp

import (
	"cmp"
	"context"

	"wisphub-graphql/wisphub"
)

// AnswerTicket adds an answer that the subscriber sees, and changes the ticket's state with it when one is given. With a key
// that was used in the last 24 hours it sends nothing, and returns what became of the first answer.
func (d *Desk) AnswerTicket(ctx context.Context, input AnswerTicketInput) (payload *TicketPayload, err error) {
	payload = &TicketPayload{UserErrors: input.check()}
	result := ""
	defer func() {
		d.note(ctx, "answerTicket", cmp.Or(result, resultOf(payload, err)), nodeID("ticket", input.TicketID))
	}()
	if len(payload.UserErrors) > 0 {
		return payload, nil
	}
	done, repeated, err := d.once(ctx, "answerTicket", input.KeyOwner, input.IdempotencyKey, func(ctx context.Context) (*outcome, error) {
		return d.withTicket(ctx, input.TicketID, func(ctx context.Context, before *Ticket) (*outcome, error) {
			return d.answerTicket(ctx, &input, before)
		})
	})
	if err != nil {
		return payload, err
	}
	if repeated {
		result = resultRepeated
	}
	return d.ticketPayload(ctx, done)
}

// answerTicket sends the answer. That it is there is known when the ticket has it once more than before.
func (d *Desk) answerTicket(ctx context.Context, input *AnswerTicketInput, before *Ticket) (*outcome, error) {
	request := wisphub.AnswerRequest{Text: asHTML(input.Text), Field: d.cfg.TicketAnswerField}
	if input.Status != nil {
		request.State = statusCode(*input.Status)
	}
	ctx = committed(ctx)
	if err := d.api.Tickets.Answer(ctx, before.TicketID, request); err != nil {
		return d.failed(ctx, before.TicketID, err)
	}
	return d.changed(ctx, before.TicketID, func(after *Ticket) userErrors {
		var wrong userErrors
		if after.answered(input.Text) <= before.answered(input.Text) {
			wrong.notApplied("text")
		}
		if input.Status != nil && after.Status != *input.Status {
			wrong.notApplied("status")
		}
		return wrong
	})
}

// answered counts the answers that say this.
func (t *Ticket) answered(text string) (times int) {
	said := fold(text)
	for _, answer := range t.Answers {
		if fold(plainText(answer.Text)) == said {
			times++
		}
	}
	return times
}
