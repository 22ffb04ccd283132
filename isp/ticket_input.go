package isp

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// CreateTicketInput is a new ticket.
type CreateTicketInput struct {
	ServiceID int
	// Subject is one of the catalogue, without regard to case and accents, or any other text.
	Subject     string
	Description string
	// TechnicianID is nobody for nil and 0.
	TechnicianID *int
	// Priority is derived from the subject when nil.
	Priority *TicketPriority
	// IdempotencyKey is what the caller knows the ticket by; nil for none.
	IdempotencyKey *string
	// KeyOwner is whose key that is: two owners may choose the same.
	KeyOwner string
	// ZoneID counts for clients without a zone; 0 for none.
	ZoneID int
}

// UpdateTicketInput is what is to change in a ticket. A nil field stays as it is.
type UpdateTicketInput struct {
	TicketID int
	Status   *TicketStatus
	Priority *TicketPriority
	// TechnicianID is 0 for nobody.
	TechnicianID *int
}

// AnswerTicketInput is an answer to a ticket, which its subscriber sees.
type AnswerTicketInput struct {
	TicketID int
	Text     string
	// Status is the ticket's after it, nil for the one it has.
	Status *TicketStatus
	// IdempotencyKey and KeyOwner are those of [CreateTicketInput].
	IdempotencyKey *string
	KeyOwner       string
}

// TicketPayload is what became of the write of a ticket.
type TicketPayload struct {
	// Ticket is the ticket as a fresh read shows it, also beside what did not stick; nil when nothing was changed.
	Ticket     *Ticket
	UserErrors []*UserError

	repeated bool // see payload
}

// Check says all that is wrong with the input by itself. It is never nil.
func (i *CreateTicketInput) Check() []*UserError { return i.check() }

func (i *CreateTicketInput) check() userErrors {
	i.Subject, i.Description = strings.TrimSpace(i.Subject), strings.TrimSpace(i.Description)
	wrong := userErrors{}
	wrong.positive(i.ServiceID, "serviceId")
	wrong.text(i.Subject, MaxSubject, false, "subject")
	wrong.text(i.Description, MaxTicketText, true, "description")
	wrong.technician(i.TechnicianID)
	wrong.priority(i.Priority)
	wrong.key(i.IdempotencyKey)
	if i.ZoneID < 0 {
		wrong.add(CodeInvalid, "Must be 1 or more.", "input", "zoneId")
	}
	return wrong
}

// result says all that is wrong with the input. It is never nil.
func (i *UpdateTicketInput) check() userErrors {
	wrong := userErrors{}
	wrong.positive(i.TicketID, "ticketId")
	wrong.status(i.Status)
	wrong.priority(i.Priority)
	wrong.technician(i.TechnicianID)
	if i.Status == nil && i.Priority == nil && i.TechnicianID == nil {
		wrong.add(CodeRequired, "Nothing to change was given.")
	}
	return wrong
}

// result says all that is wrong with the input. It is never nil.
func (i *AnswerTicketInput) check() userErrors {
	i.Text = strings.TrimSpace(i.Text)
	wrong := userErrors{}
	wrong.positive(i.TicketID, "ticketId")
	wrong.text(i.Text, MaxTicketText, true, "text")
	wrong.status(i.Status)
	wrong.key(i.IdempotencyKey)
	return wrong
}

func (e *userErrors) positive(id int, field string) {
	if id < 1 {
		e.add(CodeInvalid, "Must be 1 or more.", "input", field)
	}
}

func (e *userErrors) text(value string, most int, lines bool, field string) {
	if message := text.Check(value, most, lines); message != "" {
		e.add(CodeInvalid, message, "input", field)
	}
	if text.IsBlank(value) {
		e.add(CodeRequired, "Must not be empty.", "input", field)
	}
}

func (e *userErrors) technician(id *int) {
	if id != nil && *id < 0 {
		e.add(CodeInvalid, "Must be a member of the staff, or 0 for nobody.", "input", "technicianId")
	}
}

func (e *userErrors) priority(priority *TicketPriority) {
	if priority != nil && priorityCode(*priority) == 0 {
		e.add(CodeInvalid, "Must be a priority that a ticket can be given.", "input", "priority")
	}
}

func (e *userErrors) status(status *TicketStatus) {
	if status != nil && statusCode(*status) == 0 {
		e.add(CodeInvalid, "Must be a state that a ticket can be given.", "input", "status")
	}
}

func (e *userErrors) key(key *string) {
	if key != nil && (strings.TrimSpace(*key) == "" || utf8.RuneCountInString(*key) > MaxIdempotencyKey) {
		e.add(CodeInvalid, fmt.Sprintf("Must be 1 to %d characters.", MaxIdempotencyKey), "input", "idempotencyKey")
	}
}

// statusCode is WispHub's code of a state; 0 for UNKNOWN, which cannot be written.
func statusCode(status TicketStatus) wisphub.TicketState {
	for code, known := range ticketStatuses {
		if known == status {
			return code
		}
	}
	return wisphub.TicketStateUnknown
}

// priorityCode is WispHub's code of a priority; 0 for UNKNOWN, which cannot be written.
func priorityCode(priority TicketPriority) wisphub.TicketPriority {
	for code, known := range ticketPriorities {
		if known == priority {
			return code
		}
	}
	return wisphub.TicketPriorityUnknown
}

// asHTML writes plain text as the HTML that WispHub keeps and shows: what subscribers write must not be run in the panel.
func asHTML(text string) string { return htmlEscapes.Replace(text) }

var htmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

var createTicketPaths = inputPaths{
	"servicio":        {"input", "serviceId"},
	"asunto":          {"input", "subject"},
	"asuntos_default": {"input", "subject"},
	"descripcion":     {"input", "description"},
	"tecnico":         {"input", "technicianId"},
	"prioridad":       {"input", "priority"},
}

var updateTicketPaths = inputPaths{
	"tecnico":   {"input", "technicianId"},
	"prioridad": {"input", "priority"},
	"estado":    {"input", "status"},
}

// answerTicketPaths depend on WispHub's name of the text, which can be configured.
func (t *Tickets) answerTicketPaths() inputPaths {
	return inputPaths{
		"estado":                           {"input", "status"},
		"ticket-estado":                    {"input", "status"},
		cmp.Or(t.answerField, "respuesta"): {"input", "text"},
	}
}
