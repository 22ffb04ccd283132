package wisphub

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
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
	// Book is where replicas enter their calls. Optional; without it this process is taken to be the only one.
	Book Book
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
	keys      keys
	refused   func()
	timeout   time.Duration
	transport *http.Transport
	writing   *http.Transport
	budget    *budget
	breaker   *breaker
	stop      context.CancelFunc
	following sync.WaitGroup
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
	api.budget = newBudget(cmp.Or(cfg.MinuteLimit, defaultMinuteLimit), cmp.Or(cfg.HourLimit, defaultHourLimit))
	api.budget.patience = cfg.Timeout
	api.share(cfg.Book)
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

// share has the budget follow the book, if there is one, until Close.
func (a *API) share(book Book) {
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	if book == nil {
		return
	}
	a.budget.book = newSharedBook(book)
	a.following.Go(func() { a.budget.book.follow(ctx, a.budget) })
}

// Usage reports the calls sent so far, those of other replicas included.
func (a *API) Usage() Usage { return a.budget.usage() }

// HourShare is how many calls an hour this process may count on: the hour's limit, or its fair part of it while the book that
// replicas share is lost.
func (a *API) HourShare() int {
	if book := a.budget.book; book != nil && !book.isJoined() {
		return max(a.budget.limits.HourLimit/book.share(), 1)
	}
	return a.budget.limits.HourLimit
}

// Healthy is false after several failures in a row, and while nothing is sent because of them.
func (a *API) Healthy() bool { return a.breaker.healthy() }

// Spent returns the calls that still count, so that the next process can [API.Remember] them.
func (a *API) Spent() []Call { return a.budget.spent() }

// Remember enters calls that another process sent.
func (a *API) Remember(sent []Call) { a.budget.remember(sent) }

// Close drops idle connections and ends what goes on behind the scenes. Calls under way go on until their contexts end.
func (a *API) Close() {
	a.stop()
	a.following.Wait()
	a.budget.close()
	a.transport.CloseIdleConnections()
}

func parseHost(host string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSuffix(strings.TrimSuffix(host, "/"), "/api"))
	if err != nil || base.Host == "" {
		return nil, errors.New("wisphub: the host is not a URL")
	}
	return base.JoinPath("api"), nil
}
