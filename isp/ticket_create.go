package isp

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"wisphub-graphql/wisphub"
)

// department is the only one that WispHub's own clients use (wisphub-net-api §3).
const department = "Soporte Técnico"

// Create opens a ticket unless its zone is full. Repeating an idempotency key within 24 hours
// sends nothing and returns the first result, whatever the input is.
func (t *Tickets) Create(ctx context.Context, input CreateTicketInput) (payload *TicketPayload, err error) {
	ctx, write, err := t.mutations.begin(ctx, "createTicket", nodeID("client", input.ServiceID))
	if err != nil {
		return nil, err
	}
	defer endMutation(write, &payload, &err)
	if wrong := input.check(); len(wrong) > 0 {
		return &TicketPayload{UserErrors: wrong}, nil
	}
	key, err := t.mutations.keys.acquire(ctx, "createTicket", input.KeyOwner, input.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	defer key.release()
	if key.result != nil {
		write.aboutTicket(key.result)
		return t.repeated(ctx, key.result)
	}
	request, zoneID, wrong, err := t.newRequest(ctx, &input)
	if err != nil || len(wrong) > 0 {
		return &TicketPayload{UserErrors: wrong}, err
	}
	zone, err := t.lockZone(ctx, zoneID)
	if err != nil {
		return nil, err
	}
	defer zone.release()
	full, err := t.isFull(ctx, zone, input.ServiceID)
	if err != nil {
		return nil, err
	}
	if full {
		return &TicketPayload{UserErrors: zoneFull(t.maximum)}, nil
	}
	ctx, cancel, err := write.commit(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if err := t.mutations.publish.reserve(ctx, nil, key, zone); err != nil {
		return nil, err
	}
	result, err := t.sendNew(ctx, request)
	t.mutations.publish.conclude(ctx, result, err, key, zone)
	if err != nil {
		return nil, err
	}
	write.aboutTicket(result)
	return result.payload()
}

// newRequest returns what to send, and the zone in which the ticket takes a place; 0 for none.
func (t *Tickets) newRequest(ctx context.Context, input *CreateTicketInput) (request wisphub.CreateTicketRequest, zoneID int, wrong userErrors, err error) {
	client, err := t.clients.getOrFetch(ctx, input.ServiceID)
	if err != nil {
		return request, 0, nil, err
	}
	if client == nil {
		return request, 0, noClient("input", "serviceId"), nil
	}
	if wrong := t.checkTechnician(ctx, input.TechnicianID); len(wrong) > 0 {
		return request, 0, wrong, nil
	}
	if zoneID = client.zoneID(); zoneID == 0 {
		zoneID = input.ZoneID
	}
	now := time.Now().In(t.locale.zone)
	request = wisphub.CreateTicketRequest{
		ServiceID:   input.ServiceID,
		Description: asHTML(input.Description),
		State:       t.newStatus,
		Priority:    priorityCode(PriorityOf(input.Subject)),
		Department:  department,
		Start:       now,
		End:         t.calendar.After(now, t.resolutionDays),
	}
	subject, inCatalogue := t.subjects.forNew(ctx, input.Subject)
	request.Subject, request.CustomSubject = subject, !inCatalogue
	if utf8.RuneCountInString(subject) > MaxSubject {
		wrong.add(CodeInvalid, fmt.Sprintf("Must be at most %d characters; < and > count as four.", MaxSubject), "input", "subject")
		return request, 0, wrong, nil
	}
	if input.Priority != nil {
		request.Priority = priorityCode(*input.Priority)
	}
	if input.TechnicianID != nil {
		request.TechnicianID = *input.TechnicianID
	}
	return request, zoneID, nil, nil
}

// sendNew sends a ticket and reads it back. An error means that nothing was changed. If the read
// fails, the result is WispHub's answer: it has the ticket's id, and a caller who is told of a failure
// would open a second ticket. If the read does not find the ticket, the outcome is unknown.
func (t *Tickets) sendNew(ctx context.Context, request wisphub.CreateTicketRequest) (*writeResult, error) {
	began := t.overrides.readTime()
	row, err := t.api.Tickets.Create(ctx, request)
	if err != nil {
		wrong, err := t.mutations.rejection("ticket", err, createTicketPaths, []string{"input", "serviceId"})
		if errors.Is(err, ErrOutcomeUnknown) {
			t.recent.Expire()
		}
		return rejectedResult(wrong, err)
	}
	ticket, err := t.readWritten(ctx, int(row.ID))
	if errors.Is(err, errNotShown) {
		t.recheck(ctx, int(row.ID))
		return &writeResult{ticketID: int(row.ID), unknown: true, cause: outcomeUnknown("ticket", err)}, nil
	}
	if err != nil {
		ticket = newTicket(row, t.locale.zone)
		t.publish(began, ticket)
		t.recheck(ctx, ticket.TicketID)
	}
	return &writeResult{ticketID: ticket.TicketID, ticket: ticket}, nil
}

// aboutTicket adds the ticket that a write created to the audit record.
func (w *mutation) aboutTicket(result *writeResult) {
	if result.ticketID > 0 {
		w.nodeIDs = append(w.nodeIDs, nodeID("ticket", result.ticketID))
	}
}
