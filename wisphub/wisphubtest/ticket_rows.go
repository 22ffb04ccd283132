package wisphubtest

import "math"

// Ticket returns a copy of a ticket as a request would get it now and encoding/json reads it (a number is a float64), nil
// when there is none. Change it and give it to [Server.PutTicket]. A ticket that [New] made follows the quirks, and shows its
// client as that row is now: null when it is gone.
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

// PutTicket adds a ticket, or replaces the one with its id_ticket. The values may be anything that JSON can say: missing
// keys, extra keys and wrong types are served as they are, whatever the quirks and the client's row become. Its place in the
// list and the filters go by fecha_creacion, estado (a label) and email_tecnico: without a date that can be read it is last,
// and in no range. A ticket whose id_ticket is no whole number from 1 is only listed, and every such ticket is another
// one. PutTicket panics on values that JSON cannot say.
func (s *Server) PutTicket(row map[string]any) {
	s.tickets.put(newTicket(row))
}

// DeleteTicket removes a ticket, if there is one.
func (s *Server) DeleteTicket(id int) {
	s.tickets.delete(id)
}

// TicketIDs returns the id_ticket of every ticket that has a usable one, of any age, the newest first.
func (s *Server) TicketIDs() []int {
	return s.tickets.ids()
}

// TicketsOf returns the tickets of a client's service as [Server.Ticket] does, the newest first.
func (s *Server) TicketsOf(client int) []map[string]any {
	var rows []map[string]any
	may := func(t *ticket) bool { return t.data != nil || t.client == client }
	tickets, _ := s.tickets.find(may, pageRange{limit: math.MaxInt})
	for _, t := range tickets {
		row := s.Ticket(t.id)
		if service, _ := row["servicio"].(map[string]any); service["id_servicio"] == float64(client) {
			rows = append(rows, row)
		}
	}
	return rows
}
