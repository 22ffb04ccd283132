package isp

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/isp/calendar"
	"wisphub-graphql/wisphub"
)

const (
	// olderTicketsTTL is the time to live of all windows except the newest.
	olderTicketsTTL = 15 * time.Minute
	// maxWindowAge limits the age of a window while WispHub fails, whatever the stale limit is.
	// Windows overlap by one day, so two that were read more than a day apart may leave a gap.
	maxWindowAge = 24 * time.Hour
)

// defaultClientTickets is the number of tickets of one client if the caller gives none.
const defaultClientTickets = 20

// Tickets reads and writes tickets. It lists those within the horizon, and gets any other ticket
// at the cost of one call. It is safe for concurrent use.
//
// Tickets are read in windows, because WispHub refuses ranges of more than two months and filters
// by state and date only. While callers ask, the newest window and the active tickets of the older
// ones are refreshed after [Config.TicketsTTL]. The rest of the older windows is refreshed after
// 15 minutes.
type Tickets struct {
	api     *wisphub.API
	locale  locale
	labels  *unknownLabels
	horizon int // days
	active  []wisphub.TicketState
	maximum int

	recent    *cache.Cache[ticketPart, *ticketSet] // the newest window, and the active tickets of the others
	older     *cache.Cache[ticketPart, *ticketSet]
	single    *cache.Cache[int, *Ticket]
	gate      *lookupGate // of single tickets, while there is no index
	overrides *overrides[*Ticket]
	lookupsMu sync.Mutex
	lookups   []time.Time // the last ones, guarded by lookupsMu
	pacing    *ticketPacing
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

// TicketQuota shows whether a zone may have another ticket.
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
		calendar:       calendar.New(cfg.Holidays, cfg.ExtraHolidays),
		newStatus:      wisphub.TicketState(cfg.DefaultTicketStatus),
		resolutionDays: cfg.MaxTicketResolutionDays,
		answerField:    cfg.TicketAnswerField,
	}
	t.horizon = int(cfg.TicketsHorizon / (24 * time.Hour))
	for _, state := range cfg.ActiveTicketStates {
		t.active = append(t.active, wisphub.TicketState(state))
	}
	t.pacing = newTicketPacing(cfg.TicketsTTL, len(t.active), t.pages)
	recent := cfg.cacheOptions("tickets", cfg.TicketsTTL)
	recent.LoadTimeout, recent.FailureTTL = crawlTimeout, failureTTL // each row of a list gets the index, and one failure is enough
	t.recent = newCache(recent, t.loadSet)
	older := cfg.cacheOptions("older tickets", olderTicketsTTL)
	older.LoadTimeout, older.StaleLimit = crawlTimeout, min(older.StaleLimit, maxWindowAge)
	older.FailureTTL = failureTTL
	t.older = newCache(older, t.loadSet)
	codec := cache.Codec[*ticketSet]{Encode: encodeTicketSet, Decode: func(data []byte) (*ticketSet, error) {
		return decodeTicketSet(data, t.locale.zone, t.version.Add(1))
	}}
	t.recent.Persist(codec, cfg.Shared)
	t.older.Persist(codec, cfg.Shared)
	t.single = newLookupCache(cache.Options{
		Name: "ticket", TTL: cfg.TicketsTTL, NotFoundTTL: notFoundTTL, NotFound: isNotFound, LoadTimeout: loadTimeout,
	}, t.lookUpAdmitted)
	t.gate = newLookupGate(t.sharedReading())
	t.overrides = newTicketOverrides(t, cfg.Shared)
	return t
}

// List returns a page of the tickets within the horizon, newest first.
func (t *Tickets) List(ctx context.Context, query TicketQuery) (*TicketConnection, error) {
	parsed, err := query.parse(t.since())
	if err != nil {
		return nil, err
	}
	index, err := t.awaitIndex(ctx)
	if err != nil {
		return nil, err
	}
	return index.page(parsed), nil
}

// OfClient returns the newest tickets of a service within the horizon. Nil states means all
// states.
func (t *Tickets) OfClient(ctx context.Context, serviceID int, states []TicketStatus, first *int) ([]*Ticket, error) {
	if slices.Contains(states, TicketUnknown) {
		return nil, invalidUnknown("status")
	}
	limit, err := pageSize(first, defaultClientTickets)
	if err != nil {
		return nil, err
	}
	index, err := t.awaitIndex(ctx)
	if err != nil {
		return nil, err
	}
	return index.ofClient(serviceID, states, limit), nil
}

// ofClient returns at most so many of the newest tickets of a service. Nil states means all states.
func (i *ticketIndex) ofClient(serviceID int, states []TicketStatus, limit int) []*Ticket {
	found := (&TicketFilter{Status: states}).apply(i.byClient[serviceID])
	return found[:min(limit, len(found))]
}

// Quota counts the active tickets of a zone, as far back as the horizon.
func (t *Tickets) Quota(ctx context.Context, zoneID int) (*TicketQuota, error) {
	if !isID(zoneID) {
		return t.quota(&ticketIndex{}, zoneID, 0), nil
	}
	index, err := t.awaitIndex(ctx)
	if err != nil {
		return nil, err
	}
	return t.quota(index, zoneID, t.pending.count(ctx, zoneID, index)), nil
}

// Maximum returns how many active tickets fill a zone.
func (t *Tickets) Maximum() int { return t.maximum }

// today returns the provider's day, in UTC, where each day has 24 hours.
func (t *Tickets) today() time.Time {
	year, month, day := time.Now().In(t.locale.zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// since returns the first day within the horizon.
func (t *Tickets) since() Date { return DateOf(t.today().AddDate(0, 0, -t.horizon)) }

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
