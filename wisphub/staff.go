package wisphub

import "context"

const staffPath = "staff"

// StaffService reads the provider's own users.
type StaffService service

// Staff is an employee of the provider.
type Staff struct {
	ID       Int  `json:"id"`
	Username Text `json:"username"`
	Name     Text `json:"nombre"` // often empty
	Email    Text `json:"email"`
}

// List returns all employees.
func (s *StaffService) List(ctx context.Context) ([]Staff, error) {
	return readCatalogue(ctx, s.api, func(row *Staff) int { return int(row.ID) }, staffPath)
}
