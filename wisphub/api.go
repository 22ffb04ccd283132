package wisphub

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	defaultTimeout     = 10 * time.Second
	defaultMinuteLimit = 100
	defaultHourLimit   = 1000
	// maxAnswerBytes bounds what one answer may hold: 300 client rows weigh about 600 kB.
	maxAnswerBytes = 8 << 20
	// maxConnections is a bound on politeness: nothing public says how many WispHub likes.
	maxConnections = 8
)

// Config says where WispHub is and how to speak to it.
type Config struct {
	// Host is the installation's base URL, for example https://api.wisphub.net, with or without a trailing
	// slash or /api. Required.
	Host string
	// Key is the API key, without the scheme word "Api-Key". Required.
	Key string
	// Timeout bounds one call from dial to last byte. Optional, 10 s.
	Timeout time.Duration
	// MinuteLimit and HourLimit are the calls that WispHub allows. Optional, 100 and 1,000.
	MinuteLimit, HourLimit int
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
	key       string
	timeout   time.Duration
	transport *http.Transport
	limits    Usage
	usage     usage
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
	api := &API{base: base, key: cfg.Key, timeout: cfg.Timeout, transport: newTransport()}
	api.limits = Usage{MinuteLimit: cmp.Or(cfg.MinuteLimit, defaultMinuteLimit), HourLimit: cmp.Or(cfg.HourLimit, defaultHourLimit)}
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

// Usage is how many calls were sent lately, beside what WispHub allows.
type Usage struct{ LastMinute, LastHour, MinuteLimit, HourLimit int }

// Usage reports the calls sent so far.
func (a *API) Usage() Usage {
	usage := a.limits
	usage.LastMinute, usage.LastHour = a.usage.counts()
	return usage
}

// Healthy is false after several failures in a row.
func (a *API) Healthy() bool { return a.usage.healthy() }

// Close drops idle connections. Calls under way go on until their contexts end.
func (a *API) Close() { a.transport.CloseIdleConnections() }

func parseHost(host string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSuffix(strings.TrimSuffix(host, "/"), "/api"))
	if err != nil || base.Host == "" {
		return nil, errors.New("wisphub: the host is not a URL")
	}
	return base.JoinPath("api"), nil
}

// newTransport returns what calls go through, without an http.Client above it. WispHub answers 301 with an http:// address:
// a client would follow it, with the key in clear or to another host (wisphub-net-api §2.3, §2.4), and even one told not to
// puts the address, and so the query, in its error when it cannot parse it.
func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost = maxConnections
	transport.MaxIdleConnsPerHost = maxConnections
	return transport
}

// get reads path (elements are escaped one by one, the trailing slash is added) and decodes the answer into out.
func (a *API) get(ctx context.Context, out any, query url.Values, elements ...string) error {
	call := &call{method: http.MethodGet, route: strings.Join(elements, "/")}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	body, err := a.send(ctx, call, query, elements)
	if err == nil {
		err = call.decode(body, out)
	}
	a.redact(err)
	a.usage.answered(err)
	return err
}

// send does the call and returns the body of a good answer.
func (a *API) send(ctx context.Context, c *call, query url.Values, elements []string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, c.method, a.address(query, elements), nil)
	if err != nil {
		return nil, fmt.Errorf("wisphub: %s: %w", c, err)
	}
	request.Header.Set("Authorization", "Api-Key "+a.key)
	request.Header.Set("Accept", "application/json")
	a.usage.add()
	response, err := a.transport.RoundTrip(request)
	if err != nil {
		return nil, c.transportError(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		// Its body is the bare connection, which ctx does not end.
		return nil, c.invalid(response.StatusCode, "another protocol")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err != nil {
		return nil, c.transportError(ctx, err)
	}
	return body, c.check(response, body)
}

// redact strikes the key out of what the upstream or the network said, should one have repeated it.
func (a *API) redact(err error) {
	if e := (*Error)(nil); errors.As(err, &e) {
		e.Detail = strings.ReplaceAll(e.Detail, a.key, "[key]")
	}
}

func (a *API) address(query url.Values, elements []string) string {
	escaped := make([]string, 0, len(elements)+1)
	for _, element := range elements {
		escaped = append(escaped, url.PathEscape(element))
	}
	// The slash at the end is part of every documented path; without it WispHub answers 301.
	address := a.base.JoinPath(append(escaped, "/")...)
	address.RawQuery = query.Encode()
	return address.String()
}

// call names one request in errors: its method and route, without query (it may hold a person's data) and without host.
type call struct{ method, route string }

func (c *call) String() string { return c.method + " " + c.route }

// check turns everything but a JSON answer with a 2xx status into an error.
func (c *call) check(response *http.Response, body []byte) error {
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	isJSON := mediaType == "application/json"
	switch {
	case len(body) > maxAnswerBytes:
		return c.invalid(response.StatusCode, "answer over the size limit")
	case response.StatusCode/100 != 2:
		return c.refused(response, isJSON, body)
	case !isJSON:
		return c.invalid(response.StatusCode, "answer is not JSON but "+mediaType)
	}
	return nil
}

// decode reads body into out. A value of another type than expected stays zero: the rest of the answer is good.
func (c *call) decode(body []byte, out any) error {
	err := json.Unmarshal(body, out)
	if wrongType := (*json.UnmarshalTypeError)(nil); err == nil || errors.As(err, &wrongType) {
		return nil
	}
	return c.invalid(http.StatusOK, "answer is truncated or not JSON")
}
