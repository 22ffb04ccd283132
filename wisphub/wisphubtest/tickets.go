package wisphubtest

import (
	"net/http"
	"strings"
	"time"
)

const (
	// keyOwner is the member of the staff to whom [Key] belongs.
	keyOwner = "soporte@demo-isp"

	defaultTicketRange = 30 * 24 * time.Hour // shown without a range
	maxTicketRange     = 62 * 24 * time.Hour // from the first day to the last

	firstDayParam, lastDayParam = "fecha_creacion_0", "fecha_creacion_1"
)

// ticketFilters are the filters of the list of tickets, but for the range of days. Everything else is ignored:
// departamento, tecnico, prioridad, search, and every spelling of a filter by client.
var ticketFilters = map[string]filter[ticket]{
	"estado":      idFilter(func(t *ticket) int { return t.state }),
	"mis_tickets": ownTicketsFilter,
}

// mine keeps the tickets of the key's owner. What says neither yes nor no filters nothing, as in django-filter.
func ownTicketsFilter(value string) (match[ticket], bool) {
	wanted := value == "1" || strings.EqualFold(value, "true")
	return func(t *ticket) bool { return !wanted || t.technician == keyOwner }, true
}

func (s *Server) listTickets(c *call) response {
	days, refusal, refused := c.days(s.now)
	if refused {
		return refusal
	}
	matches, refusal, refused := combineFilters(c, ticketFilters, firstDayParam, lastDayParam)
	if refused {
		return refusal
	}
	w := c.pageRange()
	tickets, total := s.tickets.find(func(t *ticket) bool {
		return days.contains(t.created) && (matches == nil || matches(t))
	}, w)
	return c.writePage(w, total, s.ticketRows(c.quirks, tickets...))
}

func (s *Server) getTicket(c *call) response {
	t := s.tickets.get(c.idNumber())
	if t == nil {
		return notFound()
	}
	return rawResponse(http.StatusOK, "application/json", s.ticketRows(c.quirks, t)[0])
}

// ticketRows writes tickets as q has them now.
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

// dayRange is a range of moments. An end that is zero is open.
type dayRange struct {
	from, before time.Time
}

func (r dayRange) contains(moment time.Time) bool {
	return !moment.Before(r.from) && (r.before.IsZero() || moment.Before(r.before))
}

// days reads the range of days that c asks for, both ends included. Where the last is missing it is today, where the first is,
// the provider's own window before the last.
func (c *call) days(now time.Time) (days dayRange, refusal response, refused bool) {
	if c.parameter(firstDayParam) == "" && c.parameter(lastDayParam) == "" {
		if c.quirks.TicketWindow {
			days.from = midnight(now.Add(-defaultTicketRange))
		}
		return days, response{}, false
	}
	last, fine := c.day(lastDayParam, midnight(now))
	if !fine {
		return days, fieldError(lastDayParam, "Introduzca una fecha válida."), true
	}
	first, fine := c.day(firstDayParam, last.Add(-defaultTicketRange))
	if !fine {
		return days, fieldError(firstDayParam, "Introduzca una fecha válida."), true
	}
	if c.quirks.RefuseWideRange && last.Sub(first) > maxTicketRange {
		message := "El rango de fechas no puede ser mayor a 2 meses."
		return days, jsonResponse(http.StatusBadRequest, map[string]string{"error": message}), true
	}
	days.from = first
	if c.parameter(lastDayParam) != "" { // today goes on after now, which stands still
		days.before = last.AddDate(0, 0, 1)
	}
	return days, response{}, false
}

// day reads a parameter, and reports false when it is no day.
func (c *call) day(parameter string, missing time.Time) (day time.Time, fine bool) {
	value := c.parameter(parameter)
	if value == "" {
		return missing, true
	}
	day, err := time.ParseInLocation(time.DateOnly, value, bogota)
	return day, err == nil
}

// midnight begins the provider's day in which a moment lies.
func midnight(moment time.Time) time.Time {
	year, month, day := moment.In(bogota).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, bogota)
}
