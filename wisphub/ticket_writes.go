package wisphub

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// ticketDate is how dates are written to tickets: the tenant's wall clock, which is what WispHub takes them for (§2.9).
const ticketDate = "02/01/2006 15:04"

// CreateTicketRequest is a new ticket. All fields but the last five are required.
type CreateTicketRequest struct {
	ServiceID int
	// Subject is one of the tenant's catalogue, letter for letter; with CustomSubject any text.
	Subject       string
	CustomSubject bool
	Description   string
	State         TicketState
	Priority      TicketPriority
	Department    string

	// TechnicianID is a member of the staff. Optional, nobody.
	TechnicianID int
	// Start and End are the work's, in the tenant's time zone: their wall clock is what is sent. Optional.
	Start, End time.Time
	// FailureReason and Source are sent when there are any. Sources are codes such as "portal_cliente" (§3). Optional.
	FailureReason, Source string
}

// form has the nine required fields and one that every client sends, empty (wisphub-net-api §6.3).
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

// subjectFields says a subject twice, as WispHub wants it: as of the catalogue, or as any text beside [OtherSubject].
func subjectFields(subject string, custom bool) []field {
	listed := subject
	if custom {
		listed = OtherSubject
	}
	return []field{{"asunto", subject}, {"asuntos_default", listed}}
}

// UpdateTicketRequest is what is to change in a ticket.
type UpdateTicketRequest struct {
	// State is required, the present one to keep it: WispHub is known to take an update with it alone, and none without.
	State TicketState
	// Priority is the new one. Optional.
	Priority TicketPriority
	// TechnicianID is the new one, 0 for nobody. Optional.
	TechnicianID *int
	// CustomSubject is the ticket's present subject when it is not of the catalogue: WispHub refuses the update of such a
	// ticket without it (wisphub-net-api §6.4). Optional otherwise.
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

// Create opens a ticket and returns it as WispHub says that it is.
func (s *TicketsService) Create(ctx context.Context, ticket CreateTicketRequest) (*Ticket, error) {
	c := s.api.newWrite(http.MethodPost, formPayload(ticket.form()...), jsonAnswer, ticketsPath)
	return writeRecord(ctx, s.api, c, func(created *Ticket) bool { return created.ID > 0 })
}

// Update changes a ticket. That it was accepted is no evidence that it was kept: only a fresh read is (wisphub-net-api §2.7).
func (s *TicketsService) Update(ctx context.Context, id int, update UpdateTicketRequest) error {
	c := s.api.newWrite(http.MethodPut, formPayload(update.form()...), jsonOrEmpty, ticketsPath, strconv.Itoa(id))
	return s.api.write(ctx, c, new(json.RawMessage))
}
