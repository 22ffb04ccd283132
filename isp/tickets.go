package isp

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/isp/calendar"
	"wisphub-graphql/wisphub"
)

const (
	// olderTicketsTTL is the time to live of all windows but the newest.
	olderTicketsTTL = 15 * time.Minute
	// maxWindowAge is how old a window may grow while WispHub fails, whatever the stale limit: windows overlap by one day, so
	// that between two that were read more than a day apart a gap may lie.
	maxWindowAge = 24 * time.Hour
)

// defaultClientTickets is how many tickets of one client are listed when nobody says.
const defaultClientTickets = 20

// Tickets knows the tickets within the horizon, and any other ticket at one call.
//
// They are read in windows, because WispHub refuses ranges of more than two months, and filters by state and date only.
// The newest window is read each [Config.TicketsTTL] while somebody asks, and so are the active tickets of the older ones;
// the rest of the older ones every 15 minutes.
type Tickets struct {
	api     *wisphub.API
	locale  locale
	labels  *unknownLabels
	horizon int // days
	active  []wisphub.TicketState
	maximum int

	recent    *cache.Cache[ticketPart, *ticketSet] // the newest window, and the active ones of all others
	older     *cache.Cache[ticketPart, *ticketSet]
	single    *cache.Cache[int, *Ticket]
	overrides *overrides[*Ticket]
	index     atomic.Pointer[ticketIndex]
	version   atomic.Uint64

	// For writes.
	mutations      *mutations
	clients        *Clients
	subjects       *Subjects
	staff          *StaffList
	pending        *pendingTickets
	calendar       *calendar.Calendar
	newStatus      wisphub.TicketState // of a new ticket
	resolutionDays int                 // business days that a new ticket has
	answerField    string              // WispHub's name of an answer's text
}

// TicketQuota says whether a zone may take another ticket.
type TicketQuota struct {
	Active  int
	Maximum int
	Blocked bool
}

func newTickets(api *wisphub.API, cfg Config) *Tickets {
	t := &Tickets{
		api:            api,
		locale:         cfg.locale(),
		labels:         cfg.labels,
		maximum:        cfg.MaxActiveTicketsPerZone,
		pending:        newPendingTickets(cfg.Shared),
		calendar:       calendar.New(cfg.Holidays, cfg.ExtraHolidays),
		newStatus:      wisphub.TicketState(cfg.DefaultTicketStatus),
		resolutionDays: cfg.MaxTicketResolutionDays,
		answerField:    cfg.TicketAnswerField,
	}
	t.horizon = int(cfg.TicketsHorizon / (24 * time.Hour))
	for _, state := range cfg.ActiveTicketStates {
		t.active = append(t.active, wisphub.TicketState(state))
	}
	recent := cfg.cacheOptions("tickets", cfg.TicketsTTL)
	recent.LoadTimeout, recent.FailureTTL = crawlTimeout, failureTTL // each row of a list asks: one failure is enough
	t.recent = newCache(recent, t.read)
	older := cfg.cacheOptions("older tickets", olderTicketsTTL)
	older.LoadTimeout, older.StaleLimit = crawlTimeout, min(older.StaleLimit, maxWindowAge)
	older.FailureTTL = failureTTL
	t.older = newCache(older, t.read)
	codec := cache.Codec[*ticketSet]{Encode: encodeTicketSet, Decode: func(data []byte) (*ticketSet, error) {
		return decodeTicketSet(data, t.locale.zone, t.version.Add(1))
	}}
	t.recent.Persist(codec, cfg.Shared)
	t.older.Persist(codec, cfg.Shared)
	t.single = newCache(cache.Options{
		Name: "ticket", TTL: cfg.TicketsTTL, NotFoundTTL: notFoundTTL, NotFound: isNotFound, LoadTimeout: loadTimeout,
	}, t.fetch)
	t.overrides = newTicketOverrides(t, cfg.Shared)
	return t
}

// Get returns the ticket with the id, of any age; nil when there is none.
func (t *Tickets) Get(ctx context.Context, id int) (*Ticket, error) {
	if id < 1 {
		return nil, invalid("must be 1 or more", "ticketId")
	}
	if !isID(id) {
		return nil, nil
	}
	if t.index.Load() != nil {
		if book, err := t.currentIndex(ctx); err == nil && book.byID[id] != nil {
			return book.byID[id], nil
		}
	}
	entry, err := t.single.Get(ctx, id)
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	return entry.Value, fetchError("ticket", err)
}

// Known reports whether Get would cost no call.
func (t *Tickets) Known(id int) bool {
	_, single := t.single.Peek(id)
	book := t.index.Load()
	return single || !isID(id) || book != nil && book.byID[id] != nil
}

// List returns a page of the tickets within the horizon, newest first.
func (t *Tickets) List(ctx context.Context, query TicketQuery) (*TicketConnection, error) {
	listing, err := query.listing(t.since())
	if err != nil {
		return nil, err
	}
	book, err := t.currentIndex(ctx)
	if err != nil {
		return nil, err
	}
	return book.page(listing), nil
}

// OfClient returns the newest tickets of a service within the horizon, of the given states, all for nil.
func (t *Tickets) OfClient(ctx context.Context, serviceID int, states []TicketStatus, first *int) ([]*Ticket, error) {
	if slices.Contains(states, TicketUnknown) {
		return nil, invalidUnknown("status")
	}
	limit, err := pageSize(first, defaultClientTickets)
	if err != nil {
		return nil, err
	}
	book, err := t.currentIndex(ctx)
	if err != nil {
		return nil, err
	}
	found := (&TicketFilter{Status: states}).keep(book.byClient[serviceID])
	return found[:min(limit, len(found))], nil
}

// Quota counts the active tickets of a zone, as far back as the horizon.
func (t *Tickets) Quota(ctx context.Context, zoneID int) (*TicketQuota, error) {
	if !isID(zoneID) {
		return t.quota(&ticketIndex{}, zoneID, 0), nil
	}
	book, err := t.currentIndex(ctx)
	if err != nil {
		return nil, err
	}
	return t.quota(book, zoneID, len(t.pending.list(ctx, zoneID, book))), nil
}

// Maximum is how many active tickets fill a zone.
func (t *Tickets) Maximum() int { return t.maximum }

// today is the provider's day. It is in UTC, where a day has 24 hours and days can be counted.
func (t *Tickets) today() time.Time {
	year, month, day := time.Now().In(t.locale.zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// newerThan is the first day within the horizon.
func (t *Tickets) since() Date { return DateOf(t.today().AddDate(0, 0, -t.horizon)) }

func (t *Tickets) fetch(ctx context.Context, id int) (*Ticket, error) {
	row, err := t.api.Tickets.Get(ctx, id)
	if errors.Is(err, wisphub.ErrNotFound) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	if int(row.ID) != id {
		return nil, errFilterIgnored
	}
	return t.convert(row), nil
}

// convert is newTicket for a row that WispHub has listed. It counts unknown labels.
func (t *Tickets) convert(row *wisphub.Ticket) *Ticket {
	ticket := newTicket(row, t.locale.zone)
	if ticket.Status == TicketUnknown {
		t.labels.note("tickets.estado", ticket.StatusLabel)
	}
	if ticket.Priority == PriorityUnknown {
		t.labels.note("tickets.prioridad", ticket.PriorityLabel)
	}
	return ticket
}

// isActive reports whether a ticket in the state takes a place in its zone. One in an unknown state
// does: it may be open.
func (t *Tickets) isActive(state TicketStatus) bool {
	return state == TicketUnknown || t.isActiveState(state)
}

// isActiveState reports whether WispHub can be asked for the tickets in the state, and they are
// active.
func (t *Tickets) isActiveState(state TicketStatus) bool {
	return slices.ContainsFunc(t.active, func(active wisphub.TicketState) bool { return ticketStatuses[active] == state })
}
