package wisphubtest

import "math"

// Ticket returns a copy of a ticket as a request would get it now, nil if there is none. It is
// decoded by encoding/json, so numbers are float64. To change a ticket, change the copy and pass
// it to [Server.PutTicket].
//
// A generated ticket follows the quirks and shows the current row of its client, or null if that
// was deleted.
func (s *Server) Ticket(id int) map[string]any {
	t := s.tickets.get(id)
	if t == nil {
		return nil
	}
	s.mu.Lock()
	quirks := s.quirks
	s.mu.Unlock()
	return decodeRow(s.ticketRows(quirks, t)[0])
}

// PutTicket adds a ticket, or replaces the one with the same id_ticket. Missing keys, extra keys
// and wrong types are served as they are, whatever the quirks.
//
// Order and filters use fecha_creacion, estado (a label) and email_tecnico. A ticket without a
// valid date is listed last and belongs to no range. A ticket whose id_ticket is not a positive
// integer appears only in the list and never replaces another. PutTicket panics on values that
// encoding/json cannot encode.
func (s *Server) PutTicket(row map[string]any) {
	s.tickets.put(newTicket(row))
}

// DeleteTicket removes a ticket. It does nothing if there is none.
func (s *Server) DeleteTicket(id int) {
	s.tickets.delete(id)
}

// TicketIDs returns the id_ticket of each ticket with a usable one, of any age, newest first.
func (s *Server) TicketIDs() []int {
	return s.tickets.ids()
}

// TicketsOf returns the tickets of a client as [Server.Ticket] does, newest first.
func (s *Server) TicketsOf(client int) []map[string]any {
	var rows []map[string]any
	candidate := func(t *ticket) bool { return t.data != nil || t.client == client }
	tickets, _ := s.tickets.find(candidate, pageRange{limit: math.MaxInt})
	for _, t := range tickets {
		row := s.Ticket(t.id)
		if service, _ := row["servicio"].(map[string]any); service["id_servicio"] == float64(client) {
			rows = append(rows, row)
		}
	}
	return rows
}
