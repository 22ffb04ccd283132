package wisphub

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/shopspring/decimal"
)

const profilePath = clientPath + "/perfil"

// Profile is the personal record of a client. WispHub may have more keys: these are the ones that
// its PUT accepts.
type Profile struct {
	Name     Text  `json:"nombre"`
	LastName Text  `json:"apellidos"`
	Document Text  `json:"cedula"`
	Address  Text  `json:"direccion" max:"1000"`
	Locality Text  `json:"localidad"`
	City     Text  `json:"ciudad"`
	Phone    Text  `json:"telefono"`
	Balance  Money `json:"saldo"`
}

// ProfileUpdate holds the fields of a [Profile] to change. An absent field stays as it is. The
// effect of null is undocumented.
type ProfileUpdate struct {
	Name     Optional[string] `json:"nombre,omitzero"`
	LastName Optional[string] `json:"apellidos,omitzero"`
	Document Optional[string] `json:"cedula,omitzero"`
	Address  Optional[string] `json:"direccion,omitzero"`
	Locality Optional[string] `json:"localidad,omitzero"`
	City     Optional[string] `json:"ciudad,omitzero"`
	Phone    Optional[string] `json:"telefono,omitzero"`
	// Balance is the balance carried over: above zero a debt, below zero a credit. Only this call
	// can write it (wisphub-net-api §4.4).
	Balance Optional[decimal.Decimal] `json:"saldo,omitzero"`
}

// lacks insists on one value that says whose profile it is. WispHub's list of keys is unknown.
func (p *Profile) lacks() string {
	if p.Name+p.LastName+p.Document+p.Address+p.Locality+p.City+p.Phone == "" {
		return "nombre"
	}
	return ""
}

// Profile returns the personal record of a service.
func (s *ClientsService) Profile(ctx context.Context, id int) (*Profile, error) {
	return getRecord[Profile](ctx, s.api, profilePath, strconv.Itoa(id))
}

// UpdateProfile changes the personal record. WispHub may answer 200 or 204 and still not store
// it: read it back (wisphub-net-api §2.7).
func (s *ClientsService) UpdateProfile(ctx context.Context, id int, update ProfileUpdate) error {
	c := s.api.newWrite(http.MethodPut, jsonPayload(update), jsonOrEmpty, profilePath, strconv.Itoa(id))
	return s.api.write(ctx, c, new(json.RawMessage))
}
