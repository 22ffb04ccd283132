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

// maxWindowBytes is what the tickets of one window may take in memory: about 30,000 tickets.
const maxWindowBytes = 48 << 20

// crawlAll reads a whole list. If it is the first reading, callers may wait for it: all pages have
// the priority of ctx. Otherwise the pages after the first have background priority.
func crawlAll[R any](ctx context.Context, first bool, list wisphub.ListFunc[R], id func(*R) int) ([]R, error) {
	return wisphub.ReadAllWith(ctx, func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[R], error) {
		if !first && options.Offset > 0 {
			ctx = withBackgroundPriority(ctx)
		}
		return list(ctx, options)
	}, id, wisphub.ReadOptions[R]{First: first, MaxBytes: maxWindowBytes})
}

// clientCrawl is one crawl of the client list. It converts each page when it comes, so that no raw
// rows are kept.
type clientCrawl struct {
	clients  *Clients
	held     *directory // to be refreshed; nil in a first crawl
	calls    atomic.Int64
	progress int // the number of the pass
	passes   int
	known    map[int]*wisphub.Page[*Client] // from another replica
	pages    *pagePublisher
	// reservation is for the pages of a first crawl, which each pass announces once.
	reservation *ratelimit.Reservation
	announced   bool // the pages of this pass are reserved

	mu        sync.Mutex // guards what follows
	pass      crawlPass
	convert   *converter
	malformed map[*Client][]string // the malformed fields of a client
}

// start starts a pass.
func (c *clientCrawl) start(pass crawlPass) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pass, c.convert, c.malformed = pass, newConverterAfter(c.held, c.clients.locale, pass.began), map[*Client][]string{}
}

// crawl returns all clients, and since when they were read. It records the cost. Held is the
// directory that it refreshes. If that is nil, callers see the pages when they come, and other
// replicas can go on from them.
func (c *Clients) crawl(ctx context.Context, began time.Time, held *directory) (clients []*Client, asOf time.Time, err error) {
	first := held == nil
	crawl := &clientCrawl{clients: c, held: held}
	crawl.start(newCrawlPass(began))
	defer func() { c.pacing.record(began, int(crawl.calls.Load())+len(crawl.known)) }()
	options := wisphub.ReadOptions[*Client]{
		First:     first,
		OnMissing: func(pages int) error { return crawl.announce(ctx, pages) },
	}
	if first {
		ctx, crawl.reservation = c.api.Reserve(ctx)
		defer crawl.reservation.Release()
		c.reserved.Store(crawl.reservation)
		defer c.reserved.Store(nil) // it would keep this load and its directory in memory
		crawl.known = crawl.resume(ctx, c.shared)
		crawl.pages = newPagePublisher(ctx, c.shared)
		defer crawl.pages.close()
		defer func() { c.progress.end(crawl.progress) }()
		options.Known, options.OnPass, options.OnPage = crawl.known, crawl.onPass, crawl.onPage
	}
	clients, err = wisphub.ReadAllWith(ctx, crawl.list, func(row **Client) int { return (*row).ServiceID }, options)
	if err != nil {
		return nil, time.Time{}, err
	}
	crawl.report(clients)
	return slices.DeleteFunc(clients, func(client *Client) bool { return client.ServiceID <= 0 }), crawl.pass.began, nil
}

// onPass starts a pass. What another replica has read counts in the first one only.
func (c *clientCrawl) onPass() {
	c.reservation.Set(1) // the first page
	c.progress, c.announced = c.clients.progress.begin(), false
	c.passes++
	switch {
	case c.passes == 1:
	case len(c.known) > 0:
		c.start(newCrawlPass(time.Now()))
	default:
		c.start(newCrawlPass(c.pass.began))
	}
}

// onPage shows a page to callers, and to other replicas if it is new.
func (c *clientCrawl) onPage(offset int, page *wisphub.Page[*Client]) {
	c.clients.progress.add(c.progress, offset, page)
	if c.known[offset] != page {
		c.pages.publish(c.pass, offset, page)
	}
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

// sharedReading is the first crawl, for the gate of single look-ups.
func (c *Clients) sharedReading() sharedReading {
	return sharedReading{
		noun: "client",
		held: func() bool {
			_, warm := c.directory.Peek(struct{}{})
			return warm
		},
		read: func(ctx context.Context) error {
			_, err := c.directory.Get(ctx, struct{}{})
			return err
		},
		changed:   c.progress.changed,
		remaining: c.progress.remaining,
	}
}

// notAnswered is for callers whom no part of the list answers.
func notAnswered() bool { return false }
