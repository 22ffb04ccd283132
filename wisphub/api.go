package wisphub

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

const (
	defaultTimeout     = 10 * time.Second
	defaultMinuteLimit = 100
	defaultHourLimit   = 1000
)

// Config says where WispHub is and how to speak to it.
type Config struct {
	// Host is the installation's base URL, for example https://api.wisphub.net, with or without a trailing
	// slash or /api. Required.
	Host string
	// Key is the API key, without the scheme word "Api-Key". Required.
	Key string
	// Refused is called each time WispHub refuses the key, or what its user may not do: the two cannot be told apart. It must
	// return soon. Optional.
	Refused func()
	// Timeout bounds one call from dial to last byte, and a person's read with its second try and the wait for the budget.
	// A write waits so long for the budget at most, and then has all of it for its answer. Optional, 10 s.
	Timeout time.Duration
	// MinuteLimit and HourLimit are the calls that WispHub allows in any minute and hour. Optional, 100 and 1,000.
	MinuteLimit, HourLimit int
	// UsageLog is where replicas record their calls. Optional; nil means that this is the only process.
	UsageLog ratelimit.Log
	// Dial is the network. For tests, whose WispHub may live in memory. Optional, the real one.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// API speaks to one WispHub tenant, the one its key belongs to. It is safe for concurrent use.
type API struct {
	Clients        *ClientsService
	Plans          *PlansService
	Zones          *ZonesService
	Routers        *RoutersService
	Staff          *StaffService
	PaymentMethods *PaymentMethodsService
	Tickets        *TicketsService
	Tasks          *TasksService

	base      *url.URL
	keys      keyRing
	refused   func()
	timeout   time.Duration
	transport *http.Transport
	writing   *http.Transport
	limiter   *ratelimit.Limiter
	breaker   *breaker
}

// service is what every resource's service is made of.
type service struct{ api *API }

// New returns an API. It makes no call: a wrong key shows with the first one.
func New(cfg Config) (*API, error) {
	base, err := parseHost(cfg.Host)
	if err != nil {
		return nil, err
	}
	if cfg.Key == "" {
		return nil, errors.New("wisphub: no API key")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Refused == nil {
		cfg.Refused = func() {}
	}
	api := &API{base: base, refused: cfg.Refused, timeout: cfg.Timeout, transport: newTransport(), breaker: newBreaker()}
	api.keys.set(cfg.Key)
	if cfg.Dial != nil {
		api.transport.DialContext = cfg.Dial
	}
	api.writing = writeTransport(api.transport)
	api.limiter = ratelimit.New(ratelimit.Options{
		MinuteLimit: cmp.Or(cfg.MinuteLimit, defaultMinuteLimit),
		HourLimit:   cmp.Or(cfg.HourLimit, defaultHourLimit),
		Timeout:     cfg.Timeout,
		Log:         cfg.UsageLog,
	})
	common := service{api}
	api.Clients = (*ClientsService)(&common)
	api.Plans = (*PlansService)(&common)
	api.Zones = (*ZonesService)(&common)
	api.Routers = (*RoutersService)(&common)
	api.Staff = (*StaffService)(&common)
	api.PaymentMethods = (*PaymentMethodsService)(&common)
	api.Tickets = (*TicketsService)(&common)
	api.Tasks = (*TasksService)(&common)
	return api, nil
}

// Usage returns the calls of the last minute and hour, including those of other replicas.
func (a *API) Usage() ratelimit.Usage { return a.limiter.Usage() }

// HourShare returns how many calls an hour this process may send. That is the hour limit, or its
// fair share of it while the usage log is unreachable.
func (a *API) HourShare() int { return a.limiter.HourShare() }

// Healthy is false after several failures in a row, and while nothing is sent because of them.
func (a *API) Healthy() bool { return a.breaker.healthy() }

// Spent returns the calls that still count, for [API.Restore] in the next process.
func (a *API) Spent() []ratelimit.Call { return a.limiter.Spent() }

// Restore adds calls that another process sent.
func (a *API) Restore(sent []ratelimit.Call) { a.limiter.Restore(sent) }

// Close drops idle connections and ends the background goroutines. Calls under way go on until their
// contexts end.
func (a *API) Close() {
	a.limiter.Close()
	a.transport.CloseIdleConnections()
}

func parseHost(host string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSuffix(strings.TrimSuffix(host, "/"), "/api"))
	if err != nil || base.Host == "" {
		return nil, errors.New("wisphub: the host is not a URL")
	}
	return base.JoinPath("api"), nil
}
