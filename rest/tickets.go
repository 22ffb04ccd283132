package rest

import (
	"net/http"
	"time"

	"wisphub-graphql/isp"
)

const (
	actionTicketNotFound       = "TICKET_NOT_FOUND"
	actionTicketCreationFailed = "TICKET_CREATION_FAILED"
	// ticketTimeLayout is how WispHub writes the estimated times of a ticket.
	ticketTimeLayout = "2006-01-02 15:04"
)

// ticket is a ticket as bots know it. CreatedAt and EndDate are the estimated start and end.
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
		TicketID: t.TicketID, Subject: t.SubjectText(), CreatedAt: ticketTime(t.EstimatedStart), EndDate: ticketTime(t.EstimatedEnd),
		StatusTicket: nullIfEmpty(t.StatusLabel), Priority: nullIfEmpty(t.PriorityLabel),
		AnswerText: nullIfEmpty(string(t.LatestAnswer())),
	}
}

// ticketTime formats a time, nil for the zero time.
func ticketTime(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	return new(at.Format(ticketTimeLayout))
}

// zoneLimit is the data of ZONE_TICKET_LIMIT_REACHED.
type zoneLimit struct {
	MaxTickets int `json:"max_tickets"`
}

// zoneStatus is the data of zoneBlocked.
type zoneStatus struct {
	IsBlocked  bool `json:"is_blocked"`
	MaxTickets int  `json:"max_tickets"`
}

// subjectList is the data of listSubjects.
type subjectList struct {
	ByPriority subjectsByPriority `json:"by_priority"`
	All        []string           `json:"all"`
}

type subjectsByPriority struct {
	Low      []string `json:"low"`
	Normal   []string `json:"normal"`
	High     []string `json:"high"`
	VeryHigh []string `json:"very_high"`
}

// ticketBody is a new ticket. ZoneID is used only when the client has no zone.
type ticketBody struct {
	ServiceID    int    `json:"service_id"`
	ZoneID       *int   `json:"zone_id"`
	Subject      string `json:"subject"`
	Description  string `json:"description"`
	TechnicianID *int   `json:"technician_id"`
}

// createTicket opens a ticket unless its zone is full.
func (a *api) createTicket(w http.ResponseWriter, r *http.Request) {
	body, errs := readBody[ticketBody](w, r)
	input := isp.CreateTicketInput{
		ServiceID: body.ServiceID, Subject: body.Subject, Description: body.Description, TechnicianID: body.TechnicianID,
	}
	if body.ZoneID != nil {
		input.ZoneID = *body.ZoneID
	}
	if len(errs) > 0 {
		a.invalid(w, mergeErrors(errs, inputErrors(input.Check())))
		return
	}
	payload, err := a.provider.Tickets.Create(r.Context(), input)
	switch {
	case err != nil:
		a.upstreamFailed(w, r, actionTicketCreationFailed, "ticket", err)
	case len(inputErrors(payload.UserErrors)) > 0:
		a.invalid(w, inputErrors(payload.UserErrors))
	case hasCode(payload.UserErrors, isp.CodeZoneTicketLimitReached):
		a.info(w, "ZONE_TICKET_LIMIT_REACHED", "La zona ya tiene su máximo de tickets activos.", zoneLimit{a.provider.Tickets.Maximum()})
	case len(payload.UserErrors) > 0:
		a.fail(w, http.StatusOK, actionTicketCreationFailed, refusalMessage(payload.UserErrors))
	default:
		a.success(w, "TICKET_CREATED", newTicket(payload.Ticket), nil)
	}
}

func (a *api) getTicket(w http.ResponseWriter, r *http.Request) {
	id := pathID(r, "ticket_id")
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

// zoneBlocked answers whether the zone has as many active tickets as it may have.
func (a *api) zoneBlocked(w http.ResponseWriter, r *http.Request) {
	id := pathID(r, "zone_id")
	if id == 0 {
		a.invalid(w, []fieldError{{"zone_id", reasonWholeNumber(1)}})
		return
	}
	quota, err := a.provider.Tickets.Quota(r.Context(), id)
	if err != nil {
		a.upstreamFailed(w, r, actionError, "ticket", err)
		return
	}
	a.success(w, "TICKET_FOUND", zoneStatus{quota.Blocked, quota.Maximum}, nil)
}

func (a *api) listSubjects(w http.ResponseWriter, r *http.Request) {
	subjects, err := a.provider.Subjects.List(r.Context())
	if err != nil {
		a.upstreamFailed(w, r, actionError, "ticket", err)
		return
	}
	// The slices are not nil because JSON must have [] and not null.
	list := subjectList{ByPriority: subjectsByPriority{[]string{}, []string{}, []string{}, []string{}}, All: []string{}}
	groups := map[isp.TicketPriority]*[]string{
		isp.PriorityLow: &list.ByPriority.Low, isp.PriorityNormal: &list.ByPriority.Normal,
		isp.PriorityHigh: &list.ByPriority.High, isp.PriorityVeryHigh: &list.ByPriority.VeryHigh,
	}
	for _, subject := range subjects {
		list.All = append(list.All, subject.Name)
		if group := groups[subject.Priority]; group != nil {
			*group = append(*group, subject.Name)
		}
	}
	a.success(w, "TICKET_SUBJECTS_LISTED", list, nil)
}
