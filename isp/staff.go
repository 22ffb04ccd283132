package isp

import (
	"context"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// Staff is an employee of the provider. It is immutable. A client's row has only the id and
// sometimes the name of its technician; [StaffList] has the rest.
type Staff struct {
	ID       string
	StaffID  int
	Name     Text
	Username Text
	Email    Text
}

// IsNode implements [Node].
func (*Staff) IsNode() {}

// newTechnician converts a client's technician, of whom WispHub sends the id and the name only.
func newTechnician(row wisphub.Ref) *Staff {
	return &Staff{ID: nodeID("staff", int(row.ID)), StaffID: int(row.ID), Name: Text(text.Visible(string(row.Name)))}
}

// StaffList lists the employees.
type StaffList struct{ *catalogue[Staff] }

func newStaffList(api *wisphub.API, cfg Config) *StaffList {
	id := func(staff *Staff) int { return staff.StaffID }
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
