package isp

import (
	"context"
	"errors"
	"strconv"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// UpdateTicket changes state, priority or technician of a ticket, and reads it again.
func (d *Desk) UpdateTicket(ctx context.Context, input UpdateTicketInput) (*TicketPayload, error) {
	about := func(*TicketPayload) []string { return []string{nodeID("ticket", input.TicketID)} }
	return audited(ctx, d, "updateTicket", about, func(ctx context.Context) (*TicketPayload, error) {
		if wrong := input.check(); len(wrong) > 0 {
			return &TicketPayload{UserErrors: wrong}, nil
		}
		return d.once(ctx, "updateTicket", "", nil, func(ctx context.Context, _ func()) (*writeResult, error) {
			return d.withTicket(ctx, input.TicketID, func(ctx context.Context, before *Ticket) (*writeResult, error) {
				return d.updateTicket(ctx, &input, before)
			})
		})
	})
}

// withTicket does something with a ticket as WispHub has it now, one caller at a time.
func (d *Desk) withTicket(ctx context.Context, id int, do func(ctx context.Context, before *Ticket) (*writeResult, error)) (*writeResult, error) {
	release, err := d.locks.Acquire(ctx, "ticket/"+strconv.Itoa(id))
	if err != nil {
		return nil, err
	}
	defer release()
	before, err := d.tickets.reload(ctx, id)
	if err != nil {
		return nil, err
	}
	if before == nil {
		return refusedHere(noTicket()), nil
	}
	return do(ctx, before)
}

func noTicket() userErrors {
	var wrong userErrors
	wrong.add(CodeNotFound, "There is no such ticket.", "input", "ticketId")
	return wrong
}

func (d *Desk) updateTicket(ctx context.Context, input *UpdateTicketInput, before *Ticket) (*writeResult, error) {
	if wrong := d.checkTechnician(ctx, input.TechnicianID); len(wrong) > 0 {
		return refusedHere(wrong), nil
	}
	request, wrong := input.request(before)
	if len(wrong) > 0 {
		return refusedHere(wrong), nil
	}
	var err error
	if request.CustomSubject, err = d.customSubject(ctx, before); err != nil {
		return nil, err
	}
	ctx, done, err := d.commit(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := d.api.Tickets.Update(ctx, before.TicketID, request); err != nil {
		return d.failed(ctx, before.TicketID, err)
	}
	return d.changed(ctx, before.TicketID, func(after *Ticket) (userErrors, error) { return d.unkept(ctx, input, after), nil })
}

// request fills in the state that the ticket has when none is given: WispHub wants one.
func (i *UpdateTicketInput) request(before *Ticket) (request wisphub.UpdateTicketRequest, wrong userErrors) {
	status := before.Status
	if i.Status != nil {
		status = *i.Status
	}
	if request.State = statusCode(status); request.State == 0 {
		wrong.add(CodeRequired, "The ticket's state is unknown to this version and would get lost; give one.", "input", "status")
	}
	if i.Priority != nil {
		request.Priority = priorityCode(*i.Priority)
	}
	request.TechnicianID = i.TechnicianID
	return request, wrong
}

// failed is the outcome of a write to a ticket that WispHub has not accepted.
func (d *Desk) failed(ctx context.Context, id int, err error) (*writeResult, error) {
	wrong, err := d.refused("ticket", err, ticketPaths, []string{"input", "ticketId"})
	if errors.Is(err, ErrOutcomeUnknown) {
		d.lookAgain(ctx, func(ctx context.Context) error { return only(d.tickets.reload(ctx, id)) })
	}
	return sentOutcome(wrong, err)
}

// onChange is the outcome of a write to a ticket that WispHub has accepted: what judge says of a fresh read.
func (d *Desk) changed(ctx context.Context, id int, judge func(after *Ticket) (userErrors, error)) (*writeResult, error) {
	after, err := d.tickets.reload(ctx, id)
	if err != nil {
		d.lookAgain(ctx, func(ctx context.Context) error { return only(d.tickets.reload(ctx, id)) })
		return sentOutcome(nil, outcomeUnknown("ticket", err))
	}
	if after == nil {
		return &writeResult{userErrors: noTicket(), sent: true}, nil
	}
	wrong, err := judge(after)
	if err != nil {
		return sentOutcome(nil, err)
	}
	return &writeResult{ticketID: id, ticket: after, userErrors: wrong, sent: true}, nil
}

// unkept names the fields whose values did not stick.
func (d *Desk) unkept(ctx context.Context, input *UpdateTicketInput, after *Ticket) userErrors {
	var wrong userErrors
	if input.Status != nil && after.Status != *input.Status {
		wrong.notApplied("status")
	}
	if input.Priority != nil && after.Priority != *input.Priority {
		wrong.notApplied("priority")
	}
	if input.TechnicianID != nil && !d.isAssigned(ctx, after, *input.TechnicianID) {
		wrong.notApplied("technicianId")
	}
	return wrong
}

func (e *userErrors) notApplied(field string) {
	e.add(CodeNotApplied, "WispHub answered success, but a fresh read shows another value.", "input", field)
}

// isAssigned reports whether a ticket has the technician: it shows a name, a user, or both (wisphub-net-api §6.2). Of one
// whom the list of staff does not know, that it shows anybody has to do.
func (d *Desk) isAssigned(ctx context.Context, ticket *Ticket, technicianID int) bool {
	nobody := ticket.TechnicianName == "" && ticket.TechnicianEmail == ""
	if technicianID == 0 || nobody {
		return (technicianID == 0) == nobody
	}
	person, err := d.staff.Get(ctx, technicianID)
	if err != nil || person == nil {
		return true
	}
	same := func(a, b Text) bool { return a != "" && text.Fold(string(a)) == text.Fold(string(b)) }
	return same(person.Name, ticket.TechnicianName) || same(person.Username, ticket.TechnicianEmail) ||
		same(person.Email, ticket.TechnicianEmail)
}
