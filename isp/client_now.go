package isp

import "context"

// FindNow is [Clients.Find] from memory.
func (c *Clients) FindNow(ctx context.Context, by ClientKey) (*Client, bool) {
	key, err := by.lookup(c.locale)
	if err != nil {
		return nil, false
	}
	clients, known := c.findNow(ctx, key)
	if !known {
		return nil, false
	}
	client, err := key.choose(clients)
	return client, err == nil
}

// ListNow is [Clients.List] from memory.
func (c *Clients) ListNow(ctx context.Context, query ClientQuery) (*ClientConnection, bool) {
	directory, warm := c.directoryNow(ctx)
	if !warm {
		return nil, false
	}
	listing, err := query.parse(c.locale)
	if err != nil {
		return nil, false
	}
	return directory.page(listing), true
}

// ListedNow is [Clients.Listed] from memory.
func (c *Clients) ListedNow(ctx context.Context, serviceID int) (*Client, bool) {
	directory, warm := c.directoryNow(ctx)
	if !warm {
		return nil, false
	}
	return c.listedIn(directory, serviceID), true
}

// OtherServicesNow is [Clients.OtherServices] from memory.
func (c *Clients) OtherServicesNow(ctx context.Context, client *Client) ([]*Client, bool) {
	if client.document == "" {
		return []*Client{}, true
	}
	same, known := c.findNow(ctx, client.sameDocument())
	if !known {
		return nil, false
	}
	return client.without(same), true
}

// CountByPlanNow is [Clients.CountByPlan] from memory.
func (c *Clients) CountByPlanNow(ctx context.Context, planID int) (count int, known bool) {
	directory, warm := c.directoryNow(ctx)
	if !warm {
		return 0, false
	}
	return directory.byPlan()[planID], true
}

// directoryNow is currentDirectory without waiting for the first one.
func (c *Clients) directoryNow(ctx context.Context) (*directory, bool) {
	crawled, warm := knownNow(ctx, c.directory, struct{}{})
	if !warm {
		return nil, false
	}
	return c.overrides.current(crawled), true
}

// findNow is find for a directory that is in memory.
func (c *Clients) findNow(ctx context.Context, key lookup) ([]*Client, bool) {
	if !key.canExist() {
		return nil, true
	}
	directory, warm := c.directoryNow(ctx)
	if !warm {
		return nil, false
	}
	found := directory.find(key)
	if !directory.mayLack(key, found) {
		return found, true
	}
	looked, known := foundNow(ctx, c.lookups, key)
	if len(looked) == 0 {
		return nil, known
	}
	return c.overrides.matching(looked, key), true
}
