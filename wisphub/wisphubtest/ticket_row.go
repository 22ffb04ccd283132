package wisphubtest

import (
	"reflect"
	"slices"
	"time"
)

// ticketRow is a ticket in the list and on its own path: the keys in WispHub's order. A field is
// any where the value may be null or of several types.
type ticketRow struct {
	ID              int            `json:"id_ticket"`
	Subject         string         `json:"asunto"`
	Description     string         `json:"descripcion"`
	FailureReason   string         `json:"razon_falla"`
	State           string         `json:"estado"`
	Priority        string         `json:"prioridad"`
	Technician      any            `json:"tecnico"`
	TechnicianEmail string         `json:"email_tecnico"` // a user name, despite its key
	Department      string         `json:"departamento"`
	Source          string         `json:"origen_reporte"`
	CreatedAt       string         `json:"fecha_creacion"`
	EstimatedStart  string         `json:"fecha_estimada_inicio"`
	EstimatedEnd    string         `json:"fecha_estimada_fin"`
	StartedAt       any            `json:"fecha_inicio"`
	EndedAt         any            `json:"fecha_fin"`
	CreatedBy       string         `json:"creado_por"`
	ClosedBy        any            `json:"finalizado_por"`
	Expiry          any            `json:"vencimiento"`
	File            any            `json:"archivo_ticket"`
	ThisMonth       int            `json:"tickets_mensual"`
	ThisYear        int            `json:"tickets_anual"`
	Service         *ticketService `json:"servicio"`
	Answers         any            `json:"respuestas"`
}

// ticketCounters are the provider's tickets of this month and this year, equal in every row.
type ticketCounters struct {
	month, year int
}

type ticketAnswer struct {
	Text      string `json:"respuesta"`
	CreatedAt string `json:"created"`
	User      string `json:"usuario"`
}

// ticketColumns are the keys of a ticket in WispHub's order.
var ticketColumns = jsonNames(reflect.TypeFor[ticketRow]())

const (
	ticketTimeLayout = "2006-01-02 15:04"
	monthFirstLayout = "01/02/2006 15:04"
	dayFirstLayout   = "02/01/2006 15:04"

	department = "Soporte Técnico" // the only one that was seen
)

// The labels that tickets show for the codes in filters and writes.
var (
	ticketStates     = []string{1: "Nuevo", 2: "En Progreso", 3: "Resuelto", 4: "Cerrado", 5: "Reagendado"}
	ticketPriorities = []string{1: "Baja", 2: "Normal", 3: "Alta", 4: "Muy Alta"}
	ticketSources    = []string{"Portal Cliente", "Oficina", "Redes Sociales"}
)

const (
	stateNew = iota + 1
	stateInProgress
	stateResolved
	stateClosed
	stateRescheduled
)

// ticket is one ticket. It is immutable: a change stores another one. Most are outlines, whose row
// ticketGenerator makes on each request: encoding all of them would make New slow.
type ticket struct {
	id         int
	created    time.Time // zero if the row has no valid date
	state      int       // the code, 0 for an unknown label
	technician string    // the user name, "" if unassigned
	client     int       // the client id, only in an outline
	data       []byte    // the row as JSON; nil in an outline
}

// newTicket stores a row. Decoding turns every numeric type of the caller's map into float64.
func newTicket(row map[string]any) *ticket {
	data := encode(inOrder(row, ticketColumns))
	row = decodeRow(data)
	label, _ := row["estado"].(string)
	technician, _ := row["email_tecnico"].(string)
	return &ticket{
		id:         usableID(row["id_ticket"]),
		created:    creationTime(row["fecha_creacion"]),
		state:      max(slices.Index(ticketStates, label), 0),
		technician: technician,
		data:       data,
	}
}

// creationTime parses every date format of tickets. Dates with slashes begin with the day.
func creationTime(value any) time.Time {
	text, _ := value.(string)
	for _, layout := range []string{time.RFC3339, time.DateTime, ticketTimeLayout, time.DateOnly, rowTimeLayout, dayFirstLayout} {
		if t, err := time.ParseInLocation(layout, text, bogota); err == nil {
			return t
		}
	}
	return time.Time{}
}
