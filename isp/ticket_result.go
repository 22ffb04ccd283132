package isp

import (
	"cmp"
	"context"
	"errors"
)

// payload returns what the caller of the first write is told.
func (r *writeResult) payload() (*TicketPayload, error) {
	payload := &TicketPayload{Ticket: r.ticket, UserErrors: r.userErrors}
	if payload.UserErrors == nil {
		payload.UserErrors = userErrors{}
	}
	if r.unknown {
		return payload, cmp.Or(r.cause, ErrOutcomeUnknown)
	}
	return payload, nil
}

// repeated returns what the caller of a repeated write is told: the recorded result, with the
// ticket as it is now.
func (t *Tickets) repeated(ctx context.Context, result *writeResult) (*TicketPayload, error) {
	payload, err := result.payload()
	payload.repeated = true
	if err == nil && result.ticketID != 0 {
		payload.Ticket, err = t.Get(ungated(ctx), result.ticketID)
	}
	return payload, err
}

// rejectedResult returns the result of a write that WispHub rejected, or whose outcome is unknown.
// For any other error it returns that error, which means that nothing was changed.
func rejectedResult(wrong userErrors, err error) (*writeResult, error) {
	switch {
	case errors.Is(err, ErrOutcomeUnknown):
		return &writeResult{unknown: true, cause: err}, nil
	case err != nil:
		return nil, err
	}
	return &writeResult{userErrors: wrong}, nil
}

// changeRejected is rejectedResult for a change of an existing ticket, with WispHub's error. It reads
// the ticket again if the outcome is unknown.
func (t *Tickets) changeRejected(ctx context.Context, ticketID int, err error, paths inputPaths) (*writeResult, error) {
	wrong, err := t.mutations.rejection("ticket", err, paths, []string{"input", "ticketId"})
	if errors.Is(err, ErrOutcomeUnknown) {
		t.recheck(ctx, ticketID)
	}
	return rejectedResult(wrong, err)
}

// readWritten reads a ticket after WispHub accepted a write of it.
func (t *Tickets) readWritten(ctx context.Context, ticketID int) (*Ticket, error) {
	return readWritten(ctx, func(ctx context.Context) (*Ticket, error) { return t.reload(ctx, ticketID) })
}

// readBack reads a ticket after WispHub accepted a change of it. If it cannot be read or is not found,
// the outcome is unknown, and readBack returns the result of the write.
func (t *Tickets) readBack(ctx context.Context, ticketID int) (*Ticket, *writeResult) {
	after, err := t.readWritten(ctx, ticketID)
	if err != nil {
		t.recheck(ctx, ticketID)
		return nil, &writeResult{unknown: true, cause: outcomeUnknown("ticket", err)}
	}
	return after, nil
}

// recheck reads a ticket again after a write with an unknown outcome.
func (t *Tickets) recheck(ctx context.Context, ticketID int) {
	t.mutations.recheck(ctx, func(ctx context.Context) error {
		_, err := t.reload(ctx, ticketID)
		return err
	})
}

func noTicket() userErrors {
	var wrong userErrors
	wrong.add(CodeNotFound, "There is no such ticket.", "input", "ticketId")
	return wrong
}

func (e *userErrors) notApplied(field string) {
	e.add(CodeNotApplied, "WispHub answered success, but a fresh read shows another value.", "input", field)
}
