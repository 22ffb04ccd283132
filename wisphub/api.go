package wisphub

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

const (
	defaultTimeout     = 10 * time.Second
	defaultMinuteLimit = 100
	defaultHourLimit   = 1000
)

// Config is the configuration of an [API].
type Config struct {
	// Host is the base URL of the installation, for example https://api.wisphub.net. A trailing
	// slash or /api makes no difference. Required.
	Host string
	// Key is the API key, without the scheme "Api-Key". Required.
	Key string
	// OnForbidden is called after each answer 401 or 403 to the current key. WispHub does not say
	// whether the key is bad or lacks a permission. It must return soon. Optional.
	OnForbidden func()
	// OnCompany is called with the company that the usernames of the clients show, once for each key
	// and company. It is called before a key that replaces another one is used, with "" if nothing
	// shows its company; an error then stops all calls with that key, see [ErrOtherProvider]. It must
	// return soon. Optional: then no key is checked.
	OnCompany func(key, company string) error
	// Timeout bounds a caller's read, with its second try and the wait for the budget. A write and
	// a background read may wait for the budget first, and then have the whole timeout for the
	// answer. A write waits no longer than the timeout. Optional, 10 s.
	Timeout time.Duration
	// MinuteLimit and HourLimit are the calls that WispHub allows in any minute and any hour.
	// Optional, 100 and 1,000.
	MinuteLimit, HourLimit int
	// Logger gets a warning, once a list, when WispHub's count is wrong and the list is served
	// nevertheless. Optional.
	Logger *slog.Logger
	// UsageLog is where replicas record their calls. Optional; nil means that this is the only
	// process.
	UsageLog ratelimit.Log
	// Dial replaces the network in tests. Optional.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// API calls one WispHub tenant, the one that the key belongs to. It is safe for concurrent use.
type API struct {
	Clients        *ClientsService
	Plans          *PlansService
	Zones          *ZonesService
	Routers        *RoutersService
	Staff          *StaffService
	PaymentMethods *PaymentMethodsService
	Tickets        *TicketsService
	Tasks          *TasksService

	base           *url.URL
	keyRing        keyRing
	onForbidden    func()
	onCompany      func(key, company string) error // nil for none
	replacing      sync.RWMutex                    // held while the key and its check are replaced together
	keyCheck       atomic.Pointer[keyCheck]        // nil once the key may be used
	observed       atomic.Pointer[string]          // the last key and company that were reported
	logger         *slog.Logger
	wrongCounts    sync.Map // paths of lists whose wrong counts were logged
	timeout        time.Duration
	readTransport  *http.Transport
	writeTransport *http.Transport
	limiter        *ratelimit.Limiter
	breaker        *breaker
	pauses         pauses
	largeAnswers   chan struct{}            // has room for those that may be held
	refusals       atomic.Pointer[refusals] // of the current key
}

// service is the underlying type of every resource's service.
type service struct{ api *API }

// New returns an API. It makes no call, so a wrong key shows with the first one. Close the API to
// end its goroutines.
func New(cfg Config) (*API, error) {
	base, err := parseHost(cfg.Host)
	if err != nil {
		return nil, err
	}
	if cfg.Key == "" {
		return nil, errors.New("wisphub: the API key is empty")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.OnForbidden == nil {
		cfg.OnForbidden = func() {}
	}
	api := &API{
		base: base, onForbidden: cfg.OnForbidden, onCompany: cfg.OnCompany, timeout: cfg.Timeout,
		logger:        cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler)),
		readTransport: newTransport(), breaker: newBreaker(), largeAnswers: make(chan struct{}, maxLargeAnswers),
	}
	api.keyRing.set(cfg.Key)
	api.refusals.Store(newRefusals())
	if cfg.Dial != nil {
		api.readTransport.DialContext = cfg.Dial
	}
	api.writeTransport = newWriteTransport(api.readTransport)
	api.limiter = ratelimit.New(ratelimit.Options{
		MinuteLimit: cmp.Or(cfg.MinuteLimit, defaultMinuteLimit),
		HourLimit:   cmp.Or(cfg.HourLimit, defaultHourLimit),
		Timeout:     cfg.Timeout,
		Log:         cfg.UsageLog,
	})
	api.addServices()
	return api, nil
}

func (a *API) addServices() {
	common := &service{a}
	a.Clients = (*ClientsService)(common)
	a.Plans = (*PlansService)(common)
	a.Zones = (*ZonesService)(common)
	a.Routers = (*RoutersService)(common)
	a.Staff = (*StaffService)(common)
	a.PaymentMethods = (*PaymentMethodsService)(common)
	a.Tickets = (*TicketsService)(common)
	a.Tasks = (*TasksService)(common)
}

// Usage returns the calls of the last minute and hour, including those of other replicas.
func (a *API) Usage() ratelimit.Usage { return a.limiter.Usage() }

// Asked says that a user has begun an operation, even one that memory answers.
func (a *API) Asked(user string) { a.limiter.Asked(user) }

// UserLimits returns how many calls of a minute and an hour one user may spend while others ask.
func (a *API) UserLimits() (minute, hour int) { return a.limiter.UserLimits() }

// Users returns what the users of the last hour have spent, the most first.
func (a *API) Users() []ratelimit.UserUsage { return a.limiter.Users() }

// WaitFor returns how long until that many calls of a priority could have gone.
func (a *API) WaitFor(priority ratelimit.Priority, calls int) time.Duration {
	return a.limiter.WaitFor(priority, calls)
}

// CheckBudget returns an [ErrBudget] if that many calls of the list of clients could not go before
// the deadline of ctx. Their first ones would be spent in vain.
func (s *ClientsService) CheckBudget(ctx context.Context, calls int) error {
	wait := s.api.WaitFor(ratelimit.PriorityFrom(ctx)(), calls)
	if deadline, bounded := ctx.Deadline(); bounded && time.Now().Add(wait).After(deadline) {
		return namedCall(http.MethodGet, clientsPath).budgetError(&ratelimit.Error{RetryAfter: wait})
	}
	return nil
}

// Reserve returns a reservation for the pages of a shared reading, and the context to read them with.
func (a *API) Reserve(ctx context.Context) (context.Context, *ratelimit.Reservation) {
	return a.limiter.Reserve(ctx)
}

// HourShare returns how many calls an hour this process may send. That is the hour limit, or its
// fair share of it while the usage log is unreachable.
func (a *API) HourShare() int { return a.limiter.HourShare() }

// logWrongCount logs once for each list that its rows are not as many as counted.
func (a *API) logWrongCount(path string, rows, count int) {
	if _, logged := a.wrongCounts.LoadOrStore(path, true); !logged {
		a.logger.Warn("WispHub's count of a list is wrong in two reads in a row; serving the rows",
			"list", path, "rows", rows, "count", count)
	}
}

// Healthy reports whether WispHub answers. It is false after several failures in a row, and while
// the circuit breaker sends nothing.
func (a *API) Healthy() bool { return a.breaker.healthy() }

// Spent returns the calls that still count, for [API.Restore] in the next process.
func (a *API) Spent() []ratelimit.Call { return a.limiter.Spent() }

// Restore adds calls that another process sent.
func (a *API) Restore(sent []ratelimit.Call) { a.limiter.Restore(sent) }

// Close drops idle connections and ends the background goroutines. Calls under way go on until
// their contexts end.
func (a *API) Close() {
	a.limiter.Close()
	a.readTransport.CloseIdleConnections()
}

func parseHost(host string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSuffix(strings.TrimSuffix(host, "/"), "/api"))
	if err != nil || base.Host == "" {
		return nil, errors.New("wisphub: the host is not a URL with a host name")
	}
	return base.JoinPath("api"), nil
}
