package isp

import (
	"context"
	"errors"
	"strconv"

	"wisphub-graphql/auth"
	"wisphub-graphql/wisphub"
)

// UpdateClientInput is a change of a client's personal record. A nil field leaves the record's
// field as it is, and an empty text clears it.
type UpdateClientInput struct {
	ServiceID int
	Name      *string
	LastName  *string
	Document  *string
	Phone     *string
	Address   *string
	Locality  *string
	City      *string
	// Balance is the amount carried over: a debt above zero, a credit below. A [Decimal] without an
	// amount is an error. The caller must have [auth.ScopeBilling].
	Balance *Decimal
}

// UpdateClientPayload is the result of [Clients.Update].
type UpdateClientPayload struct {
	// Client is the record as read back, also beside NOT_APPLIED errors. It is nil if nothing was
	// changed.
	Client     *Client
	UserErrors []*UserError
}

// Update changes the personal record of a client, and reads it back. Without the scope for the
// balance, the error is [auth.ErrForbidden] and nothing is changed.
func (c *Clients) Update(ctx context.Context, input UpdateClientInput) (payload *UpdateClientPayload, err error) {
	ctx, write, err := c.mutations.begin(ctx, "updateClient", nodeID("client", input.ServiceID))
	if err != nil {
		return nil, err
	}
	defer endMutation(write, &payload, &err)
	if input.Balance != nil && !auth.FromContext(ctx).Has(auth.ScopeBilling) {
		return nil, auth.ErrForbidden
	}
	input.trim()
	if wrong := input.check(); len(wrong) > 0 {
		return &UpdateClientPayload{UserErrors: wrong}, nil
	}
	lock, err := c.mutations.locks.Order(ctx, "client/"+strconv.Itoa(input.ServiceID))
	if err != nil {
		return nil, lockError(err)
	}
	defer lock.Release()
	before, err := c.beforeUpdate(ctx, &input)
	if err != nil {
		return nil, err
	}
	if before == nil {
		return &UpdateClientPayload{UserErrors: noClient("input", "serviceId")}, nil
	}
	ctx, cancel, err := write.commit(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	write.changes = input.changes(before, nil)
	if wrong, err := c.sendProfile(ctx, &input); err != nil || len(wrong) > 0 {
		return &UpdateClientPayload{UserErrors: wrong}, err
	}
	after, err := c.readBack(ctx, input.ServiceID)
	if err != nil {
		return nil, err
	}
	write.changes = input.changes(before, after)
	return &UpdateClientPayload{after, input.notApplied(c.locale, before, after, c.profile(ctx, &input))}, nil
}

// beforeUpdate returns the client as it is. A balance is read again first, so that the audit has
// the amount that is replaced.
func (c *Clients) beforeUpdate(ctx context.Context, input *UpdateClientInput) (*Client, error) {
	if input.Balance != nil {
		return c.reload(ctx, input.ServiceID)
	}
	return c.getOrFetch(ctx, input.ServiceID)
}

// sendProfile sends the change.
func (c *Clients) sendProfile(ctx context.Context, input *UpdateClientInput) (userErrors, error) {
	err := c.api.Clients.UpdateProfile(ctx, input.ServiceID, input.request())
	if err == nil {
		return nil, nil
	}
	wrong, err := c.mutations.rejection("client", err, profilePaths, []string{"input", "serviceId"})
	if errors.Is(err, ErrOutcomeUnknown) {
		c.recheck(ctx, input.ServiceID)
	}
	return wrong, err
}

// readBack reads a client after WispHub accepted a change of it. If it cannot be read or is not
// found, the outcome is unknown.
func (c *Clients) readBack(ctx context.Context, serviceID int) (*Client, error) {
	after, err := readWritten(ctx, func(ctx context.Context) (*Client, error) { return c.reload(ctx, serviceID) })
	if err != nil {
		c.recheck(ctx, serviceID)
		return nil, outcomeUnknown("client", err)
	}
	return after, nil
}

// recheck reads a client again after a write with an unknown outcome.
func (c *Clients) recheck(ctx context.Context, serviceID int) {
	c.mutations.recheck(ctx, func(ctx context.Context) error {
		_, err := c.reload(ctx, serviceID)
		return err
	})
}

// profile returns the record that has first and last name apart; the list has them as one text. It
// is nil if the input has no name, or if the record cannot be read.
func (c *Clients) profile(ctx context.Context, input *UpdateClientInput) *wisphub.Profile {
	if input.Name == nil && input.LastName == nil {
		return nil
	}
	profile, err := c.api.Clients.Profile(ctx, input.ServiceID)
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

var profilePaths = inputPaths{
	"nombre":    {"input", "name"},
	"apellidos": {"input", "lastName"},
	"cedula":    {"input", "document"},
	"telefono":  {"input", "phone"},
	"direccion": {"input", "address"},
	"localidad": {"input", "locality"},
	"ciudad":    {"input", "city"},
	"saldo":     {"input", "balance"},
}

func (i *UpdateClientInput) request() wisphub.ProfileUpdate {
	update := wisphub.ProfileUpdate{
		Name:     optional(i.Name),
		LastName: optional(i.LastName),
		Document: optional(i.Document),
		Phone:    optional(i.Phone),
		Address:  optional(i.Address),
		Locality: optional(i.Locality),
		City:     optional(i.City),
	}
	if i.Balance != nil {
		update.Balance = wisphub.Some(i.Balance.Value())
	}
	return update
}

func optional(value *string) (given wisphub.Optional[string]) {
	if value != nil {
		given = wisphub.Some(*value)
	}
	return given
}
