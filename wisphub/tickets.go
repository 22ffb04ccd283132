package wisphub

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

const (
	ticketsPath = "tickets"
	ticketPath  = ticketsPath + "/" + idElement
)

// TicketsService reads and writes the help desk's tickets.
type TicketsService service

// Ticket is a row of the ticket list. Get returns the same record (wisphub-net-api §6.2).
type Ticket struct {
	ID              Int                   `json:"id_ticket"`
	Subject         Text                  `json:"asunto" max:"1000"` // some tenants append " - CLIENT NAME"
	Description     Text                  `json:"descripcion" max:"50000"`
	State           Text                  `json:"estado"`    // a label, see ParseTicketState
	Priority        Text                  `json:"prioridad"` // a label or its code, see ParseTicketPriority
	Department      Text                  `json:"departamento"`
	Source          Text                  `json:"origen_reporte"`
	Created         Time                  `json:"fecha_creacion"`
	EstimatedStart  Time                  `json:"fecha_estimada_inicio"`
	EstimatedEnd    Time                  `json:"fecha_estimada_fin"`
	Technician      Text                  `json:"tecnico"` // a name; null when only the address is known
	TechnicianEmail Text                  `json:"email_tecnico"`
	CreatedBy       Text                  `json:"creado_por"`
	ClosedBy        Text                  `json:"finalizado_por"`
	Service         Object[TicketService] `json:"servicio"`
	Answers         Answers               `json:"respuestas"`
}

// TicketService is the service that a ticket is about.
type TicketService struct {
	ID   Int         `json:"id_servicio"`
	Name Text        `json:"nombre"`
	Zone Object[Ref] `json:"zona"`
}

// TicketListOptions holds the filters that WispHub supports. It ignores others, for example a
// client.
type TicketListOptions struct {
	ListOptions
	// State selects the tickets in one state; 0 selects all.
	State TicketState
	// From and To are the first and the last day of creation, in their own time zones. WispHub
	// refuses more than two months. Without a range it chooses one.
	From, To time.Time
}

func (o TicketListOptions) values() url.Values {
	query := o.ListOptions.values()
	if o.State != 0 {
		query.Set("estado", strconv.Itoa(int(o.State)))
	}
	if !o.From.IsZero() {
		query.Set("fecha_creacion_0", o.From.Format(time.DateOnly))
	}
	if !o.To.IsZero() {
		query.Set("fecha_creacion_1", o.To.Format(time.DateOnly))
	}
	return query
}

func (t *Ticket) lacks() string {
	if t.ID <= 0 {
		return "id_ticket"
	}
	return ""
}

// List returns one page of tickets.
func (s *TicketsService) List(ctx context.Context, options TicketListOptions) (*Page[Ticket], error) {
	return getPage[Ticket](ctx, s.api, options.values(), ticketsPath)
}

// Get returns one ticket of any age.
func (s *TicketsService) Get(ctx context.Context, id int) (*Ticket, error) {
	return getRecord[Ticket](ctx, s.api, ticketPath, strconv.Itoa(id))
}
