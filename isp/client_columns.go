package isp

import "math"

// clientColumns are the values by which filters and statistics group the clients of a directory.
type clientColumns struct {
	status        *column[*Client, ClientStatus]
	invoiceStatus *column[*Client, InvoiceStatus]
	zone          *column[*Client, int]
	plan          *column[*Client, int]
	router        *column[*Client, int]
	technician    *column[*Client, int]
	city          *column[*Client, string]
	locality      *column[*Client, string]
	// debt and revenue are in cents, or inexactCents.
	debt    paged[int64]
	revenue paged[int64]
}

func newClientColumns(clients []*Client, pace *workPace) *clientColumns {
	debt, revenue := make([]int64, len(clients)), make([]int64, len(clients))
	for i, client := range clients {
		pace.step()
		debt[i], revenue[i] = client.debtCents(), client.revenueCents()
	}
	return &clientColumns{
		status:        newColumn(clients, func(c *Client) ClientStatus { return c.Status }, pace),
		invoiceStatus: newColumn(clients, func(c *Client) InvoiceStatus { return c.InvoiceStatus }, pace),
		zone:          newColumn(clients, (*Client).zoneID, pace),
		plan:          newColumn(clients, (*Client).planID, pace),
		router:        newColumn(clients, (*Client).routerID, pace),
		technician:    newColumn(clients, (*Client).technicianID, pace),
		city:          newColumn(clients, func(c *Client) string { return c.city }, pace),
		locality:      newColumn(clients, func(c *Client) string { return c.locality }, pace),
		debt:          inPages(debt),
		revenue:       inPages(revenue),
	}
}

// replace returns the columns after changes. They share what did not change.
func (c *clientColumns) replace(changed *changes) *clientColumns {
	return &clientColumns{
		status:        replaceColumn(c.status, changed),
		invoiceStatus: replaceColumn(c.invoiceStatus, changed),
		zone:          replaceColumn(c.zone, changed),
		plan:          replaceColumn(c.plan, changed),
		router:        replaceColumn(c.router, changed),
		technician:    replaceColumn(c.technician, changed),
		city:          replaceColumn(c.city, changed),
		locality:      replaceColumn(c.locality, changed),
		debt:          c.debt.with(changed, (*Client).debtCents),
		revenue:       c.revenue.with(changed, (*Client).revenueCents),
	}
}

const (
	// maxCents limits the amounts that are added as integers: those of four million clients cannot
	// overflow.
	maxCents = 1 << 40
	// inexactCents stands for an amount that is larger, or has more than two decimals.
	inexactCents = math.MinInt64
)

// debtCents returns what the client owes, 0 for a credit or an unknown balance.
func (c *Client) debtCents() int64 {
	cents, exact := c.Balance.cents()
	switch {
	case exact:
		return max(cents, 0)
	case debtOf(c.Balance).IsPositive():
		return inexactCents
	}
	return 0
}

// revenueCents returns what the client pays a month, 0 unless the service is active.
func (c *Client) revenueCents() int64 {
	if c.Status != ClientActive || c.PlanPrice.IsZero() {
		return 0
	}
	cents, exact := c.PlanPrice.cents()
	if !exact {
		return inexactCents
	}
	return cents
}
