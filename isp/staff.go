package isp

import (
	"context"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// Staff is a person who works for the provider. It is immutable and shared. A client's row names only the id and, at
// times, the name: the rest is in [StaffList].
type Staff struct {
	ID       string
	StaffID  int
	Name     Text
	Username Text
	Email    Text
}

// IsNode implements [Node].
func (*Staff) IsNode() {}

// StaffList lists everybody.
type StaffList struct{ *catalogue[Staff] }

func newStaffList(api *wisphub.API, cfg Config) *StaffList {
	id := func(person *Staff) int { return person.StaffID }
	load := func(ctx context.Context) ([]*Staff, error) {
		rows, err := api.Staff.List(ctx)
		return convertAll(rows, id, newStaff), err
	}
	return &StaffList{newCatalogue(cfg, "staff", "staff", id, load)}
}

func newStaff(row wisphub.Staff) *Staff {
	return &Staff{
		ID:       nodeID("staff", int(row.ID)),
		StaffID:  int(row.ID),
		Name:     Text(text.Visible(string(row.Name))),
		Username: Text(row.Username),
		Email:    Text(row.Email),
	}
}
