package wisphubtest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// ticketService is the part of a client's row that a ticket shows. Most of it stays undecoded,
// which makes a page of tickets several times faster.
type ticketService struct {
	ID          json.RawMessage `json:"id_servicio,omitempty"`
	Name        any             `json:"nombre"`
	IP          json.RawMessage `json:"ip,omitempty"`
	Comments    json.RawMessage `json:"comentarios,omitempty"`
	InstalledAt any             `json:"fecha_instalacion"`
	Plan        json.RawMessage `json:"plan_internet,omitempty"`
	Zone        json.RawMessage `json:"zona,omitempty"`
	Router      any             `json:"router"`
}

// newTicketService reads a client's row as JSON. It returns nil for nil, a deleted client.
func newTicketService(row []byte, q Quirks) *ticketService {
	if row == nil {
		return nil
	}
	s := new(ticketService)
	if err := json.Unmarshal(row, s); err != nil {
		panic(fmt.Sprintf("wisphubtest: reading a client for its ticket: %v", err))
	}
	if installed, ok := s.InstalledAt.(string); ok {
		s.InstalledAt, _, _ = strings.Cut(installed, " ")
	}
	if router, ok := s.Router.(map[string]any); ok && q.RouterSecrets {
		router["usuario"], router["password"] = "admin", "clave-inventada-router"
	}
	return s
}

// name is the client's name without superfluous spaces, "" if there is none.
func (s *ticketService) name() string {
	if s == nil {
		return ""
	}
	text, _ := s.Name.(string)
	return strings.Join(strings.Fields(text), " ")
}
