package isp

import (
	"context"
	"errors"
	"html"
	"strings"
	"time"
	"unicode"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// AnswerTicket adds an answer that the subscriber sees, and changes the ticket's state with it when one is given. With a key
// that was used in the last 24 hours it sends nothing, and returns what became of the first answer.
func (d *Desk) AnswerTicket(ctx context.Context, input AnswerTicketInput) (*TicketPayload, error) {
	about := func(*TicketPayload) []string { return []string{nodeID("ticket", input.TicketID)} }
	return audited(ctx, d, "answerTicket", about, func(ctx context.Context) (*TicketPayload, error) {
		if wrong := input.check(); len(wrong) > 0 {
			return &TicketPayload{UserErrors: wrong}, nil
		}
		return d.once(ctx, "answerTicket", input.KeyOwner, input.IdempotencyKey, func(ctx context.Context, sending func()) (*writeResult, error) {
			return d.withTicket(ctx, input.TicketID, func(ctx context.Context, before *Ticket) (*writeResult, error) {
				return d.answerTicket(ctx, &input, before, sending)
			})
		})
	})
}

func (d *Desk) answerTicket(ctx context.Context, input *AnswerTicketInput, before *Ticket, sending func()) (*writeResult, error) {
	request := wisphub.AnswerRequest{Text: asHTML(input.Text), Field: d.cfg.TicketAnswerField}
	if input.Status != nil {
		request.State = statusCode(*input.Status)
	}
	ctx, done, err := d.commit(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	sending()
	if err := d.api.Tickets.Answer(ctx, before.TicketID, request); err != nil {
		return d.failed(ctx, before.TicketID, err)
	}
	return d.changed(ctx, before.TicketID, func(after *Ticket) (userErrors, error) { return input.unkept(before, after) })
}

// errOtherAnswer: the ticket has a new answer, and it does not read as the one that was sent.
var errOtherAnswer = errors.New("the ticket has an answer more, of another text")

// unkept says what did not stick. When it cannot be told whether the answer is there, its outcome is unknown: whoever is told
// that it is not sends it again, and the subscriber reads it twice.
func (i *AnswerTicketInput) unkept(before, after *Ticket) (wrong userErrors, err error) {
	was, is := before.answersSaying(i.Text), after.answersSaying(i.Text)
	switch {
	case is.count > was.count, is.count > 0 && is.newest.After(was.newest):
	case len(after.Answers) > len(before.Answers), after.answersSaying("").newest.After(before.answersSaying("").newest):
		return nil, outcomeUnknown("ticket", errOtherAnswer)
	default:
		wrong.notApplied("text")
	}
	if i.Status != nil && after.Status != *i.Status {
		wrong.notApplied("status")
	}
	return wrong, nil
}

// saying are answers of one text. WispHub may send the latest alone (wisphub-net-api §6.2), so that their number does not tell
// everything.
type saying struct {
	count  int
	newest time.Time
}

// answersSaying finds the answers that say this, all for "".
func (t *Ticket) answersSaying(text string) (found saying) {
	text = lettersOf(text)
	for _, answer := range t.Answers {
		if text != "" && lettersOf(plainText(answer.Text)) != text {
			continue
		}
		found.count++
		if answer.CreatedAt.After(found.newest) {
			found.newest = answer.CreatedAt
		}
	}
	return found
}

// lettersOf is what is left of a text however it was kept: escaped once more, in other cases, without its emoji. A text
// without letters and digits is left as it is.
func lettersOf(value string) string {
	for range 3 {
		value = html.UnescapeString(value)
	}
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text.Fold(value))
	if letters == "" {
		return strings.TrimSpace(value)
	}
	return letters
}
