package isp

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// crawlAll reads a whole list. If it is the first reading, callers may wait for it: all pages have
// the priority of ctx. Otherwise the pages after the first have background priority.
func crawlAll[R any](ctx context.Context, first bool, list wisphub.ListFunc[R], id func(*R) int) ([]R, error) {
	return wisphub.ReadAllWith(ctx, func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[R], error) {
		if !first && options.Offset > 0 {
			ctx = withBackgroundPriority(ctx)
		}
		return list(ctx, options)
	}, id, wisphub.ReadOptions[R]{First: first})
}

// clientCrawl is one crawl of the client list. It converts each page when it comes, so that no raw
// rows are kept.
type clientCrawl struct {
	clients *Clients
	calls   atomic.Int64
	pass    int // of the progress
	// reservation is for the pages of a first crawl; nil for a refresh.
	reservation *ratelimit.Reservation
	announced   bool // the pages of this pass are reserved

	mu        sync.Mutex // guards what follows
	convert   *converter
	malformed map[*Client][]string // the malformed fields of a client
}

// crawl returns all clients and records the cost. A row without an id is a client without one,
// until the list is proved whole. First says that there is no directory yet.
func (c *Clients) crawl(ctx context.Context, began time.Time, first bool) ([]*Client, error) {
	crawl := &clientCrawl{clients: c, convert: newConverter(c.locale, began), malformed: map[*Client][]string{}}
	defer func() { c.pacing.record(began, int(crawl.calls.Load())) }()
	options := wisphub.ReadOptions[*Client]{
		First:     first,
		OnMissing: func(pages int) error { return crawl.announce(ctx, pages) },
	}
	if first {
		ctx, crawl.reservation = c.api.Reserve(ctx)
		defer crawl.reservation.Release()
		c.reserved.Store(crawl.reservation)
		options.OnPass = func() { crawl.pass, crawl.announced = c.progress.begin(), false }
		options.OnPage = func(offset int, page *wisphub.Page[*Client]) { c.progress.add(crawl.pass, offset, page) }
		defer func() { c.progress.end(crawl.pass) }()
	}
	clients, err := wisphub.ReadAllWith(ctx, crawl.list, func(row **Client) int { return (*row).ServiceID }, options)
	if err != nil {
		return nil, err
	}
	crawl.report(clients)
	return slices.DeleteFunc(clients, func(client *Client) bool { return client.ServiceID <= 0 }), nil
}

// announce checks that the budget lets the missing pages go in time, and reserves them for a first
// crawl. A pass that has begun also waits for the hour: its pages would be lost.
func (c *clientCrawl) announce(ctx context.Context, pages int) error {
	clients := c.clients.api.Clients
	if c.reservation == nil {
		return clients.CheckBudget(ctx, pages)
	}
	if c.announced {
		c.reservation.Set(pages)
		return clients.CheckBudget(ctx, pages)
	}
	c.announced = true
	return clients.AnnouncePages(ctx, c.reservation, pages)
}

// budgetWait returns how long until the budget has let so many pages of the first crawl go. Those
// that wait for an answer need no further call.
func (c *Clients) budgetWait(pages int) time.Duration {
	if reserved := c.reserved.Load(); reserved != nil {
		pages = min(pages, reserved.Left())
	}
	return c.api.WaitFor(ratelimit.PriorityShared, pages)
}

// list reads a page and converts it.
func (c *clientCrawl) list(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[*Client], error) {
	c.calls.Add(1)
	page, err := c.clients.api.Clients.List(ctx, wisphub.ClientListOptions{ListOptions: options})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return wisphub.ConvertPage(page, c.client), nil
}

// client converts a row. The caller must hold mu.
func (c *clientCrawl) client(row *wisphub.Client) *Client {
	c.clients.noteUnknownLabels(row)
	if row.ID <= 0 {
		return &Client{ServiceID: int(row.ID)}
	}
	client := c.convert.client(row)
	if fields := row.MalformedFields(); len(fields) > 0 {
		c.malformed[client] = fields
	}
	return client
}
