package isp

import (
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub"
)

// Provider has one service for each noun of an internet service provider. It is safe for
// concurrent use, except that Save and Restore must not overlap. Call [Provider.Close] when done
// with it.
type Provider struct {
	// Clients finds, lists and changes the subscribers' services.
	Clients *Clients
	// Plans lists the internet plans and has their prices and speeds.
	Plans *Plans
	// Zones lists the parts of the network in which tickets are counted.
	Zones *Zones
	// Routers lists the routers that clients are connected to.
	Routers *Routers
	// Staff lists the employees, the technicians among them.
	Staff *StaffList
	// PaymentMethods lists the ways to pay an invoice.
	PaymentMethods *PaymentMethods
	// Accounts has what each client owes.
	Accounts *Accounts
	// Tickets finds, lists and writes support tickets.
	Tickets *Tickets
	// Subjects lists the subjects that a ticket may have.
	Subjects *Subjects
	// Tasks follows WispHub's background tasks, such as pings.
	Tasks *Tasks

	mutations *mutations
	followUp  *taskFollowUp

	api      *wisphub.API
	zone     *time.Location
	throttle refreshThrottle
	saved    []uint64 // the version of each data set at the last Save
	savedIn  *cache.Folder
	counters [versionedSets]changeCounter // of versioned
}

// New returns a provider that reads from api. It makes no upstream call.
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
	p.enableWrites(cfg)
	p.Clients.overrides.onChange = p.Accounts.invalidate
	p.saved = make([]uint64, len(p.dataSets()))
	p.setCounters()
	return p
}

// Close ends all writes, loads, refreshes and watches of tasks. Callers that wait for one get an
// error.
func (p *Provider) Close() {
	p.mutations.Close()
	p.followUp.Close()
	p.Tasks.pollers.Close()
	p.Clients.overrides.Close()
	p.Tickets.overrides.Close()
	for _, c := range p.caches() {
		c.Close()
	}
}

// statsCache is a cache of any type.
type statsCache interface {
	Stats() cache.Stats
	Close()
}

// caches returns all caches of data, in the order of the status.
func (p *Provider) caches() []statsCache {
	caches := []statsCache{p.Clients.directory}
	for _, versioned := range p.versionedCaches() {
		caches = append(caches, versioned)
	}
	return append(caches, p.unversionedCaches()...)
}

// Status says how old the data is and how much of the request budget is spent.
type Status struct {
	UpstreamHealthy    bool
	RequestsLastMinute int
	RequestsLastHour   int
	MinuteLimit        int
	HourLimit          int
	// UserMinuteLimit and UserHourLimit are what one user may spend while others ask too.
	UserMinuteLimit int
	UserHourLimit   int
	Caches          []*CacheStatus
}

// CacheStatus describes one data set. AsOf is the zero time when the data set is empty.
type CacheStatus struct {
	Name    string
	Entries int
	Hits    int
	Misses  int
	AsOf    time.Time
	Stale   bool
}

// Status returns the status. It makes no upstream call.
func (p *Provider) Status() *Status {
	usage := p.api.Usage()
	userMinute, userHour := p.api.UserLimits()
	status := &Status{
		UpstreamHealthy:    p.api.Healthy(),
		RequestsLastMinute: usage.LastMinute,
		RequestsLastHour:   usage.LastHour,
		MinuteLimit:        usage.MinuteLimit,
		HourLimit:          usage.HourLimit,
		UserMinuteLimit:    userMinute,
		UserHourLimit:      userHour,
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

// inZone returns the instant in zone. The zero time stays the zero time.
func inZone(at time.Time, zone *time.Location) time.Time {
	if at.IsZero() {
		return at
	}
	return at.In(zone)
}
