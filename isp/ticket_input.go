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
	// Subject is a subject of the catalogue, whose case and accents do not matter, or any other text.
	Subject     string
	Description string
	// TechnicianID is nil or 0 for no technician.
	TechnicianID *int
	// Priority is nil to derive it from the subject.
	Priority *TicketPriority
	// IdempotencyKey is chosen by the caller. Repeating it does not open a second ticket. Nil for
	// none.
	IdempotencyKey *string
	// KeyOwner is the user whose key it is. Two users may choose the same key.
	KeyOwner string
	// ZoneID is used if the client has no zone; 0 for none.
	ZoneID int
}

// UpdateTicketInput is a change of a ticket. A nil field leaves the ticket's field as it is.
type UpdateTicketInput struct {
	TicketID int
	Status   *TicketStatus
	Priority *TicketPriority
	// TechnicianID is 0 for no technician.
	TechnicianID *int
}

// AnswerTicketInput is an answer to a ticket. The subscriber sees it.
type AnswerTicketInput struct {
	TicketID int
	Text     string
	// Status is the ticket's new status, nil to leave it as it is.
	Status *TicketStatus
	// IdempotencyKey and KeyOwner are as in [CreateTicketInput].
	IdempotencyKey *string
	KeyOwner       string
}

// TicketPayload is the result of a write to a ticket.
type TicketPayload struct {
	// Ticket is the ticket as read back, also beside NOT_APPLIED errors. It is nil if nothing was
	// changed.
	Ticket     *Ticket
	UserErrors []*UserError

	repeated bool // see mutationPayload
}

// Check returns all mistakes that the input alone shows. It is never nil.
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

// check returns all mistakes in the input. It is never nil.
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

// check returns all mistakes in the input. It is never nil.
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
		e.add(CodeInvalid, "Must be a member of the staff, or 0 for none.", "input", "technicianId")
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

// statusCode returns WispHub's code of a status, 0 for UNKNOWN, which cannot be written.
func statusCode(status TicketStatus) wisphub.TicketState {
	for code, known := range ticketStatuses {
		if known == status {
			return code
		}
	}
	return wisphub.TicketStateUnknown
}

// priorityCode returns WispHub's code of a priority, 0 for UNKNOWN, which cannot be written.
func priorityCode(priority TicketPriority) wisphub.TicketPriority {
	for code, known := range ticketPriorities {
		if known == priority {
			return code
		}
	}
	return wisphub.TicketPriorityUnknown
}

// asHTML escapes plain text, because WispHub shows it as HTML. What a subscriber writes must not
// run as a script in WispHub's panel.
func asHTML(text string) string { return htmlEscapes.Replace(text) }

var htmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// withoutTags escapes what begins and ends a tag in a text that WispHub does not take for HTML, so
// that no page of its panel can run it. It leaves &, which such texts show as it is.
func withoutTags(text string) string { return tagEscapes.Replace(text) }

// withTags undoes withoutTags.
func withTags(text string) string { return tagTexts.Replace(text) }

var (
	tagEscapes = strings.NewReplacer("<", "&lt;", ">", "&gt;")
	tagTexts   = strings.NewReplacer("&lt;", "<", "&gt;", ">")
)

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
