package wisphub

import "context"

// OtherSubject is in every catalogue. With it the subject of a ticket may be any text
// (wisphub-net-api §6.3).
const OtherSubject = "Otro Asunto"

// Subject is a row of the tenant's catalogue of subjects. Its form is undocumented: a name, or an
// object with a name.
type Subject struct{ Name Text }

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Subject) UnmarshalJSON(data []byte) error {
	var row Object[struct {
		Name    Text `json:"nombre"`
		Subject Text `json:"asunto"`
	}]
	if err := s.Name.UnmarshalJSON(data); err != nil {
		return err
	}
	if err := row.UnmarshalJSON(data); err != nil || row.Value == nil {
		return err
	}
	if s.Name = row.Value.Name; s.Name == "" {
		s.Name = row.Value.Subject
	}
	return nil
}

// Subjects returns the tenant's catalogue of subjects as it is. Misspelled subjects are values,
// too.
func (s *TicketsService) Subjects(ctx context.Context) ([]Subject, error) {
	return readNames(ctx, s.api, func(row *Subject) string { return string(row.Name) }, ticketsPath+"/asuntos-tickets")
}
