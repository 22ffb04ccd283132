package wisphub

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/shopspring/decimal"
)

// Profile is the personal record. Its full key list is unknown: these are the keys that its PUT takes.
type Profile struct {
	Name     Text  `json:"nombre"`
	LastName Text  `json:"apellidos"`
	Document Text  `json:"cedula"`
	Address  Text  `json:"direccion"`
	Locality Text  `json:"localidad"`
	City     Text  `json:"ciudad"`
	Phone    Text  `json:"telefono"`
	Balance  Money `json:"saldo"`
}

// ProfileUpdate holds what is to change in a [Profile]; an absent field stays as it is. What WispHub makes of null is not
// known.
type ProfileUpdate struct {
	Name     Optional[string] `json:"nombre,omitzero"`
	LastName Optional[string] `json:"apellidos,omitzero"`
	Document Optional[string] `json:"cedula,omitzero"`
	Address  Optional[string] `json:"direccion,omitzero"`
	Locality Optional[string] `json:"localidad,omitzero"`
	City     Optional[string] `json:"ciudad,omitzero"`
	Phone    Optional[string] `json:"telefono,omitzero"`
	// Balance is what is carried: a debt above zero, a credit below. It can be written here only (wisphub-net-api §4.4).
	Balance Optional[decimal.Decimal] `json:"saldo,omitzero"`
}

// Profile returns the personal record of a service.
func (s *ClientsService) Profile(ctx context.Context, id int) (*Profile, error) {
	return record[Profile](ctx, s.api, clientsPath, strconv.Itoa(id), "perfil")
}

// UpdateProfile changes the personal record. That it was accepted, with 200 or 204, is no evidence that it was kept: only a
// fresh read is (wisphub-net-api §2.7).
func (s *ClientsService) UpdateProfile(ctx context.Context, id int, update ProfileUpdate) error {
	c := s.api.newWrite(http.MethodPut, jsonPayload(update), jsonOrEmpty, clientsPath, strconv.Itoa(id), "perfil")
	return s.api.write(ctx, c, new(json.RawMessage))
}
