package isp

import (
	"cmp"
	"context"
	"errors"
	"time"

	"wisphub-graphql/wisphub"
)

// department is the only one that every client of WispHub's uses (wisphub-net-api §3).
const department = "Soporte Técnico"

// CreateTicket opens a ticket, unless its zone is full. With a key that was used in the last 24 hours it sends nothing, and
// returns what became of the first ticket.
func (d *Desk) CreateTicket(ctx context.Context, input CreateTicketInput) (*TicketPayload, error) {
	about := func(payload *TicketPayload) []string {
		ids := []string{nodeID("client", input.ServiceID)}
		if payload != nil && payload.ticketID > 0 {
			ids = append(ids, nodeID("ticket", payload.ticketID))
		}
		return ids
	}
	return audited(ctx, d, "createTicket", about, func(ctx context.Context) (*TicketPayload, error) {
		if wrong := input.check(); len(wrong) > 0 {
			return &TicketPayload{UserErrors: wrong}, nil
		}
		return d.once(ctx, "createTicket", input.KeyOwner, input.IdempotencyKey, func(ctx context.Context, sending func()) (*writeResult, error) {
			return d.createTicket(ctx, &input, sending)
		})
	})
}

// once is outcomes.once for keys that belong to somebody, and tells what became of the write.
func (d *Desk) once(ctx context.Context, action, owner string, key *string, write func(context.Context, func()) (*writeResult, error)) (*TicketPayload, error) {
	if key != nil {
		key = new(owner + "\x00" + *key)
	}
	repeated := true
	done, err := d.outcomes.once(ctx, action, key, func(ctx context.Context, sending func()) (*writeResult, error) {
		repeated = false
		return write(ctx, sending)
	})
	if err != nil {
		return &TicketPayload{UserErrors: userErrors{}}, err
	}
	payload, err := d.ticketPayload(ctx, done)
	payload.repeated = repeated
	return payload, err
}

// createTicket is CreateTicket for input that makes sense, once.
func (d *Desk) createTicket(ctx context.Context, input *CreateTicketInput, sending func()) (*writeResult, error) {
	client, err := d.client(ctx, input.ServiceID)
	if err != nil {
		return nil, err
	}
	if client == nil {
		return refusedHere(noClient("input", "serviceId")), nil
	}
	if wrong := d.checkTechnician(ctx, input.TechnicianID); len(wrong) > 0 {
		return refusedHere(wrong), nil
	}
	request := d.ticketRequest(ctx, input)
	zone := client.zoneID()
	if zone == 0 {
		zone = input.ZoneID
	}
	return d.inZone(ctx, zone, input.ServiceID, func(ctx context.Context) (*writeResult, error) {
		sending()
		return d.openTicket(ctx, request)
	})
}

func (d *Desk) ticketRequest(ctx context.Context, input *CreateTicketInput) wisphub.CreateTicketRequest {
	now := time.Now().In(d.cfg.TimeZone)
	request := wisphub.CreateTicketRequest{
		ServiceID:   input.ServiceID,
		Description: asHTML(input.Description),
		State:       d.defaultStatus(),
		Priority:    priorityCode(PriorityOf(input.Subject)),
		Department:  department,
		Start:       now,
		End:         d.calendar.After(now, d.cfg.MaxTicketResolutionDays),
	}
	subject, listed := d.subjectOf(ctx, input.Subject)
	request.Subject, request.CustomSubject = subject, !listed
	if input.Priority != nil {
		request.Priority = priorityCode(*input.Priority)
	}
	if input.TechnicianID != nil {
		request.TechnicianID = *input.TechnicianID
	}
	return request
}

// openTicket sends the ticket and reads it again. Where that fails, WispHub's answer has to do: it has the ticket's id, which
// nobody invents, and whoever is told of a failure opens another.
func (d *Desk) openTicket(ctx context.Context, request wisphub.CreateTicketRequest) (*writeResult, error) {
	began := time.Now()
	row, err := d.api.Tickets.Create(ctx, request)
	if err != nil {
		wrong, err := d.refused("ticket", err, ticketPaths, []string{"input", "serviceId"})
		if errors.Is(err, ErrOutcomeUnknown) {
			d.tickets.recent.Expire()
		}
		return sentOutcome(wrong, err)
	}
	ticket, err := d.tickets.reload(ctx, int(row.ID))
	switch {
	case err != nil:
		ticket = newTicket(row, d.cfg.TimeZone)
		d.tickets.publish(began, ticket)
		d.lookAgain(ctx, func(ctx context.Context) error { return only(d.tickets.reload(ctx, ticket.TicketID)) })
	case ticket == nil:
		var wrong userErrors
		wrong.add(CodeNotApplied, "WispHub answered success, but a fresh read does not show the ticket.")
		return &writeResult{userErrors: wrong, sent: true}, nil
	}
	return &writeResult{ticketID: ticket.TicketID, ticket: ticket, sent: true}, nil
}

// ticketPayload is what the caller is told. The ticket of an earlier call is shown as it is now.
func (d *Desk) ticketPayload(ctx context.Context, done *writeResult) (*TicketPayload, error) {
	payload := &TicketPayload{Ticket: done.ticket, UserErrors: done.userErrors, ticketID: done.ticketID}
	if payload.UserErrors == nil {
		payload.UserErrors = userErrors{}
	}
	if done.unknown {
		return payload, cmp.Or(done.cause, ErrOutcomeUnknown)
	}
	if payload.Ticket != nil || done.ticketID == 0 {
		return payload, nil
	}
	var err error
	payload.Ticket, err = d.tickets.Get(ctx, done.ticketID)
	return payload, err
}

// refusedHere is the outcome of what was not sent.
func refusedHere(wrong userErrors) *writeResult { return &writeResult{userErrors: wrong} }

// sentOutcome is the outcome of what WispHub refused, or has not answered. Errors that remain mean that nothing was changed.
func sentOutcome(wrong userErrors, err error) (*writeResult, error) {
	switch {
	case errors.Is(err, ErrOutcomeUnknown):
		return &writeResult{unknown: true, sent: true, cause: err}, nil
	case err != nil:
		return nil, err
	}
	return &writeResult{userErrors: wrong, sent: true}, nil
}
