package rest

import (
	"net/http"
	"time"

	"wisphub-graphql/isp"
)

const (
	actionTicketNotFound = "TICKET_NOT_FOUND"
	actionCreationFailed = "TICKET_CREATION_FAILED"
	// ticketTime is how WispHub writes the planned times of a ticket.
	ticketTime = "2006-01-02 15:04"
)

// ticket has the planned start and end for its dates, as bots know them.
type ticket struct {
	TicketID     int     `json:"ticket_id"`
	Subject      string  `json:"subject"`
	CreatedAt    *string `json:"created_at"`
	EndDate      *string `json:"end_date"`
	StatusTicket *string `json:"status_ticket"`
	Priority     *string `json:"priority"`
	AnswerText   *string `json:"answer_text"`
}

func newTicket(t *isp.Ticket) ticket {
	return ticket{
		TicketID: t.TicketID, Subject: t.Subject, CreatedAt: moment(t.EstimatedStart), EndDate: moment(t.EstimatedEnd),
		StatusTicket: text(t.StatusLabel), Priority: text(t.PriorityLabel), AnswerText: text(string(t.LatestAnswer())),
	}
}

func moment(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	return new(at.Format(ticketTime))
}

type fullZone struct {
	MaxTickets int `json:"max_tickets"`
}

type zoneBlocked struct {
	IsBlocked  bool `json:"is_blocked"`
	MaxTickets int  `json:"max_tickets"`
}

type subjects struct {
	ByPriority subjectsByPriority `json:"by_priority"`
	All        []string           `json:"all"`
}

type subjectsByPriority struct {
	Low      []string `json:"low"`
	Normal   []string `json:"normal"`
	High     []string `json:"high"`
	VeryHigh []string `json:"very_high"`
}

// ticketBody is a new ticket. Its zone counts for clients without one.
type ticketBody struct {
	ServiceID    int    `json:"service_id"`
	ZoneID       *int   `json:"zone_id"`
	Subject      string `json:"subject"`
	Description  string `json:"description"`
	TechnicianID *int   `json:"technician_id"`
}

// createTicket opens a ticket, unless its zone is full.
func (a *api) createTicket(w http.ResponseWriter, r *http.Request) {
	body, faults := readBody[ticketBody](w, r)
	input := isp.CreateTicketInput{
		ServiceID: body.ServiceID, Subject: body.Subject, Description: body.Description, TechnicianID: body.TechnicianID,
	}
	if body.ZoneID != nil {
		input.ZoneID = *body.ZoneID
	}
	if len(faults) > 0 {
		a.invalid(w, merge(faults, inputFaults(input.Check())))
		return
	}
	payload, err := a.provider.Desk.CreateTicket(r.Context(), input)
	switch {
	case err != nil:
		a.upstreamFailed(w, r, actionCreationFailed, "ticket", err)
	case len(inputFaults(payload.UserErrors)) > 0:
		a.invalid(w, inputFaults(payload.UserErrors))
	case hasCode(payload.UserErrors, isp.CodeZoneTicketLimitReached):
		a.info(w, "ZONE_TICKET_LIMIT_REACHED", "La zona ya tiene su máximo de tickets activos.", fullZone{a.provider.Tickets.Maximum()})
	case len(payload.UserErrors) > 0:
		a.fail(w, http.StatusOK, actionCreationFailed, refusal(payload.UserErrors))
	default:
		a.success(w, "TICKET_CREATED", newTicket(payload.Ticket), nil)
	}
}

func (a *api) getTicket(w http.ResponseWriter, r *http.Request) {
	id := pathNumber(r, "ticket_id")
	var found *isp.Ticket
	var err error
	if id > 0 {
		found, err = a.provider.Tickets.Get(r.Context(), id)
	}
	switch {
	case err != nil:
		a.upstreamFailed(w, r, actionTicketNotFound, "ticket", err)
	case found == nil:
		a.info(w, actionTicketNotFound, "No existe ese ticket.", nil)
	default:
		a.success(w, "TICKET_FOUND", newTicket(found), nil)
	}
}

func (a *api) zoneBlocked(w http.ResponseWriter, r *http.Request) {
	id := pathNumber(r, "zone_id")
	if id == 0 {
		a.invalid(w, []fault{{"zone_id", "debe ser un número entero desde 1"}})
		return
	}
	quota, err := a.provider.Tickets.Quota(r.Context(), id)
	if err != nil {
		a.upstreamFailed(w, r, actionTicketNotFound, "ticket", err)
		return
	}
	a.success(w, "TICKET_FOUND", zoneBlocked{quota.Blocked, quota.Maximum}, nil)
}

func (a *api) listSubjects(w http.ResponseWriter, r *http.Request) {
	listed, err := a.provider.Subjects.List(r.Context())
	if err != nil {
		a.upstreamFailed(w, r, actionError, "ticket", err)
		return
	}
	all := subjects{ByPriority: subjectsByPriority{[]string{}, []string{}, []string{}, []string{}}, All: []string{}}
	groups := map[isp.TicketPriority]*[]string{
		isp.PriorityLow: &all.ByPriority.Low, isp.PriorityNormal: &all.ByPriority.Normal,
		isp.PriorityHigh: &all.ByPriority.High, isp.PriorityVeryHigh: &all.ByPriority.VeryHigh,
	}
	for _, subject := range listed {
		all.All = append(all.All, subject.Name)
		if group := groups[subject.Priority]; group != nil {
			*group = append(*group, subject.Name)
		}
	}
	a.success(w, "TICKET_SUBJECTS_LISTED", all, nil)
}
