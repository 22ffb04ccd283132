package wisphub

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// ticketDate is the format of dates in ticket forms: the tenant's wall clock (wisphub-net-api
// §2.9).
const ticketDate = "02/01/2006 15:04"

// CreateTicketRequest is a new ticket. All fields are required unless marked as optional.
type CreateTicketRequest struct {
	ServiceID int
	// Subject is exactly one of the tenant's catalogue. With CustomSubject it may be any text.
	Subject       string
	CustomSubject bool
	Description   string
	State         TicketState
	Priority      TicketPriority
	Department    string

	// TechnicianID is the id of an employee. Optional; 0 assigns none.
	TechnicianID int
	// Start and End are when the work begins and ends, in the tenant's time zone: their wall clock
	// is sent. Optional.
	Start, End time.Time
	// FailureReason is free text. Source is a code such as "portal_cliente" (wisphub-net-api §3).
	// Optional.
	FailureReason, Source string
}

// form has the nine required fields, and the empty email_tecnico that every known program sends
// (wisphub-net-api §6.3).
func (r CreateTicketRequest) form() []field {
	form := []field{{"servicio", strconv.Itoa(r.ServiceID)}}
	form = append(form, subjectFields(r.Subject, r.CustomSubject)...)
	form = append(form,
		field{"tecnico", strconv.Itoa(r.TechnicianID)},
		field{"descripcion", r.Description},
		field{"estado", strconv.Itoa(int(r.State))},
		field{"prioridad", strconv.Itoa(int(r.Priority))},
		field{"departamento", r.Department},
		field{"departamentos_default", r.Department},
		field{"email_tecnico", ""},
	)
	for _, date := range []struct {
		name string
		at   time.Time
	}{{"fecha_inicio", r.Start}, {"fecha_final", r.End}} {
		if !date.at.IsZero() {
			form = append(form, field{date.name, date.at.Format(ticketDate)})
		}
	}
	for _, given := range []field{{"razon_falla", r.FailureReason}, {"origen_reporte", r.Source}} {
		if given.value != "" {
			form = append(form, given)
		}
	}
	return form
}

// subjectFields returns the two fields that WispHub wants for a subject. A custom subject comes
// with [OtherSubject].
func subjectFields(subject string, custom bool) []field {
	listed := subject
	if custom {
		listed = OtherSubject
	}
	return []field{{"asunto", subject}, {"asuntos_default", listed}}
}

// UpdateTicketRequest is a change of a ticket.
type UpdateTicketRequest struct {
	// State is the new state, or the present one to keep it. Required: WispHub refuses an update
	// without it.
	State TicketState
	// Priority is the new priority. Optional; 0 keeps it.
	Priority TicketPriority
	// TechnicianID is the new technician; 0 assigns none. Optional; nil keeps it.
	TechnicianID *int
	// CustomSubject is the present subject of the ticket. Required if the subject is not in the
	// catalogue, because WispHub then refuses an update without it (wisphub-net-api §6.4).
	CustomSubject string
}

func (r UpdateTicketRequest) form() []field {
	form := []field{{"estado", strconv.Itoa(int(r.State))}}
	if r.Priority != 0 {
		form = append(form, field{"prioridad", strconv.Itoa(int(r.Priority))})
	}
	if r.TechnicianID != nil {
		form = append(form, field{"tecnico", strconv.Itoa(*r.TechnicianID)})
	}
	if r.CustomSubject != "" {
		form = append(form, subjectFields(r.CustomSubject, true)...)
	}
	return form
}

// Create opens a ticket and returns it as WispHub answered.
func (s *TicketsService) Create(ctx context.Context, ticket CreateTicketRequest) (*Ticket, error) {
	c := s.api.newWrite(http.MethodPost, formPayload(ticket.form()...), jsonAnswer, ticketsPath)
	return writeRecord(ctx, s.api, c, func(created *Ticket) bool { return created.lacks() == "" })
}

// Update changes a ticket. WispHub may accept an update and not store it: read it back
// (wisphub-net-api §2.7).
func (s *TicketsService) Update(ctx context.Context, id int, update UpdateTicketRequest) error {
	c := s.api.newWrite(http.MethodPut, formPayload(update.form()...), jsonOrEmpty, ticketPath, strconv.Itoa(id))
	return s.api.write(ctx, c, new(json.RawMessage))
}
