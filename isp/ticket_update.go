package isp

import (
	"context"
	"errors"
	"strconv"

	"wisphub-graphql/cache/shared"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// Update changes the status, priority or technician of a ticket, and reads it back.
func (t *Tickets) Update(ctx context.Context, input UpdateTicketInput) (payload *TicketPayload, err error) {
	ctx, write, err := t.mutations.begin(ctx, "updateTicket", nodeID("ticket", input.TicketID))
	if err != nil {
		return nil, err
	}
	defer endMutation(write, &payload, &err)
	if wrong := input.check(); len(wrong) > 0 {
		return &TicketPayload{UserErrors: wrong}, nil
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
	request, wrong, err := t.updateRequest(ctx, &input, before)
	if err != nil || len(wrong) > 0 {
		return &TicketPayload{UserErrors: wrong}, err
	}
	ctx, cancel, err := write.commit(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	// The request repeats what the ticket had, so no other replica may have changed it meanwhile.
	if err := t.mutations.publish.reserve(ctx, []*shared.Held{lock}); err != nil {
		return nil, err
	}
	write.changes = input.changes(before, nil)
	result, err := t.sendUpdate(ctx, &input, request)
	if err != nil {
		return nil, err
	}
	if result.ticket != nil {
		write.changes = input.changes(before, result.ticket)
	}
	return result.payload()
}

// ticketLock names the lock under which one write at a time changes a ticket.
func ticketLock(ticketID int) string { return "ticket/" + strconv.Itoa(ticketID) }

// updateRequest returns what to send. WispHub requires the status and the subject, so it repeats
// those that the ticket has.
func (t *Tickets) updateRequest(ctx context.Context, input *UpdateTicketInput, before *Ticket) (request wisphub.UpdateTicketRequest, wrong userErrors, err error) {
	if wrong := t.checkTechnician(ctx, input.TechnicianID); len(wrong) > 0 {
		return request, wrong, nil
	}
	status := before.Status
	if input.Status != nil {
		status = *input.Status
	}
	if request.State = statusCode(status); request.State == 0 {
		wrong.add(CodeRequired, "The ticket's state is unknown to this version and would get lost; give one.", "input", "status")
		return request, wrong, nil
	}
	if input.Priority != nil {
		request.Priority = priorityCode(*input.Priority)
	}
	request.TechnicianID = input.TechnicianID
	request.CustomSubject, err = t.subjects.forUpdate(ctx, before)
	return request, nil, err
}

// sendUpdate sends a change and reads the ticket back. An error means that nothing was changed.
func (t *Tickets) sendUpdate(ctx context.Context, input *UpdateTicketInput, request wisphub.UpdateTicketRequest) (*writeResult, error) {
	if err := t.api.Tickets.Update(ctx, input.TicketID, request); err != nil {
		return t.changeRejected(ctx, input.TicketID, err, updateTicketPaths)
	}
	after, result := t.readBack(ctx, input.TicketID)
	if after == nil {
		return result, nil
	}
	if input.Status != nil && after.StatusLabel == "" || input.Priority != nil && after.PriorityLabel == "" {
		return rejectedResult(nil, outcomeUnknown("ticket", errNoStatus))
	}
	return &writeResult{ticketID: input.TicketID, ticket: after, userErrors: t.notApplied(ctx, input, after)}, nil
}

// errNoStatus means that WispHub sent the ticket without the state or the priority that was changed.
var errNoStatus = errors.New("the ticket was read without its state or priority")

// notApplied names the fields of the input that the ticket does not have.
func (t *Tickets) notApplied(ctx context.Context, input *UpdateTicketInput, after *Ticket) userErrors {
	var wrong userErrors
	if input.Status != nil && after.Status != *input.Status {
		wrong.notApplied("status")
	}
	if input.Priority != nil && after.Priority != *input.Priority {
		wrong.notApplied("priority")
	}
	if input.TechnicianID != nil && !t.isAssigned(ctx, after, *input.TechnicianID) {
		wrong.notApplied("technicianId")
	}
	return wrong
}

// isAssigned reports whether a ticket has the technician, or none for 0. A ticket shows a name, a
// username, or both (wisphub-net-api §6.2). If the staff list does not have the technician, a
// ticket that shows any technician counts as assigned.
func (t *Tickets) isAssigned(ctx context.Context, ticket *Ticket, technicianID int) bool {
	unassigned := ticket.TechnicianName == "" && ticket.TechnicianEmail == ""
	if technicianID == 0 || unassigned {
		return (technicianID == 0) == unassigned
	}
	technician, err := t.staff.Get(ctx, technicianID)
	if err != nil || technician == nil {
		return true
	}
	same := func(a, b Text) bool { return a != "" && text.Fold(string(a)) == text.Fold(string(b)) }
	return same(technician.Name, ticket.TechnicianName) || same(technician.Username, ticket.TechnicianEmail) ||
		same(technician.Email, ticket.TechnicianEmail)
}

// checkTechnician rejects a technician that the staff list does not have. If the list cannot be
// read, WispHub decides.
func (t *Tickets) checkTechnician(ctx context.Context, id *int) userErrors {
	if id == nil || *id == 0 {
		return nil
	}
	var wrong userErrors
	if technician, err := t.staff.Get(ctx, *id); err == nil && technician == nil {
		wrong.add(CodeNotFound, "There is no such member of the staff.", "input", "technicianId")
	}
	return wrong
}
