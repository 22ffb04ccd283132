package isp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub"
)

const (
	// crawlTimeout is how long a reading of the list may go on, pauses and repeats included.
	crawlTimeout = 10 * time.Minute
	// failureTTL is how long a failed reading of the list stands: the next one may cost 67 calls again.
	failureTTL = 5 * time.Second
)

// Clients finds and lists clients. Everything is answered from the directory in memory; only while there is none yet is
// a single client asked for upstream, at one call.
type Clients struct {
	api       *wisphub.API
	locale    locale
	logger    *slog.Logger
	pacing    refreshPacing
	directory *cache.Cache[struct{}, *directory] // as WispHub lists it, see current
	lookups   *cache.Cache[lookup, []*Client]
	overrides *clientOverrides
	version   atomic.Uint64
	labels    unknownLabels
}

// ClientKey names a client. Exactly one field is set.
type ClientKey struct {
	ServiceID *int
	Document  *string
	Phone     *string
	Username  *string
}

// ClientQuery asks for a page of clients. Nil fields are as good as absent.
type ClientQuery struct {
	Filter *ClientFilter
	// Search holds words that must all be part of a client's text; blank asks for all.
	Search *string
	// Order is by service id, rising, when absent.
	Order *ClientOrder
	// First is 1 to 2,000, 50 when absent.
	First *int
	// After is the cursor behind which the page begins; the start of the list when absent or "".
	After *string
}

func newClients(api *wisphub.API, cfg Config) *Clients {
	c := &Clients{api: api, locale: cfg.locale(), logger: cfg.Logger, pacing: refreshPacing{ttl: cfg.ClientsTTL}}
	c.directory = newCache(cache.Options{
		Name:           "clients",
		TTL:            cfg.ClientsTTL,
		StaleLimit:     cfg.StaleLimit,
		FailureTTL:     failureTTL,
		LoadTimeout:    crawlTimeout,
		OnRefreshError: cfg.logRefresh("clients"),
	}, c.loadDirectory)
	c.directory.Persist(cache.Codec[*directory]{Encode: encodeDirectory, Decode: func(data []byte) (*directory, error) {
		return decodeDirectory(data, c.locale, c.version.Add(1))
	}}, cfg.Shared)
	c.lookups = newCache(cache.Options{
		Name:        "client",
		TTL:         cfg.ClientTTL,
		NotFoundTTL: notFoundTTL,
		NotFound:    isNotFound,
		LoadTimeout: loadTimeout,
	}, c.fetchMatching)
	c.overrides = newClientOverrides(c, cfg.Shared)
	return c
}

// Find returns the client that the key names, nil when there is none. Of several services of one customer it is the
// active one, then the one with the lowest id; [ErrAmbiguous] when a phone fits several customers.
func (c *Clients) Find(ctx context.Context, by ClientKey) (*Client, error) {
	key, err := by.lookup(c.locale)
	if err != nil {
		return nil, err
	}
	clients, err := c.find(ctx, key)
	if err != nil {
		return nil, fetchError("client", err)
	}
	if key.field == byPhone && !oneCustomer(clients) {
		return nil, ErrAmbiguous
	}
	return preferred(clients), nil
}

// Get returns the client with the service id, nil when there is none.
func (c *Clients) Get(ctx context.Context, serviceID int) (*Client, error) {
	return c.Find(ctx, ClientKey{ServiceID: &serviceID})
}

// List returns a page of clients.
func (c *Clients) List(ctx context.Context, query ClientQuery) (*ClientConnection, error) {
	listing, err := query.parse(c.locale)
	if err != nil {
		return nil, err
	}
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	return directory.page(listing), nil
}

// OtherServices returns the services that share the client's document, by service id; none when there is no document.
func (c *Clients) OtherServices(ctx context.Context, client *Client) ([]*Client, error) {
	if client.document == "" {
		return []*Client{}, nil
	}
	same, err := c.find(ctx, lookup{field: byDocument, normalized: client.document, typed: string(client.Document)})
	if err != nil {
		return nil, fetchError("client", err)
	}
	others := make([]*Client, 0, len(same))
	for _, other := range same {
		if other.ServiceID != client.ServiceID {
			others = append(others, other)
		}
	}
	return others, nil
}

// CountByPlan returns how many clients have the plan.
func (c *Clients) CountByPlan(ctx context.Context, planID int) (int, error) {
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return 0, err
	}
	return directory.byPlan()[planID], nil
}

// Known reports whether Find would cost no call of its own.
func (c *Clients) Known(by ClientKey) bool {
	key, err := by.lookup(c.locale)
	if err != nil {
		return true // it is refused, and costs nothing
	}
	_, warm := c.directory.Peek(struct{}{})
	_, known := c.lookups.Peek(key)
	return warm || known
}

// InMemory answers a query as List would, without waiting for anything; nil when there is no directory, or the query is
// refused.
func (c *Clients) InMemory(query ClientQuery) *ClientConnection {
	entry, warm := c.directory.Peek(struct{}{})
	listing, err := query.parse(c.locale)
	if !warm || err != nil {
		return nil
	}
	return c.overrides.current(entry.Value).page(listing)
}

// Warm reads the directory if there is none yet, and returns when that has ended, well or badly.
func (c *Clients) Warm(ctx context.Context) error {
	_, err := c.currentDirectory(ctx)
	return err
}

// WarmInBackground is Warm for nobody: it leaves the calls to those who wait for something.
func (c *Clients) WarmInBackground(ctx context.Context) error { return c.Warm(cache.Background(ctx)) }

// history returns the directory, with what was written since it was read. It waits for the first one.
func (c *Clients) currentDirectory(ctx context.Context) (*directory, error) {
	entry, err := c.directory.Get(ctx, struct{}{})
	if err != nil {
		return nil, fetchError("client", err)
	}
	return c.overrides.current(entry.Value), nil
}

// find answers from the directory when there is one, else asks upstream for these clients alone.
func (c *Clients) find(ctx context.Context, key lookup) ([]*Client, error) {
	if _, warm := c.directory.Peek(struct{}{}); !warm && key.field != byPhone {
		entry, err := c.lookups.Get(ctx, key)
		switch {
		case errors.Is(err, errNotFound) && key.exactUpstream():
			return nil, nil
		case err != nil && !errors.Is(err, errNotFound) && !errors.Is(err, errFilterIgnored):
			return nil, err
		case err == nil:
			if found := c.overrides.matching(entry.Value, key); len(found) > 0 {
				return found, nil
			}
		}
		// The upstream compares with the text as the office typed it (1.000.001, Ana@isp), or not at all; the directory knows
		// better. A phone is asked of the directory alone: 300 000 0001 would be missed, and one of two customers taken for the
		// only one.
	}
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	return directory.find(key), nil
}

// loadDirectory is the directory's loader. What nobody waits for waits until its turn in the hour has come.
func (c *Clients) loadDirectory(ctx context.Context, _ struct{}) (*directory, error) {
	began := time.Now()
	held, known := c.directory.Peek(struct{}{})
	if known {
		c.pacing.merge(held.Value.crawls...)
		ctx = asBackground(ctx) // nobody lacks a list: what is left of the budget is for those who lack something
	}
	if known && !cache.HasWaiters(ctx) && c.pacing.exhausted(began, c.api.HourShare()) {
		return nil, errCrawlPaced
	}
	rows, err := c.crawl(ctx, began)
	if err != nil {
		return nil, resting(err)
	}
	if known && len(rows) == 0 && len(held.Value.clients) > 0 {
		return nil, errListEmptied
	}
	c.report(rows)
	directory := newDirectory(rows, c.locale, began, c.version.Add(1))
	directory.freshFor, directory.crawls = c.pacing.interval(c.api.HourShare()), c.pacing.history()
	return directory, nil
}

// crawl returns the rows of all clients and notes what that has cost.
func (c *Clients) crawl(ctx context.Context, began time.Time) ([]wisphub.Client, error) {
	var calls atomic.Int64
	defer func() { c.pacing.record(began, int(calls.Load())) }()
	return crawlAll(ctx, func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[wisphub.Client], error) {
		calls.Add(1)
		return c.api.Clients.List(ctx, wisphub.ClientListOptions{ListOptions: options})
	}, func(row *wisphub.Client) int { return int(row.ID) })
}

// errListEmptied: WispHub answers count 0 with status 200 for reasons of its own (wisphub-net-api §2.5). A provider does not
// lose all its clients in five minutes.
var errListEmptied = errors.New("the list is empty and was not")

// oneCustomer: all share one document that is not empty, or there is but one.
func oneCustomer(clients []*Client) bool {
	return len(clients) < 2 || clients[0].document != "" && !slices.ContainsFunc(clients, func(other *Client) bool {
		return other.document != clients[0].document
	})
}

// preferred returns the active client, then the one with the lowest service id; nil when there is none.
func preferred(clients []*Client) *Client {
	if len(clients) == 0 {
		return nil
	}
	return slices.MinFunc(clients, func(a, b *Client) int {
		if active := a.Status == ClientActive; active != (b.Status == ClientActive) {
			if active {
				return -1
			}
			return 1
		}
		return a.ServiceID - b.ServiceID
	})
}

func cleanKey(text, field string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || len([]rune(text)) > MaxLookupKey {
		return "", invalid(fmt.Sprintf("must be 1 to %d characters", MaxLookupKey), "by", field)
	}
	return text, nil
}
