package isp

import (
	"context"
	"errors"
	"html"
	"strings"
	"time"
	"unicode"

	"wisphub-graphql/cache/shared"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// Answer adds an answer that the subscriber sees, and changes the ticket's status if one is given.
// Repeating an idempotency key within 24 hours sends nothing and returns the first result,
// whatever the input is.
func (t *Tickets) Answer(ctx context.Context, input AnswerTicketInput) (payload *TicketPayload, err error) {
	ctx, write, err := t.mutations.begin(ctx, "answerTicket", nodeID("ticket", input.TicketID))
	if err != nil {
		return nil, err
	}
	defer endMutation(write, &payload, &err)
	if wrong := input.check(); len(wrong) > 0 {
		return &TicketPayload{UserErrors: wrong}, nil
	}
	key, err := t.mutations.keys.acquire(ctx, "answerTicket", input.KeyOwner, input.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	defer key.release()
	if key.result != nil {
		return t.repeated(ctx, key.result)
	}
	lock, err := t.mutations.locks.Acquire(ctx, ticketLock(input.TicketID))
	if err != nil {
		return nil, lockError(err)
	}
	defer lock.Release()
	before, err := t.reload(ctx, input.TicketID)
	if err != nil {
		return nil, err
	}
	if before == nil {
		return &TicketPayload{UserErrors: noTicket()}, nil
	}
	ctx, cancel, err := write.commit(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if err := t.mutations.publish.reserve(ctx, []*shared.Held{lock}, key); err != nil {
		return nil, err
	}
	result, err := t.sendAnswer(ctx, &input, before)
	t.mutations.publish.conclude(ctx, result, err, key)
	if err != nil {
		return nil, err
	}
	write.changes = input.changes(before, result)
	return result.payload()
}

// sendAnswer sends an answer and reads the ticket back. An error means that nothing was changed.
func (t *Tickets) sendAnswer(ctx context.Context, input *AnswerTicketInput, before *Ticket) (*writeResult, error) {
	request := wisphub.AnswerRequest{Text: asHTML(input.Text), Field: t.answerField}
	if input.Status != nil {
		request.State = statusCode(*input.Status)
	}
	sent := time.Now()
	if err := t.api.Tickets.Answer(ctx, input.TicketID, request); err != nil {
		return t.changeRejected(ctx, input.TicketID, err, t.answerTicketPaths())
	}
	after, result := t.readBack(ctx, input.TicketID)
	if after == nil {
		return result, nil
	}
	wrong, err := input.notApplied(before, after, sent)
	if err != nil {
		return rejectedResult(nil, err)
	}
	return &writeResult{ticketID: input.TicketID, ticket: after, userErrors: wrong}, nil
}

var (
	// errOtherAnswer means that the ticket has a new answer whose text differs from the one sent.
	errOtherAnswer = errors.New("the ticket has a new answer with another text")
	// errNoAnswers means that WispHub sent the ticket without its answers.
	errNoAnswers = errors.New("the ticket was read without its answers")
	// errOldAnswer means that the answer may be an older one with the same text.
	errOldAnswer = errors.New("the ticket has an answer with this text that may be an older one")
)

// answerClockSkew is how far WispHub's clock may be behind ours.
const answerClockSkew = time.Minute

// notApplied names the fields of the input that the ticket does not have. If the ticket was read
// without its answers, or has a new one that may or may not be the one sent, the outcome is unknown: a
// caller who is told that the answer is missing sends it again, and the subscriber reads it twice. If
// the answers before the write are not known, only its time shows that an answer is the new one.
func (i *AnswerTicketInput) notApplied(before, after *Ticket, sent time.Time) (wrong userErrors, err error) {
	old, now := before.answersWith(i.Text), after.answersWith(i.Text)
	switch {
	case after.Answers == nil:
		return nil, outcomeUnknown("ticket", errNoAnswers)
	case before.Answers == nil && now.count > 0 && now.newest.Before(sent.Add(-answerClockSkew)):
		return nil, outcomeUnknown("ticket", errOldAnswer)
	case now.count > old.count, now.count > 0 && now.newest.After(old.newest):
	case len(after.Answers) > len(before.Answers), after.answersWith("").newest.After(before.answersWith("").newest):
		return nil, outcomeUnknown("ticket", errOtherAnswer)
	default:
		wrong.notApplied("text")
	}
	if i.Status != nil && after.StatusLabel == "" {
		return nil, outcomeUnknown("ticket", errNoStatus)
	}
	if i.Status != nil && after.Status != *i.Status {
		wrong.notApplied("status")
	}
	return wrong, nil
}

// sameAnswers are the answers of a ticket with one text. WispHub may list the latest answer only
// (wisphub-net-api §6.2), so the count alone does not show a new one.
type sameAnswers struct {
	count  int
	newest time.Time
}

// answersWith finds the answers with the text, all answers for "".
func (t *Ticket) answersWith(text string) (found sameAnswers) {
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

// lettersOf returns the folded letters and digits of a text. They are the same if WispHub escaped
// the text once more or dropped its emoji. A text without letters and digits is returned trimmed.
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
