package isp

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/isp/phone"
	"wisphub-graphql/wisphub"
)

// Config says how fresh the data is kept and how dates and phones are read.
type Config struct {
	// ClientsTTL, ClientTTL, PlansTTL (all catalogues) and PlanTTL (one plan's details) are the times to live. Required.
	ClientsTTL, ClientTTL, PlansTTL, PlanTTL time.Duration
	// TicketsTTL is that of the newest tickets and the active ones. Required.
	TicketsTTL time.Duration
	// TicketsHorizon is how far back tickets are looked at, in whole days. Required.
	TicketsHorizon time.Duration
	// ActiveTicketStates are WispHub's codes of the states that fill a zone. Required.
	ActiveTicketStates []int
	// MaxActiveTicketsPerZone is how many active tickets fill a zone. Required.
	MaxActiveTicketsPerZone int
	// DefaultTicketStatus is WispHub's code of a new ticket's state; 0 means 1, new.
	DefaultTicketStatus int
	// MaxTicketResolutionDays is how many business days a new ticket has; 0 for none.
	MaxTicketResolutionDays int
	// Holidays is the calendar of public holidays: co, or none, which "" is too.
	Holidays string
	// ExtraHolidays are further days without business; only year, month and day count.
	ExtraHolidays []time.Time
	// TicketAnswerField is WispHub's name of an answer's text; "" means respuesta.
	TicketAnswerField string
	// Audit is told of each write, with the context of who asked for it. Optional.
	Audit func(ctx context.Context, write Write)
	// StaleLimit is how old the last good data may grow while WispHub fails. Required.
	StaleLimit time.Duration
	// TimeZone is that of dates without offset. Required.
	TimeZone *time.Location
	// PhoneCountryCode is that of phones without one, digits only. Required.
	PhoneCountryCode string
	// Shared is where replicas share what they read. Optional; nil for a replica that is alone.
	Shared *shared.Store
	// Logger gets what nobody is there to receive: failed refreshes, rows that make no sense. Required.
	Logger *slog.Logger
}

// Provider is one internet provider as WispHub knows it.
type Provider struct {
	Clients        *Clients
	Plans          *Plans
	Zones          *Zones
	Routers        *Routers
	Staff          *StaffList
	PaymentMethods *PaymentMethods
	Accounts       *Accounts
	Tickets        *Tickets
	Subjects       *Subjects
	Tasks          *Tasks
	Desk           *Desk

	api      *wisphub.API
	zone     *time.Location
	throttle refreshThrottle
	saved    []uint64 // what the last Save of each data set returned
}

// New joins the services of a provider. It makes no call.
func New(api *wisphub.API, cfg Config) *Provider {
	cfg = cfg.withDefaults()
	clients := newClients(api, cfg)
	p := &Provider{
		Clients:        clients,
		Plans:          newPlans(api, cfg),
		Zones:          newZones(api, cfg, clients),
		Routers:        newRouters(api, cfg),
		Staff:          newStaffList(api, cfg),
		PaymentMethods: newPaymentMethods(api, cfg),
		Accounts:       newAccounts(api, cfg),
		Tickets:        newTickets(api, cfg),
		Subjects:       newSubjects(api, cfg),
		Tasks:          newTasks(api, cfg),
		api:            api,
		zone:           cfg.TimeZone,
		throttle:       refreshThrottle{last: map[Resource]time.Time{}},
	}
	if cfg.Shared != nil {
		p.throttle.shared = cfg.Shared
	}
	p.Desk = newDesk(api, cfg, p)
	p.Clients.overrides.onChange = p.Accounts.forget
	p.saved = make([]uint64, len(p.dataSets()))
	return p
}

// Close ends all loads and refreshes, and the watching of tasks.
func (p *Provider) Close() {
	p.Desk.Close()
	p.Tasks.watches.Close()
	p.Clients.overrides.Close()
	p.Tickets.overrides.Close()
	for _, c := range p.caches() {
		c.Close()
	}
}

// statsCache is what all caches have in common, whatever they hold.
type statsCache interface {
	Stats() cache.Stats
	Close()
}

func (p *Provider) caches() []statsCache {
	return []statsCache{
		p.Clients.directory, p.Clients.lookups, p.Plans.list, p.Plans.details,
		p.Zones.cache, p.Routers.cache, p.Staff.cache, p.PaymentMethods.cache, p.Accounts.cache,
		p.Tickets.recent, p.Tickets.older, p.Tickets.single, p.Subjects.cache, p.Tasks.running, p.Tasks.finished,
	}
}

// Status tells how fresh the data is and what WispHub was asked lately.
type Status struct {
	UpstreamHealthy    bool
	RequestsLastMinute int
	RequestsLastHour   int
	MinuteLimit        int
	HourLimit          int
	Caches             []*CacheStatus
}

// CacheStatus tells of one data set. AsOf is the zero time when it is empty.
type CacheStatus struct {
	Name    string
	Entries int
	Hits    int
	Misses  int
	AsOf    time.Time
	Stale   bool
}

// Status looks at memory only.
func (p *Provider) Status() *Status {
	usage := p.api.Usage()
	status := &Status{
		UpstreamHealthy:    p.api.Healthy(),
		RequestsLastMinute: usage.LastMinute,
		RequestsLastHour:   usage.LastHour,
		MinuteLimit:        usage.MinuteLimit,
		HourLimit:          usage.HourLimit,
	}
	for _, c := range p.caches() {
		stats := c.Stats()
		status.Caches = append(status.Caches, &CacheStatus{
			Name:    stats.Name,
			Entries: stats.Entries,
			Hits:    int(stats.Hits),
			Misses:  int(stats.Misses),
			AsOf:    inZone(stats.AsOf, p.zone),
			Stale:   stats.Stale,
		})
	}
	return status
}

// inZone keeps the zero time zero.
func inZone(at time.Time, zone *time.Location) time.Time {
	if at.IsZero() {
		return at
	}
	return at.In(zone)
}

func (c Config) withDefaults() Config {
	c.DefaultTicketStatus = cmp.Or(c.DefaultTicketStatus, int(wisphub.TicketNew))
	if c.Audit == nil {
		c.Audit = func(context.Context, Write) {}
	}
	return c
}

func (c Config) locale() locale {
	return locale{zone: c.TimeZone, countryCode: phone.Country(strings.TrimPrefix(c.PhoneCountryCode, "+"))}
}

// catalogue returns the options of a list that changes seldom.
func (c Config) catalogue(name string, ttl time.Duration) cache.Options {
	return cache.Options{
		Name:           name,
		TTL:            ttl,
		StaleLimit:     c.StaleLimit,
		LoadTimeout:    loadTimeout,
		OnRefreshError: c.logRefresh(name),
	}
}

// logRefresh is for refreshes behind the scenes, whose errors no caller receives.
func (c Config) logRefresh(name string) func(key any, err error) {
	return func(_ any, err error) {
		c.Logger.Warn("refresh failed, the last good data is served", "data", name, "error", err)
	}
}
