package isp

import (
	"context"
	"slices"
	"strconv"
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
	version uint64
	asOf    time.Time
	tickets []*Ticket
}

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

// loadSet is the loader of both caches.
func (t *Tickets) loadSet(ctx context.Context, part ticketPart) (*ticketSet, error) {
	set := &ticketSet{version: t.version.Add(1), asOf: time.Now().In(t.locale.zone)}
	if !part.active {
		return set, t.crawlWindow(ctx, set, part.window, 0)
	}
	for window := 1; window < t.windows(); window++ {
		for _, state := range t.active {
			if err := t.crawlWindow(ctx, set, window, state); err != nil {
				return nil, err
			}
		}
	}
	return set, t.refreshWindows(ctx, part, set)
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

// crawlWindow adds the tickets of a window to the set: those in one state, or all for 0.
func (t *Tickets) crawlWindow(ctx context.Context, set *ticketSet, window int, state wisphub.TicketState) error {
	from, to := t.span(t.today(), window)
	rows, err := crawlAll(ctx, false, func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[wisphub.Ticket], error) {
		return t.api.Tickets.List(ctx, wisphub.TicketListOptions{ListOptions: options, State: state, From: from, To: to})
	}, func(row *wisphub.Ticket) int { return int(row.ID) })
	for i := range rows {
		if rows[i].ID > 0 {
			set.tickets = append(set.tickets, t.convert(&rows[i]))
		}
	}
	return err
}
