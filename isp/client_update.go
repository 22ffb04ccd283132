package isp

import (
	"context"
	"errors"
	"strconv"

	"wisphub-graphql/wisphub"
)

// UpdateClientInput is what is to change in the personal record of a client. A nil field stays as it is, and an empty text
// clears.
type UpdateClientInput struct {
	ServiceID int
	Name      *string
	LastName  *string
	Document  *string
	Phone     *string
	Address   *string
	Locality  *string
	City      *string
	// Balance is what is carried: a debt above zero, a credit below. No amount is refused.
	Balance *Decimal
}

// UpdateClientPayload is what became of [Desk.UpdateClient].
type UpdateClientPayload struct {
	// Client is the record as a fresh read shows it, also beside what did not stick; nil when nothing was changed.
	Client     *Client
	UserErrors []*UserError
}

// UpdateClient changes the personal record of a client, and reads it again.
func (d *Desk) UpdateClient(ctx context.Context, input UpdateClientInput) (*UpdateClientPayload, error) {
	about := func(*UpdateClientPayload) []string { return []string{nodeID("client", input.ServiceID)} }
	return audited(ctx, d, "updateClient", about, func(ctx context.Context) (payload *UpdateClientPayload, err error) {
		input.trim()
		payload = &UpdateClientPayload{UserErrors: input.check()}
		if len(payload.UserErrors) > 0 {
			return payload, nil
		}
		release, err := d.locks.Acquire(ctx, "client/"+strconv.Itoa(input.ServiceID))
		if err != nil {
			return payload, err
		}
		defer release()
		payload.Client, payload.UserErrors, err = d.updateClient(ctx, input)
		return payload, err
	})
}

// updateClient is UpdateClient for input that makes sense.
func (d *Desk) updateClient(ctx context.Context, input UpdateClientInput) (*Client, userErrors, error) {
	before, err := d.client(ctx, input.ServiceID)
	if err != nil {
		return nil, nil, err
	}
	if before == nil {
		return nil, noClient("input", "serviceId"), nil
	}
	ctx, done, err := d.commit(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	read := func(ctx context.Context) error { return only(d.clients.reload(ctx, input.ServiceID)) }
	if err := d.api.Clients.UpdateProfile(ctx, input.ServiceID, input.request()); err != nil {
		wrong, err := d.refused("client", err, profilePaths, []string{"input", "serviceId"})
		if errors.Is(err, ErrOutcomeUnknown) {
			d.lookAgain(ctx, read)
		}
		return nil, wrong, err
	}
	after, err := d.clients.reload(ctx, input.ServiceID)
	if err != nil {
		d.lookAgain(ctx, read)
		return nil, nil, outcomeUnknown("client", err)
	}
	if after == nil {
		return nil, noClient("input", "serviceId"), nil
	}
	return after, input.unkept(before, after, d.profile(ctx, input)), nil
}

// only drops what a function returns beside its error.
func only[T any](_ T, err error) error { return err }

// profile returns the record that has the parts of a name, which the list has as one; nil when it is not needed, or not to
// be had: then the list has to do.
func (d *Desk) profile(ctx context.Context, input UpdateClientInput) *wisphub.Profile {
	if input.Name == nil && input.LastName == nil {
		return nil
	}
	profile, err := d.api.Clients.Profile(ctx, input.ServiceID)
	if err != nil || profile.Name == "" && profile.LastName == "" {
		return nil
	}
	return profile
}

func noClient(path ...string) userErrors {
	var wrong userErrors
	wrong.add(CodeNotFound, "There is no such client.", path...)
	return wrong
}

// profilePaths are the input's fields by WispHub's names.
var profilePaths = map[string][]string{
	"nombre":    {"input", "name"},
	"apellidos": {"input", "lastName"},
	"cedula":    {"input", "document"},
	"telefono":  {"input", "phone"},
	"direccion": {"input", "address"},
	"localidad": {"input", "locality"},
	"ciudad":    {"input", "city"},
	"saldo":     {"input", "balance"},
}

func (i UpdateClientInput) request() wisphub.ProfileUpdate {
	update := wisphub.ProfileUpdate{
		Name:     given(i.Name),
		LastName: given(i.LastName),
		Document: given(i.Document),
		Phone:    given(i.Phone),
		Address:  given(i.Address),
		Locality: given(i.Locality),
		City:     given(i.City),
	}
	if i.Balance != nil {
		update.Balance = wisphub.Some(i.Balance.Value())
	}
	return update
}

func given(text *string) (value wisphub.Optional[string]) {
	if text != nil {
		value = wisphub.Some(*text)
	}
	return value
}
