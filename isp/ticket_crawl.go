package isp

import (
	"context"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub"
)

const (
	// ticketWindow is the width of a window in days. WispHub refuses more than about two months.
	ticketWindow = 60
	// ticketStep is less than the width, so that windows that were read on two days leave no gap.
	ticketStep = ticketWindow - 1
)

// ticketPart names the tickets that are read together: those of a window, of which 0 is the
// newest, or the active tickets of all other windows.
type ticketPart struct {
	window int
	active bool
}

// MarshalText returns the name of the part on disk and in the store.
func (p ticketPart) MarshalText() ([]byte, error) {
	if p.active {
		return []byte("active"), nil
	}
	return strconv.AppendInt(nil, int64(p.window), 10), nil
}

// UnmarshalText reads what MarshalText wrote.
func (p *ticketPart) UnmarshalText(text []byte) (err error) {
	*p = ticketPart{active: string(text) == "active"}
	if !p.active {
		p.window, err = strconv.Atoi(string(text))
	}
	return err
}

// ticketSet has the tickets of a part, as one crawl read them.
type ticketSet struct {
	version  uint64
	asOf     time.Time
	tickets  []*Ticket
	freshFor time.Duration // see refreshPacing.interval
	crawls   []crawlCost   // of the last hour, including its own
}

var _ cache.Lasting = (*ticketSet)(nil)

// OwnTTL implements [cache.Lasting].
func (s *ticketSet) OwnTTL() time.Duration { return s.freshFor }

// set returns the set of a part from its cache.
func (t *Tickets) set(ctx context.Context, part ticketPart) (*ticketSet, error) {
	entry, err := t.cacheOf(part).Get(ctx, part)
	return entry.Value, err
}

func (t *Tickets) cacheOf(part ticketPart) *cache.Cache[ticketPart, *ticketSet] {
	if part.active || part.window == 0 {
		return t.recent
	}
	return t.older
}

// windows returns how many windows cover the horizon and tomorrow.
func (t *Tickets) windows() int {
	return (t.horizon + ticketStep) / ticketStep
}

// span returns the first and the last day of a window. The newest window ends tomorrow, because it
// is not known whether WispHub counts the whole of the last day. No window begins before the
// horizon.
func (t *Tickets) span(today time.Time, window int) (from, to time.Time) {
	to = today.AddDate(0, 0, 1-window*ticketStep)
	from = to.AddDate(0, 0, 1-ticketWindow)
	if first := today.AddDate(0, 0, -t.horizon); from.Before(first) {
		from = first
	}
	return from, to
}

// loadSet is the loader of both caches. A refresh that no caller waits for starts only while the
// pacing allows it, unless another reading needs it.
func (t *Tickets) loadSet(ctx context.Context, part ticketPart) (*ticketSet, error) {
	began := time.Now()
	held, known := t.cacheOf(part).Peek(part)
	pacing := t.pacing.of(part, t.api.HourShare())
	charged, waiters := chargedTo(ctx), cache.HasWaiters(ctx)
	switch {
	case !known:
		ctx = withSharedPriority(ctx)
	default:
		pacing.merge(held.Value.crawls...)
		if charged == nil && !waiters && pacing.exhausted(began, t.api.HourShare()) {
			return nil, errCrawlPaced
		}
	}
	crawl := &ticketCrawl{tickets: t, first: !known || waiters}
	crawl.set = &ticketSet{version: t.version.Add(1), asOf: began.In(t.locale.zone)}
	err := crawl.read(ctx, part)
	if charged != nil {
		charged.Add(crawl.calls.Load())
	} else {
		pacing.record(began, int(crawl.calls.Load()))
	}
	if err != nil {
		return nil, err
	}
	pacing = t.pacing.of(part, t.api.HourShare()) // the cost may have changed
	crawl.set.freshFor, crawl.set.crawls = pacing.interval(t.api.HourShare()), pacing.history()
	return crawl.set, nil
}

// ticketCrawl is one reading of a part.
type ticketCrawl struct {
	tickets *Tickets
	first   bool // callers wait for it
	calls   atomic.Int64
	set     *ticketSet
}

// read reads the part into the set.
func (c *ticketCrawl) read(ctx context.Context, part ticketPart) error {
	switch {
	case !part.active:
		return c.window(ctx, part.window, 0)
	case c.tickets.pacing.readsWhole():
		return c.wholeWindows(charge(ctx, &c.calls))
	}
	for window := 1; window < c.tickets.windows(); window++ {
		for _, state := range c.tickets.active {
			if err := c.window(ctx, window, state); err != nil {
				return err
			}
		}
	}
	return c.tickets.refreshWindows(charge(ctx, &c.calls), part, c.set)
}

// wholeWindows reads the older windows again, unless they were read meanwhile, and adds their
// active tickets to the set.
func (c *ticketCrawl) wholeWindows(ctx context.Context) error {
	for window := 1; window < c.tickets.windows(); window++ {
		part := ticketPart{window: window}
		entry, known := c.tickets.older.Peek(part)
		if !known || entry.AsOf.Before(c.set.asOf) {
			var err error
			if entry, err = c.tickets.older.Refresh(ctx, part); err != nil {
				return err
			}
		}
		c.set.tickets = append(c.set.tickets, c.tickets.onlyActive(entry.Value.tickets)...)
	}
	return nil
}

// window adds the tickets of a window to the set: those in one state, or all for 0.
func (c *ticketCrawl) window(ctx context.Context, window int, state wisphub.TicketState) error {
	t := c.tickets
	from, to := t.span(t.today(), window)
	rows, err := crawlAll(ctx, c.first, func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[wisphub.Ticket], error) {
		c.calls.Add(1)
		return t.api.Tickets.List(ctx, wisphub.TicketListOptions{ListOptions: options, State: state, From: from, To: to})
	}, func(row *wisphub.Ticket) int { return int(row.ID) })
	for i := range rows {
		if rows[i].ID > 0 {
			c.set.tickets = append(c.set.tickets, t.convert(&rows[i]))
		}
	}
	return err
}

// refreshWindows reads the windows again that have tickets which are no longer active. Only these
// windows show the new state of such tickets.
func (t *Tickets) refreshWindows(ctx context.Context, active ticketPart, current *ticketSet) error {
	before, known := t.recent.Peek(active)
	if !known {
		return nil
	}
	inactive := map[int]bool{}
	for _, ticket := range before.Value.tickets {
		inactive[ticket.TicketID] = true
	}
	for _, ticket := range current.tickets {
		delete(inactive, ticket.TicketID)
	}
	for window := 1; window < t.windows(); window++ {
		older := ticketPart{window: window}
		set, known := t.older.Peek(older)
		if !known || !slices.ContainsFunc(set.Value.tickets, func(ticket *Ticket) bool { return inactive[ticket.TicketID] }) {
			continue
		}
		if _, err := t.older.Refresh(ctx, older); err != nil {
			return err
		}
	}
	return nil
}
