package isp

import (
	"context"
	"slices"
	"wisphub-graphql/isp/text"
)

// IdentityClaim is what a person says about themselves. Nil fields, blank text and no amount are as good as absent.
type IdentityClaim struct {
	Name      *string
	Address   *string
	PlanName  *string
	PlanPrice *Decimal
}

// IdentityField is a field of [IdentityClaim].
type IdentityField string

// The fields of a claim, in the order in which they are listed.
const (
	IdentityName      IdentityField = "NAME"
	IdentityAddress   IdentityField = "ADDRESS"
	IdentityPlanName  IdentityField = "PLAN_NAME"
	IdentityPlanPrice IdentityField = "PLAN_PRICE"
)

// IdentityCheck says whether a claim holds.
type IdentityCheck struct {
	// Valid is true only when every given field matches.
	Valid bool
	// MatchedFields are the given fields that match. Never nil.
	MatchedFields []IdentityField
	// Client is nil unless the claim is valid.
	Client *Client
}

// PlanDetailsFunc returns the details of several plans, each with its error, in the order of the ids. [Plans.ManyDetails] does.
// It is called once at most, so that it may refuse what costs too many calls.
type PlanDetailsFunc func(ctx context.Context, ids []int) ([]*PlanDetails, []error)

// Identify finds the one customer whom a claim fits. Nothing is told of customers when it fits none, or several.
//
// Plans are asked for their price only when a client without one fits in all else.
func (c *Clients) Identify(ctx context.Context, said IdentityClaim, ask PlanDetailsFunc) (*IdentityCheck, error) {
	claim, err := said.parse()
	if err != nil {
		return nil, err
	}
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	return claim.identify(ctx, directory, ask)
}

// Verify says which parts of a claim fit the client with the service id; nil when there is no such client. It asks for
// recordAt most one plan.
func (c *Clients) Verify(ctx context.Context, serviceID int, said IdentityClaim, ask PlanDetailsFunc) (*IdentityCheck, error) {
	claim, err := said.parse()
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
	return claim.verify(ctx, client, ask)
}

func (c *claim) identify(ctx context.Context, d *directory, ask PlanDetailsFunc) (*IdentityCheck, error) {
	fit, err := c.filterByPrice(ctx, d.matching(c), ask)
	if err != nil {
		return nil, err
	}
	if len(fit) == 0 || !oneCustomer(fit) {
		return &IdentityCheck{MatchedFields: []IdentityField{}}, nil
	}
	return c.result(c.givenFields(), preferred(fit)), nil
}

func (c *claim) verify(ctx context.Context, client *Client, ask PlanDetailsFunc) (*IdentityCheck, error) {
	prices := planPrices{}
	if c.hasPrice() {
		var err error
		if prices, err = fetchPrices(ctx, oneOrNone(client), ask); err != nil {
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

// result says what follows from the fields that match a client's.
func (c *claim) result(matched []IdentityField, client *Client) *IdentityCheck {
	check := &IdentityCheck{Valid: len(matched) == len(c.givenFields()), MatchedFields: matched}
	if check.Valid {
		check.Client = client
	}
	return check
}

// matching returns the clients whom all texts of a claim fit. The search leaves few to look at, unless the claim says
// next to nothing.
func (d *directory) matching(c *claim) []*Client {
	plans := map[*Plan]string{} // few, and each has many clients
	var fit []*Client
	for i := range d.search.match(c.words).each {
		client := d.clients[i]
		plan, known := plans[client.Plan]
		if !known {
			plan = client.Plan.folded()
			plans[client.Plan] = plan
		}
		if c.texts.matchAll(clientIdentity{name: d.search.names[i], address: d.search.addresses[i], plan: plan}) {
			fit = append(fit, client)
		}
	}
	return fit
}

// filterByPrice keeps the clients whose price is the claimed one, all when none is claimed.
func (c *claim) filterByPrice(ctx context.Context, clients []*Client, ask PlanDetailsFunc) ([]*Client, error) {
	if !c.hasPrice() {
		return clients, nil
	}
	fit := c.havingPrice(clients, planPrices{})
	if !oneCustomer(fit) {
		return fit, nil // it fits strangers already, and no plan's price makes them one customer
	}
	prices, err := fetchPrices(ctx, clients, ask)
	if err != nil {
		return nil, err
	}
	return c.havingPrice(clients, prices), nil
}

func (c *claim) havingPrice(clients []*Client, prices planPrices) []*Client {
	var fit []*Client
	for _, client := range clients {
		if c.price.matchAll(clientIdentity{price: prices.priceOf(client)}) {
			fit = append(fit, client)
		}
	}
	return fit
}

// planPrices are the prices of plans, by id.
type planPrices map[int]Decimal

// fetchPrices asks for the plans of the clients whose own price is missing, each once.
func fetchPrices(ctx context.Context, clients []*Client, ask PlanDetailsFunc) (planPrices, error) {
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
	details, errs := ask(ctx, ids)
	for i, id := range ids {
		if errs[i] != nil {
			return nil, errs[i]
		}
		prices[id] = details[i].Price
	}
	return prices, nil
}

// priceOf returns what a client pays: the row's price, else the plan's; no amount when neither is known.
func (p planPrices) priceOf(client *Client) Decimal {
	if client.lacksPrice() {
		return p[client.planID()]
	}
	return client.PlanPrice
}

// lacksPrice: WispHub writes a price that it does not have as "", "0" or "0.00".
func (c *Client) lacksPrice() bool { return c.PlanPrice.value.IsZero() }
