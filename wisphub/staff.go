package wisphub

import "context"

// StaffService reads the provider's own users.
type StaffService service

// Staff is a person who works for the provider.
type Staff struct {
	ID       Int  `json:"id"`
	Username Text `json:"username"`
	Name     Text `json:"nombre"` // often empty
	Email    Text `json:"email"`
}

// List returns everybody.
func (s *StaffService) List(ctx context.Context) ([]Staff, error) {
	return readCatalog(ctx, s.api, func(row *Staff) int { return int(row.ID) }, "staff")
}
