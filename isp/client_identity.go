package isp

import (
	"context"
	"slices"

	"wisphub-graphql/isp/text"
)

// IdentityClaim is what a user says about themselves. Nil fields, blank text and the zero amount
// are absent.
type IdentityClaim struct {
	Name      *string
	Address   *string
	PlanName  *string
	PlanPrice *Decimal
}

// IdentityField is a field of [IdentityClaim].
type IdentityField string

// The fields of a claim, in the order of [IdentityCheck].MatchedFields.
const (
	IdentityName      IdentityField = "NAME"
	IdentityAddress   IdentityField = "ADDRESS"
	IdentityPlanName  IdentityField = "PLAN_NAME"
	IdentityPlanPrice IdentityField = "PLAN_PRICE"
)

// IdentityCheck says whether a claim is true.
type IdentityCheck struct {
	// Valid is true only when every given field matches.
	Valid bool
	// MatchedFields are the given fields that match. Never nil.
	MatchedFields []IdentityField
	// Client is nil unless the claim is valid.
	Client *Client
}

// PlanDetailsFunc returns the details of several plans and an error for each, in the order of
// the ids, as [Plans.ManyDetails] does. It is called at most once, so it may refuse a list that
// costs too many calls.
type PlanDetailsFunc func(ctx context.Context, ids []int) ([]*PlanDetails, []error)

// Identify finds the one customer that matches a claim. The answer says nothing about customers
// if none or several match.
//
// It fetches plans only for clients that have no price of their own and match everything else.
func (c *Clients) Identify(ctx context.Context, claim IdentityClaim, fetchPlans PlanDetailsFunc) (*IdentityCheck, error) {
	parsed, err := claim.parse()
	if err != nil {
		return nil, err
	}
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	return parsed.identify(ctx, directory, fetchPlans)
}

// Verify says which fields of a claim match the client with the service id. It returns nil if
// there is no such client. It fetches at most one plan.
func (c *Clients) Verify(ctx context.Context, serviceID int, claim IdentityClaim, fetchPlans PlanDetailsFunc) (*IdentityCheck, error) {
	parsed, err := claim.parse()
	if err != nil {
		return nil, err
	}
	if serviceID < 1 {
		return nil, invalid("must be 1 or more", "serviceId")
	}
	client, err := c.Get(ctx, serviceID)
	if err != nil || client == nil {
		return nil, err
	}
	return parsed.verify(ctx, client, fetchPlans)
}

func (c *claim) identify(ctx context.Context, d *directory, fetchPlans PlanDetailsFunc) (*IdentityCheck, error) {
	matches, err := c.filterByPrice(ctx, d.matching(c), fetchPlans)
	if err != nil {
		return nil, err
	}
	if len(matches) == 0 || !oneCustomer(matches) {
		return &IdentityCheck{MatchedFields: []IdentityField{}}, nil
	}
	return c.result(c.givenFields(), preferred(matches)), nil
}

func (c *claim) verify(ctx context.Context, client *Client, fetchPlans PlanDetailsFunc) (*IdentityCheck, error) {
	prices := planPrices{}
	if c.hasPrice() {
		var err error
		if prices, err = fetchPrices(ctx, oneOrNone(client), fetchPlans); err != nil {
			return nil, err
		}
	}
	return c.result(c.matchedFields(clientIdentity{
		name:    text.Fold(client.Name),
		address: text.Fold(string(client.Address)),
		plan:    client.Plan.folded(),
		price:   prices.priceOf(client),
	}), client), nil
}

// result is the check of a client whose fields matched.
func (c *claim) result(matched []IdentityField, client *Client) *IdentityCheck {
	check := &IdentityCheck{Valid: len(matched) == len(c.givenFields()), MatchedFields: matched}
	if check.Valid {
		check.Client = client
	}
	return check
}

// matching returns the clients that match all texts of a claim. The search index leaves few
// clients to compare, unless the texts are very short.
func (d *directory) matching(c *claim) []*Client {
	plans := map[*Plan]string{} // folded names; there are few plans and many clients
	var matches []*Client
	for i := range d.search.match(c.words).each {
		client := d.clients[i]
		plan, known := plans[client.Plan]
		if !known {
			plan = client.Plan.folded()
			plans[client.Plan] = plan
		}
		if c.texts.matchAll(clientIdentity{name: client.search.name(), address: client.search.address(), plan: plan}) {
			matches = append(matches, client)
		}
	}
	return matches
}

// filterByPrice keeps the clients with the claimed price, and all clients if the claim has none.
func (c *claim) filterByPrice(ctx context.Context, clients []*Client, fetchPlans PlanDetailsFunc) ([]*Client, error) {
	if !c.hasPrice() {
		return clients, nil
	}
	matches := c.havingPrice(clients, planPrices{})
	if !oneCustomer(matches) {
		return matches, nil // several customers match already; plan prices can only add more
	}
	prices, err := fetchPrices(ctx, clients, fetchPlans)
	if err != nil {
		return nil, err
	}
	return c.havingPrice(clients, prices), nil
}

func (c *claim) havingPrice(clients []*Client, prices planPrices) []*Client {
	var matches []*Client
	for _, client := range clients {
		if c.price.matchAll(clientIdentity{price: prices.priceOf(client)}) {
			matches = append(matches, client)
		}
	}
	return matches
}

// planPrices are the prices of plans, by plan id.
type planPrices map[int]Decimal

// fetchPrices fetches the plans of the clients that have no price, each plan once.
func fetchPrices(ctx context.Context, clients []*Client, fetchPlans PlanDetailsFunc) (planPrices, error) {
	var ids []int
	for _, client := range clients {
		if id := client.planID(); id > 0 && client.lacksPrice() && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	prices := planPrices{}
	if len(ids) == 0 {
		return prices, nil
	}
	details, errs := fetchPlans(ctx, ids)
	for i, id := range ids {
		if errs[i] != nil {
			return nil, errs[i]
		}
		prices[id] = details[i].Price
	}
	return prices, nil
}

// priceOf returns the client's own price, else the plan's. It returns no amount if neither is
// known.
func (p planPrices) priceOf(client *Client) Decimal {
	if client.lacksPrice() {
		return p[client.planID()]
	}
	return client.PlanPrice
}

// lacksPrice reports whether WispHub has no price for the client. It writes that as "", "0" or
// "0.00".
func (c *Client) lacksPrice() bool { return c.PlanPrice.Value().IsZero() }
