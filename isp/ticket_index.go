package isp

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub"
)

const (
	// ticketWindow is the width of a window in days; WispHub refuses more than about two months.
	ticketWindow = 60
	// ticketStep is less than the width, so that windows which were read on two days leave no gap.
	ticketStep = ticketWindow - 1
)

// ticketPart names what is read together: a window (0 is the newest), or the active tickets of all windows but it.
type ticketPart struct {
	window int
	active bool
}

// MarshalText names the part outside of the process.
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

// ticketSet is what one reading of a part brought.
type ticketSet struct {
	version uint64
	asOf    time.Time
	tickets []*Ticket
}

// ticketIndex is every ticket within the horizon at one time, with indexes. It is immutable.
type ticketIndex struct {
	versions     []uint64 // of the sets it was made of, and of the writes
	since        Date
	asOf         time.Time // of the oldest set
	newest       time.Time // of the set that has new tickets
	tickets      []*Ticket // newest first
	byID         map[int]*Ticket
	byClient     map[int][]*Ticket // newest first
	activeByZone map[int]int
	active       map[int]bool // by the ticket's id
}

// currentIndex returns the book, made anew when one of its sets was. It waits for sets that are not in memory.
func (t *Tickets) currentIndex(ctx context.Context) (*ticketIndex, error) {
	sets := make([]*ticketSet, t.windows())
	group, waiting := errgroup.WithContext(ctx)
	for window := range sets {
		part := ticketPart{window: window}
		read := func(ctx context.Context) (err error) {
			sets[window], err = t.set(ctx, part)
			return err
		}
		if _, known := t.source(part).Peek(part); !known {
			group.Go(func() error { return read(waiting) })
		} else if err := read(ctx); err != nil {
			return nil, fetchError("ticket", err)
		}
	}
	if err := group.Wait(); err != nil {
		return nil, fetchError("ticket", err)
	}
	active, err := t.set(ctx, t.activeOf(sets[1:]))
	if err != nil {
		return nil, fetchError("ticket", err)
	}
	return t.join(append(sets, active)), nil
}

// activeOf returns the part of the older windows' active tickets. When nobody has read it yet it is what the windows tell,
// and as old as they are: it is then refreshed behind the scenes, and no one waits.
func (t *Tickets) activeOf(older []*ticketSet) ticketPart {
	part := ticketPart{active: true}
	if _, known := t.recent.Peek(part); !known {
		set := &ticketSet{version: t.version.Add(1), asOf: oldest(older)}
		for _, window := range older {
			set.tickets = append(set.tickets, t.onlyActive(window.tickets)...)
		}
		t.recent.Set(part, set)
	}
	return part
}

// onlyActive returns the tickets that a reading of the active states would bring.
func (t *Tickets) onlyActive(tickets []*Ticket) (active []*Ticket) {
	for _, ticket := range tickets {
		if t.isActiveState(ticket.Status) {
			active = append(active, ticket)
		}
	}
	return active
}

// set returns one part from its cache.
func (t *Tickets) set(ctx context.Context, part ticketPart) (*ticketSet, error) {
	entry, err := t.source(part).Get(ctx, part)
	return entry.Value, err
}

func (t *Tickets) source(part ticketPart) *cache.Cache[ticketPart, *ticketSet] {
	if part.active || part.window == 0 {
		return t.recent
	}
	return t.older
}

// oldest returns when the oldest set was read; now for none.
func oldest(sets []*ticketSet) time.Time {
	if len(sets) == 0 {
		return time.Now()
	}
	return slices.MinFunc(sets, func(a, b *ticketSet) int { return a.asOf.Compare(b.asOf) }).asOf
}

// windows is how many it takes to cover the horizon and tomorrow.
func (t *Tickets) windows() int {
	return (t.horizon + ticketStep) / ticketStep
}

// span is the first and the last day of a window. The newest ends tomorrow, because whether WispHub counts the whole of a
// last day is not known; none begins before the horizon.
func (t *Tickets) span(today time.Time, window int) (from, to time.Time) {
	to = today.AddDate(0, 0, 1-window*ticketStep)
	from = to.AddDate(0, 0, 1-ticketWindow)
	if first := today.AddDate(0, 0, -t.horizon); from.Before(first) {
		from = first
	}
	return from, to
}

// load is the loader of both caches.
func (t *Tickets) read(ctx context.Context, part ticketPart) (*ticketSet, error) {
	set := &ticketSet{version: t.version.Add(1), asOf: time.Now().In(t.locale.zone)}
	if !part.active {
		return set, t.readWindow(ctx, set, part.window, 0)
	}
	for window := 1; window < t.windows(); window++ {
		for _, state := range t.active {
			if err := t.readWindow(ctx, set, window, state); err != nil {
				return nil, err
			}
		}
	}
	return set, t.readLeft(ctx, part, set)
}

// readLeft reads those windows again in which tickets lie that were active and are not any more: only they tell what has
// become of them.
func (t *Tickets) readLeft(ctx context.Context, active ticketPart, now *ticketSet) error {
	before, known := t.recent.Peek(active)
	if !known {
		return nil
	}
	left := map[int]bool{}
	for _, ticket := range before.Value.tickets {
		left[ticket.TicketID] = true
	}
	for _, ticket := range now.tickets {
		delete(left, ticket.TicketID)
	}
	for window := 1; window < t.windows(); window++ {
		older := ticketPart{window: window}
		set, known := t.older.Peek(older)
		if !known || !slices.ContainsFunc(set.Value.tickets, func(ticket *Ticket) bool { return left[ticket.TicketID] }) {
			continue
		}
		if _, err := t.older.Refresh(ctx, older); err != nil {
			return err
		}
	}
	return nil
}

// readWindow adds the tickets of a window to the set, those in one state or all for 0.
func (t *Tickets) readWindow(ctx context.Context, set *ticketSet, window int, state wisphub.TicketState) error {
	from, to := t.span(t.today(), window)
	rows, err := crawlAll(ctx, func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[wisphub.Ticket], error) {
		return t.api.Tickets.List(ctx, wisphub.TicketListOptions{ListOptions: options, State: state, From: from, To: to})
	}, func(row *wisphub.Ticket) int { return int(row.ID) })
	for i := range rows {
		if rows[i].ID > 0 {
			set.tickets = append(set.tickets, t.convert(&rows[i]))
		}
	}
	return err
}

// join makes the book of the sets and of what was written since, unless it is made already. The first set is the newest
// window.
func (t *Tickets) join(sets []*ticketSet) *ticketIndex {
	versions, since := make([]uint64, 0, len(sets)+1), t.since()
	for _, set := range sets {
		versions = append(versions, set.version)
	}
	versions = append(versions, t.overrides.version.Load())
	if book := t.index.Load(); book != nil && book.since == since && slices.Equal(book.versions, versions) {
		return book
	}
	book := t.newIndex(sets, since)
	book.versions = versions
	t.index.Store(book)
	return book
}

// newIndex takes each ticket from the set that was read last, or as it was written after that, and leaves out what is before
// the horizon.
func (t *Tickets) newIndex(sets []*ticketSet, since Date) *ticketIndex {
	book := &ticketIndex{
		since:        since,
		asOf:         oldest(sets),
		newest:       sets[0].asOf,
		byID:         map[int]*Ticket{},
		byClient:     map[int][]*Ticket{},
		activeByZone: map[int]int{},
		active:       map[int]bool{},
	}
	sets = slices.Clone(sets)
	slices.SortFunc(sets, func(a, b *ticketSet) int { return a.asOf.Compare(b.asOf) })
	written := t.overrides.newerThan(book.asOf, book.asOf)
	for _, set := range sets {
		for _, ticket := range set.tickets {
			book.byID[ticket.TicketID] = ticket
			if known, ok := written[ticket.TicketID]; ok && !known.at.Add(maxSkew).After(set.asOf) {
				delete(written, ticket.TicketID) // the set is newer
			}
		}
	}
	for id, known := range written {
		book.byID[id] = known.record
	}
	for id, ticket := range book.byID {
		if !ticket.CreatedAt.IsZero() && DateOf(ticket.CreatedAt) < since {
			delete(book.byID, id)
			continue
		}
		book.tickets = append(book.tickets, ticket)
	}
	slices.SortFunc(book.tickets, newestFirst)
	for _, ticket := range book.tickets {
		book.byClient[ticket.ServiceID] = append(book.byClient[ticket.ServiceID], ticket)
		if t.isActive(ticket.Status) {
			book.activeByZone[ticket.zoneID()]++
			book.active[ticket.TicketID] = true
		}
	}
	return book
}

// newestFirst orders tickets; those without a date come last.
func newestFirst(a, b *Ticket) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.TicketID, a.TicketID))
}
