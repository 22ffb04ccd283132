package isp

import (
	"sync/atomic"
	"time"
)

// Client is one internet service of one customer. It is immutable but for its age, and callers
// share it. A refresh that finds it unchanged keeps it.
type Client struct {
	ID            string
	ServiceID     int
	Username      Text
	Name          string
	Document      Text
	Email         Text
	Phone         Text
	Phones        []string
	Address       Text
	Locality      Text
	City          Text
	Status        ClientStatus
	StatusLabel   string // as WispHub writes it
	InvoiceStatus InvoiceStatus
	Balance       Decimal
	PlanPrice     Decimal
	Discount      Decimal
	CutOffDate    Date
	CutOffText    string // as WispHub writes it
	InstalledAt   time.Time
	CancelledAt   time.Time
	UpdatedAt     time.Time
	IP            Text
	LocalIP       Text
	MACAddress    Text
	LANInterface  Text
	ONUSerial     Text
	Comments      Text
	Location      *GeoPoint
	Plan          *Plan
	Zone          *Zone
	Router        *Router
	Sector        *Sector
	Technician    *Staff

	read     atomic.Value // a *reading, see AsOf
	nameKey  string       // collation key of Name
	search   searchText
	document string // see documentKey
	username string // folded
	city     string // folded
	locality string // folded
}

// IsNode implements [Node].
func (*Client) IsNode() {}

// reading is when clients were read. Clients of one list share it.
type reading struct{ asOf time.Time }

// AsOf returns since when the client is known to be as it is. It is the zero time for a client that
// was never read. A refresh that finds the client unchanged moves it forward.
func (c *Client) AsOf() time.Time {
	if last, ok := c.read.Load().(*reading); ok {
		return last.asOf
	}
	return time.Time{}
}

// GeoPoint is a position in degrees.
type GeoPoint struct{ Latitude, Longitude float64 }

// ClientStatus is the state of a service.
type ClientStatus string

// The states of a service. Filters refuse ClientUnknown.
const (
	ClientActive    ClientStatus = "ACTIVE"
	ClientSuspended ClientStatus = "SUSPENDED"
	ClientCancelled ClientStatus = "CANCELLED"
	ClientFree      ClientStatus = "FREE"
	ClientUnknown   ClientStatus = "UNKNOWN"
)

// InvoiceStatus summarizes the state of a client's invoices.
type InvoiceStatus string

// The states of a client's invoices. Filters refuse InvoicesUnknown.
const (
	InvoicesPaid    InvoiceStatus = "PAID"
	InvoicesPending InvoiceStatus = "PENDING"
	InvoicesOverdue InvoiceStatus = "OVERDUE"
	InvoicesUnknown InvoiceStatus = "UNKNOWN"
)
