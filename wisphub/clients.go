package wisphub

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"wisphub-graphql/wisphub/ratelimit"
)

const (
	clientsPath = "clientes"
	clientPath  = clientsPath + "/" + idElement
)

// ClientsService reads and changes the services of subscribers.
type ClientsService service

// Client is a row of the client list: one service of one customer (wisphub-net-api §4.2).
type Client struct {
	ID           Int            `json:"id_servicio"`
	Username     Text           `json:"usuario"`
	Name         Text           `json:"nombre"`
	LastName     Text           `json:"apellidos"` // never seen in a real row, but two other programs read it
	Document     Text           `json:"cedula"`
	Email        Text           `json:"email"`
	Phone        Text           `json:"telefono"`
	Address      Text           `json:"direccion" max:"1000"`
	Locality     Text           `json:"localidad"`
	City         Text           `json:"ciudad"`
	State        Text           `json:"estado"`          // a label, see ParseClientState
	InvoiceState Text           `json:"estado_facturas"` // a label, see ParseInvoiceState
	Balance      Money          `json:"saldo"`
	PlanPrice    Money          `json:"precio_plan"`
	Discount     Money          `json:"descuento"`
	CutOff       Time           `json:"fecha_corte"`
	Installed    Time           `json:"fecha_instalacion"`
	Cancelled    Time           `json:"fecha_cancelacion"`
	Updated      Time           `json:"ultimo_cambio"`
	IP           Text           `json:"ip"`
	LocalIP      Text           `json:"ip_local"`
	MAC          Text           `json:"mac_cpe"`
	LANInterface Text           `json:"interfaz_lan"`
	ONUSerial    Text           `json:"sn_onu"`
	Comments     Text           `json:"comentarios" max:"5000"`
	Coordinates  Text           `json:"coordenadas"` // "latitude,longitude"
	Plan         Object[Ref]    `json:"plan_internet"`
	Zone         Object[Ref]    `json:"zona"`
	Router       Object[Router] `json:"router"`
	Sector       Object[Ref]    `json:"sectorial"`
	Technician   Object[Ref]    `json:"tecnico"`
}

// MalformedFields returns the JSON keys of the fields whose values could not be understood.
func (c *Client) MalformedFields() []string {
	var malformed []string
	for _, field := range []struct {
		key       string
		malformed bool
	}{
		{"id_servicio", c.ID <= 0},
		{"saldo", c.Balance.Malformed},
		{"precio_plan", c.PlanPrice.Malformed},
		{"descuento", c.Discount.Malformed},
		{"fecha_corte", c.CutOff.Malformed},
		{"fecha_instalacion", c.Installed.Malformed},
		{"fecha_cancelacion", c.Cancelled.Malformed},
		{"ultimo_cambio", c.Updated.Malformed},
	} {
		if field.malformed {
			malformed = append(malformed, field.key)
		}
	}
	return malformed
}

// ClientListOptions holds the filters that WispHub supports. WispHub ignores an unknown filter
// and answers with the whole list (wisphub-net-api §2.5, §4.1). The zero value of a field does
// not filter.
type ClientListOptions struct {
	ListOptions
	ServiceID int
	Document  string
	// Phone matches the whole stored text, which may be a list of numbers. PhoneContains finds one
	// number in it.
	Phone            string
	PhoneContains    string
	Username         string
	UsernameContains string
	Name             string
	NameContains     string
	LastNameContains string
	DocumentContains string
	EmailContains    string
	State            ClientState
	PlanID           int
	RouterID         int
	TechnicianID     int
	SectorID         int
	City             string
	Locality         string
}

func (o ClientListOptions) values() url.Values {
	query := o.ListOptions.values()
	for key, value := range map[string]string{
		"cedula":              o.Document,
		"telefono":            o.Phone,
		"telefono__contains":  o.PhoneContains,
		"usuario":             o.Username,
		"usuario__contains":   o.UsernameContains,
		"nombre":              o.Name,
		"nombre__contains":    o.NameContains,
		"apellidos__contains": o.LastNameContains, // It is unclear which of the two spellings WispHub supports.
		"apellido__contains":  o.LastNameContains, // It ignores the other.
		"cedula__contains":    o.DocumentContains,
		"email__contains":     o.EmailContains,
		"ciudad":              o.City,
		"localidad":           o.Locality,
	} {
		if value != "" {
			query.Set(key, value)
		}
	}
	for key, id := range map[string]int{
		"id_servicio":   o.ServiceID,
		"estado":        int(o.State),
		"plan_internet": o.PlanID,
		"router":        o.RouterID,
		"tecnico":       o.TechnicianID,
		"sectorial":     o.SectorID,
	} {
		if id != 0 {
			query.Set(key, strconv.Itoa(id))
		}
	}
	return query
}

// ClientDetail is the technical record. Unlike a row of the list it has no name, phone, balance
// or user.
type ClientDetail struct {
	ID          Int            `json:"id_servicio"`
	RouterUser  Text           `json:"usuario_rb"`
	IP          Text           `json:"ip"`
	State       Text           `json:"estado"`
	InvoicesOK  Bool           `json:"facturas_pagadas"`
	Comments    Text           `json:"comentarios" max:"5000"`
	Registered  Time           `json:"fecha_registro"`
	Installed   Time           `json:"fecha_instalacion"`
	Cancelled   Time           `json:"fecha_cancelacion"`
	MAC         Text           `json:"mac_cpe"`
	AutoEnabled Bool           `json:"auto_activar_servicio"`
	Plan        Object[Ref]    `json:"plan_internet"`
	Zone        Object[Ref]    `json:"zona"`
	Router      Object[Router] `json:"router"`
	Technician  Object[Ref]    `json:"tecnico"`
}

func (d *ClientDetail) lacks() string {
	if d.ID <= 0 {
		return "id_servicio"
	}
	return ""
}

// List returns one page of services. The order is WispHub's.
func (s *ClientsService) List(ctx context.Context, options ClientListOptions) (*Page[Client], error) {
	key := s.api.keyRing.current()
	page, err := getPage[Client](ctx, s.api, options.values(), clientsPath)
	if isFirstPage := options == (ClientListOptions{ListOptions: ListOptions{Limit: options.Limit}}); err == nil && isFirstPage {
		s.api.observe(ctx, key, page.Rows)
	}
	return page, err
}

// Get returns the technical record of a service. List with ServiceID returns the whole row, also
// in one call.
func (s *ClientsService) Get(ctx context.Context, id int) (*ClientDetail, error) {
	return getRecord[ClientDetail](ctx, s.api, clientPath, strconv.Itoa(id))
}

// AnnouncePages reserves the calls for more pages. The error is [ErrBudget] if the budget does not let
// them go before ctx ends.
func (s *ClientsService) AnnouncePages(ctx context.Context, reservation *ratelimit.Reservation, pages int) error {
	if refusal := reservation.Announce(ctx, pages); refusal != nil {
		return namedCall(http.MethodGet, clientsPath).budgetError(refusal)
	}
	return nil
}
