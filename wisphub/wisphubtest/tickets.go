package wisphubtest

import (
	"net/http"
	"strings"
	"time"
)

const (
	// keyOwnerName is the name of the member of the staff who owns the keys, without the company.
	keyOwnerName = "soporte"

	defaultTicketRange = 30 * 24 * time.Hour // without a requested range
	maxTicketRange     = 62 * 24 * time.Hour // from the first day to the last

	firstDayParam, lastDayParam = "fecha_creacion_0", "fecha_creacion_1"
)

// ticketFilters are the filters of the list of tickets, besides the date range. WispHub ignores
// other parameters, including departamento, tecnico, prioridad, search and every client filter.
var ticketFilters = map[string]filter[ticket]{
	"estado":      numberFilter(func(t *ticket) int { return t.state }),
	"mis_tickets": ownTicketsFilter,
}

// ownTicketsFilter selects the tickets of the key's owner. Like django-filter, it ignores a value
// that is no boolean.
func ownTicketsFilter(value string) (match[ticket], bool) {
	wanted := value == "1" || strings.EqualFold(value, "true")
	return func(t *ticket) bool { return !wanted || strings.HasPrefix(t.technician, keyOwnerName+"@") }, true
}

// keyOwner is the username of the member of the staff who owns the keys.
func (s *Server) keyOwner() string { return keyOwnerName + "@" + s.company }

func (s *Server) listTickets(c *call) *response {
	days, rejection := c.days(s.now)
	if rejection != nil {
		return rejection
	}
	matches, rejection := combineFilters(c, ticketFilters, firstDayParam, lastDayParam)
	if rejection != nil {
		return rejection
	}
	pr := c.pageRange()
	tickets, total := s.tickets.find(func(t *ticket) bool {
		return days.contains(t.created) && (matches == nil || matches(t))
	}, pr)
	return c.pageResponse(pr, total, s.ticketRows(c.quirks, tickets...))
}

func (s *Server) getTicket(c *call) *response {
	t := s.tickets.get(c.idNumber())
	if t == nil {
		return notFound()
	}
	return rawResponse(http.StatusOK, "application/json", s.ticketRows(c.quirks, t)[0])
}

// ticketRows encodes tickets under the quirks q.
func (s *Server) ticketRows(q Quirks, tickets ...*ticket) [][]byte {
	counters := s.tickets.counters(s.now)
	rows := make([][]byte, 0, len(tickets))
	for _, t := range tickets {
		data := t.data
		if data == nil {
			data = encode(s.ticketGenerator.row(t, newTicketService(s.clients.get(t.client), q), counters, q))
		}
		rows = append(rows, data)
	}
	return rows
}

// dayRange is a time range. A zero end is open.
type dayRange struct {
	from, before time.Time
}

func (r dayRange) contains(t time.Time) bool {
	return !t.Before(r.from) && (r.before.IsZero() || t.Before(r.before))
}

// days parses the requested date range, including both ends. A missing last day is today. A
// missing first day is the default range before the last.
func (c *call) days(now time.Time) (days dayRange, rejection *response) {
	if c.parameter(firstDayParam) == "" && c.parameter(lastDayParam) == "" {
		if c.quirks.TicketWindow {
			days.from = midnight(now.Add(-defaultTicketRange))
		}
		return days, nil
	}
	last, ok := c.day(lastDayParam, midnight(now))
	if !ok {
		return days, fieldError(lastDayParam, "Introduzca una fecha válida.")
	}
	first, ok := c.day(firstDayParam, last.Add(-defaultTicketRange))
	if !ok {
		return days, fieldError(firstDayParam, "Introduzca una fecha válida.")
	}
	if c.quirks.RefuseWideRange && last.Sub(first) > maxTicketRange {
		message := "El rango de fechas no puede ser mayor a 2 meses."
		return days, jsonResponse(http.StatusBadRequest, map[string]string{"error": message})
	}
	days.from = first
	if c.parameter(lastDayParam) != "" { // open for today: tickets are still created after now
		days.before = last.AddDate(0, 0, 1)
	}
	return days, nil
}

// day parses a parameter. It reports false if it is no date.
func (c *call) day(parameter string, missing time.Time) (day time.Time, ok bool) {
	value := c.parameter(parameter)
	if value == "" {
		return missing, true
	}
	day, err := time.ParseInLocation(time.DateOnly, value, bogota)
	return day, err == nil
}

// midnight returns the start of the provider's day that contains t.
func midnight(t time.Time) time.Time {
	year, month, day := t.In(bogota).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, bogota)
}
