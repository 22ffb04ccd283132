package isp

// clientRecord is the stored form of a [Client], without the fields that derive sets. References
// are positions in the lists of [directoryRecord], from 1.
type clientRecord struct {
	ID            int           `json:"id"`
	Username      Text          `json:"username,omitzero"`
	Name          string        `json:"name,omitzero"`
	Document      Text          `json:"document,omitzero"`
	Email         Text          `json:"email,omitzero"`
	Phone         Text          `json:"phone,omitzero"`
	Address       Text          `json:"address,omitzero"`
	Locality      Text          `json:"locality,omitzero"`
	City          Text          `json:"city,omitzero"`
	Status        string        `json:"status,omitzero"`
	InvoiceStatus InvoiceStatus `json:"invoiceStatus,omitzero"`
	Balance       string        `json:"balance,omitzero"`
	PlanPrice     string        `json:"planPrice,omitzero"`
	Discount      string        `json:"discount,omitzero"`
	CutOffDate    string        `json:"cutOffDate,omitzero"`
	CutOffText    string        `json:"cutOffText,omitzero"`
	Installed     moment        `json:"installed,omitzero"`
	Cancelled     moment        `json:"cancelled,omitzero"`
	Updated       moment        `json:"updated,omitzero"`
	IP            Text          `json:"ip,omitzero"`
	LocalIP       Text          `json:"localIp,omitzero"`
	MACAddress    Text          `json:"mac,omitzero"`
	LANInterface  Text          `json:"lan,omitzero"`
	ONUSerial     Text          `json:"onu,omitzero"`
	Comments      Text          `json:"comments,omitzero"`
	Location      *GeoPoint     `json:"location,omitzero"`
	clientReferences
}

// clientReferences are the records that a client refers to.
type clientReferences struct {
	Plan       int `json:"plan,omitzero"`
	Zone       int `json:"zone,omitzero"`
	Router     int `json:"router,omitzero"`
	Sector     int `json:"sector,omitzero"`
	Technician int `json:"technician,omitzero"`
}

// newClientRecord encodes a client, except for its references.
func newClientRecord(c *Client) clientRecord {
	return clientRecord{
		ID:            c.ServiceID,
		Username:      c.Username,
		Name:          c.Name,
		Document:      c.Document,
		Email:         c.Email,
		Phone:         c.Phone,
		Address:       c.Address,
		Locality:      c.Locality,
		City:          c.City,
		Status:        c.StatusLabel,
		InvoiceStatus: c.InvoiceStatus,
		Balance:       c.Balance.String(),
		PlanPrice:     c.PlanPrice.String(),
		Discount:      c.Discount.String(),
		CutOffDate:    string(c.CutOffDate),
		CutOffText:    c.CutOffText,
		Installed:     momentOf(c.InstalledAt),
		Cancelled:     momentOf(c.CancelledAt),
		Updated:       momentOf(c.UpdatedAt),
		IP:            c.IP,
		LocalIP:       c.LocalIP,
		MACAddress:    c.MACAddress,
		LANInterface:  c.LANInterface,
		ONUSerial:     c.ONUSerial,
		Comments:      c.Comments,
		Location:      c.Location,
	}
}

// fromRecord decodes a client. It refers to records of the given lists.
func (v *converter) fromRecord(row *clientRecord, lists *directoryRecord) *Client {
	v.draft = Client{
		ServiceID:     row.ID,
		Username:      row.Username,
		Name:          row.Name,
		Document:      row.Document,
		Email:         row.Email,
		Phone:         row.Phone,
		Address:       row.Address,
		Locality:      row.Locality,
		City:          row.City,
		StatusLabel:   row.Status,
		InvoiceStatus: knownInvoiceStatus(row.InvoiceStatus),
		Balance:       v.parseAmount(row.Balance),
		PlanPrice:     v.parseAmount(row.PlanPrice),
		Discount:      v.parseAmount(row.Discount),
		CutOffText:    row.CutOffText,
		InstalledAt:   row.Installed.in(v.zone),
		CancelledAt:   row.Cancelled.in(v.zone),
		UpdatedAt:     row.Updated.in(v.zone),
		IP:            row.IP,
		LocalIP:       row.LocalIP,
		MACAddress:    row.MACAddress,
		LANInterface:  row.LANInterface,
		ONUSerial:     row.ONUSerial,
		Comments:      row.Comments,
	}
	v.draft.CutOffDate, _ = ParseDate(row.CutOffDate)
	if row.Location != nil {
		v.draft.Location = newGeoPoint(row.Location.Latitude, row.Location.Longitude)
	}
	v.draft.Plan = recordAt(lists.Plans, row.Plan, v.plans, func(p *Plan) int { return p.PlanID })
	v.draft.Zone = recordAt(lists.Zones, row.Zone, v.zones, func(z *Zone) int { return z.ZoneID })
	v.draft.Router = recordAt(lists.Routers, row.Router, v.routers, func(r *Router) int { return r.RouterID })
	v.draft.Sector = recordAt(lists.Sectors, row.Sector, v.sectors, func(s *Sector) int { return s.SectorID })
	v.draft.Technician = recordAt(lists.Staff, row.Technician, v.staff, func(s *Staff) int { return s.StaffID })
	return v.finish()
}

// knownInvoiceStatus returns InvoicesUnknown for other values. It returns the constant because
// the decoded string would be one more copy per client.
func knownInvoiceStatus(decoded InvoiceStatus) InvoiceStatus {
	for _, status := range []InvoiceStatus{InvoicesPaid, InvoicesPending, InvoicesOverdue} {
		if decoded == status {
			return status
		}
	}
	return InvoicesUnknown
}
