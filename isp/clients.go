package isp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

const (
	// crawlTimeout limits one crawl of the list, with its pauses and retries.
	crawlTimeout = 10 * time.Minute
	// lostStoreWait is how long a replica without the store leaves the crawl to another that was
	// crawling: longer than 20,000 clients take.
	lostStoreWait = 30 * time.Second
	// failureTTL is how long callers get the error of a failed crawl: another one may cost 67
	// calls.
	failureTTL = 5 * time.Second
)

// Clients finds and lists clients. The directory in memory answers everything. Before the first
// directory, a few look-ups cost a call each, and the others wait for its pages.
type Clients struct {
	api       *wisphub.API
	locale    locale
	logger    *slog.Logger
	pacing    refreshPacing
	directory *cache.Cache[struct{}, *directory]    // as WispHub lists it, without the overrides
	progress  *crawlProgress                        // of the first crawl
	reserved  atomic.Pointer[ratelimit.Reservation] // for its pages that were not sent yet
	shared    *shared.Store                         // nil for a single process
	lookups   *cache.Cache[lookup, []*Client]
	gate      *lookupGate  // of lookups, while there is no directory
	urgent    atomic.Int32 // state changes that are being read again
	overrides *clientOverrides
	mutations *mutations
	followUp  *taskFollowUp
	version   atomic.Uint64
	labels    *unknownLabels
	misses    *lru.Cache[int, time.Time] // services that a list lacked, and when it was read
}

// ClientKey identifies a client. Exactly one field must be set.
type ClientKey struct {
	ServiceID *int
	Document  *string
	Phone     *string
	Username  *string
}

// ClientQuery asks for a page of clients. Nil fields are absent.
type ClientQuery struct {
	Filter *ClientFilter
	// Search is words that a client's text must all contain. Blank text finds all clients.
	Search *string
	// Order is by ascending service id by default.
	Order *ClientOrder
	// First is 1 to 2,000, 50 by default.
	First *int
	// After is the cursor after which the page begins. Nil and "" mean the start of the list.
	After *string
}

func newClients(api *wisphub.API, cfg Config) *Clients {
	c := &Clients{
		api: api, shared: cfg.Shared, locale: cfg.locale(), logger: cfg.Logger, labels: cfg.labels,
		pacing: refreshPacing{ttl: cfg.ClientsTTL, share: directoryShare},
	}
	c.progress = newCrawlProgress(cfg.locale(), c.budgetWait)
	c.directory = newCache(cache.Options{
		Name:           "clients",
		TTL:            cfg.ClientsTTL,
		StaleLimit:     cfg.StaleLimit,
		FailureTTL:     failureTTL,
		LoadTimeout:    crawlTimeout,
		LostWait:       lostStoreWait,
		OnRefreshError: cfg.logRefreshError("clients"),
	}, c.loadDirectory)
	c.lookups = newLookupCache(cache.Options{
		Name:        "client",
		TTL:         cfg.ClientTTL,
		NotFoundTTL: notFoundTTL,
		NotFound:    isNotFound,
		LoadTimeout: loadTimeout,
	}, c.lookUpAdmitted)
	c.gate = newLookupGate(c.sharedReading())
	c.overrides = newClientOverrides(c, cfg.Shared)
	c.directory.Persist(cache.Codec[*directory]{Encode: encodeDirectory, Decode: func(data []byte) (*directory, error) {
		held, _ := c.held()
		directory, err := decodeDirectoryAfter(held, data, c.locale, c.version.Add(1))
		if err == nil {
			c.overrides.merge(directory) // readers find it ready
		}
		return directory, err
	}}, cfg.Shared)
	c.overrides.subscribe()
	c.misses, _ = lru.New[int, time.Time](maxMisses) // fails only for a limit below 1
	return c
}

// Find returns the client that the key identifies, or nil. Of several services of one customer
// it returns the active one, then the one with the lowest id. The error is [ErrAmbiguous] if
// several customers have the phone.
func (c *Clients) Find(ctx context.Context, by ClientKey) (*Client, error) {
	key, err := by.lookup(c.locale)
	if err != nil {
		return nil, err
	}
	clients, err := c.find(ctx, key)
	if err != nil {
		return nil, fetchError("client", err)
	}
	return key.choose(clients)
}

// Get returns the client with the service id, or nil.
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

// OtherServices returns the other services with the client's document, by service id. It returns
// none if the client has no document. The list is never nil beside a nil error.
func (c *Clients) OtherServices(ctx context.Context, client *Client) ([]*Client, error) {
	if client.document == "" {
		return []*Client{}, nil
	}
	same, err := c.find(ctx, client.sameDocument())
	if err != nil {
		return nil, fetchError("client", err)
	}
	return client.without(same), nil
}

// CountByPlan returns how many clients have the plan.
func (c *Clients) CountByPlan(ctx context.Context, planID int) (int, error) {
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return 0, err
	}
	return directory.byPlan()[planID], nil
}

// Known reports whether Find would answer without an upstream call.
func (c *Clients) Known(by ClientKey) bool {
	key, err := by.lookup(c.locale)
	if err != nil {
		return true // Find refuses the key without a call
	}
	entry, warm := c.directory.Peek(struct{}{})
	_, known := c.lookups.Peek(key)
	return known || !key.canExist() || warm && (!key.exactUpstream() || c.overrides.current(entry.Value).byID(key.id) != nil)
}

// InMemory answers a query as List does, but never waits. It returns nil if there is no
// directory yet or the query is invalid.
func (c *Clients) InMemory(query ClientQuery) *ClientConnection {
	entry, warm := c.directory.Peek(struct{}{})
	listing, err := query.parse(c.locale)
	if !warm || err != nil {
		return nil
	}
	return c.overrides.current(entry.Value).page(listing)
}

// Warm crawls the directory if there is none yet, and returns when the crawl ends.
func (c *Clients) Warm(ctx context.Context) error {
	_, err := c.directory.Get(ctx, struct{}{})
	return fetchError("client", err)
}

// WarmInBackground is Warm at background priority: callers' requests take the calls first.
func (c *Clients) WarmInBackground(ctx context.Context) error { return c.Warm(cache.Background(ctx)) }

// currentDirectory returns the directory with the writes since its crawl. It waits for the first
// directory, or tells the caller at once when that will be there.
func (c *Clients) currentDirectory(ctx context.Context) (*directory, error) {
	if _, warm := c.directory.Peek(struct{}{}); !warm && cache.HasWaiters(ctx) {
		if err := c.gate.wait(ctx, notAnswered); err != nil {
			return nil, err
		}
		if entry, warm := c.directory.Peek(struct{}{}); warm {
			return c.overrides.current(entry.Value), nil
		}
	}
	entry, err := c.directory.Get(ctx, struct{}{})
	if err != nil {
		return nil, fetchError("client", err)
	}
	return c.overrides.current(entry.Value), nil
}

// loadDirectory is the loader of the directory cache. A refresh that no caller waits for starts
// only while the pacing allows it.
func (c *Clients) loadDirectory(ctx context.Context, _ struct{}) (*directory, error) {
	began := time.Now()
	held, known := c.held()
	if known {
		c.pacing.merge(held.crawls...)
		ctx = c.withRefreshPriority(ctx)
	} else {
		ctx = withSharedPriority(ctx)
	}
	if known && !cache.HasWaiters(ctx) && c.pacing.exhausted(began, c.api.HourShare()) {
		return nil, errCrawlPaced
	}
	clients, asOf, err := c.crawl(ctx, began, held)
	if err != nil {
		return nil, rememberBudgetError(err)
	}
	if known && len(clients) == 0 && len(held.clients) > 0 {
		return nil, errListEmptied
	}
	directory := buildAfter(held, clients, c.locale, asOf.In(c.locale.zone), c.version.Add(1))
	directory.freshFor, directory.crawls = c.pacing.interval(c.api.HourShare()), c.pacing.history()
	c.overrides.merge(directory) // readers find it ready
	return directory, nil
}

// held returns the directory as it was crawled, nil if there is none.
func (c *Clients) held() (held *directory, known bool) {
	entry, known := c.directory.Peek(struct{}{})
	return entry.Value, known
}

// withRefreshPriority returns the context of a refresh. Callers have a list, so it saves the budget
// for requests that lack data, unless a state change waits for the list.
func (c *Clients) withRefreshPriority(ctx context.Context) context.Context {
	return ratelimit.WithPriority(ctx, func() ratelimit.Priority {
		if c.urgent.Load() > 0 {
			return ratelimit.PriorityRead
		}
		return ratelimit.PriorityBackground
	})
}

// errListEmptied rejects an empty list after a list with clients. WispHub sometimes answers
// status 200 with count 0 by mistake (wisphub-net-api §2.5), and a provider does not lose all
// its clients between two crawls.
var errListEmptied = errors.New("the client list is empty but the previous one was not")

// cleanKey trims the value of a [ClientKey] field and checks its length.
func cleanKey(text, field string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > MaxLookupKey {
		return "", invalid(fmt.Sprintf("must be 1 to %d characters", MaxLookupKey), "by", field)
	}
	return text, nil
}
