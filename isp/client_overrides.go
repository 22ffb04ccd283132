package isp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/cache/shared"
	"wisphub-graphql/wisphub"
)

// maxParallelReloads limits how many clients are read again at the same time.
const maxParallelReloads = 4

// clientOverrides are the clients that were read again because of a write.
type clientOverrides struct {
	overrides[*Client]
	clients  *Clients
	onChange func(serviceIDs []int) // runs after a client has changed, here or on another replica
	merged   atomic.Pointer[mergedDirectory]
	merging  sync.Mutex // held while merged is replaced
}

// mergedDirectory is a directory with the overrides in it.
type mergedDirectory struct {
	crawled   *directory // without them
	version   uint64     // of the overrides
	directory *directory
}

func newClientOverrides(c *Clients, store *shared.Store) *clientOverrides {
	o := &clientOverrides{clients: c, onChange: func([]int) {}}
	o.overrides = overrides[*Client]{
		topic:  "written clients",
		id:     func(client *Client) int { return client.ServiceID },
		shared: store,
		encode: func(clients []*Client, at time.Time) ([]byte, error) {
			return encodeDirectory(&directory{asOf: at, clients: clients})
		},
		decode: func(data []byte) ([]*Client, time.Time, error) {
			received, err := decodeDirectory(data, c.locale, 0)
			if err != nil {
				return nil, time.Time{}, err
			}
			return received.clients, received.asOf, nil
		},
		onApply: func(clients []*Client, _ time.Time) { o.running.Go(func() { o.applied(clients) }) },
	}
	o.subscribe()
	return o
}

// applied updates what depends on clients whose overrides were added, and waits until readers see
// all overrides. It does so for no clients as well: theirs were older than others.
func (o *clientOverrides) applied(clients []*Client) {
	ids := make([]int, len(clients))
	for i, client := range clients {
		ids[i] = client.ServiceID
	}
	o.onChange(ids)
	if entry, warm := o.clients.directory.Peek(struct{}{}); warm {
		o.merge(entry.Value)
	}
}

// current returns a directory with the overrides in it. While another goroutine merges the newest
// one, current returns the directory without it: a merge takes a fifth of a second for 20,000
// clients, and that write has not been acknowledged yet.
func (o *clientOverrides) current(crawled *directory) *directory {
	merged := o.merged.Load()
	switch {
	case merged == nil || merged.crawled != crawled:
		return o.merge(crawled)
	case merged.version == o.version.Load() || !o.merging.TryLock():
		return merged.directory
	}
	defer o.merging.Unlock()
	return o.mergeLocked(crawled)
}

// merge is current, but waits for the newest override.
func (o *clientOverrides) merge(crawled *directory) *directory {
	o.merging.Lock()
	defer o.merging.Unlock()
	if merged := o.merged.Load(); merged != nil && merged.crawled == crawled && merged.version == o.version.Load() {
		return merged.directory
	}
	return o.mergeLocked(crawled)
}

// mergeLocked replaces merged. The caller must hold merging.
func (o *clientOverrides) mergeLocked(crawled *directory) *directory {
	merged := &mergedDirectory{crawled: crawled, version: o.version.Load(), directory: crawled}
	newer := o.newerThan(crawled.asOf, crawled.asOf)
	if len(newer) > 0 {
		var clients []*Client
		for _, known := range newer {
			clients = append(clients, known.record)
		}
		merged.directory = crawled.replace(clients, o.clients.version.Add(1))
		merged.directory.writesHash = hashWrites(newer)
	}
	o.merged.Store(merged)
	return merged.directory
}

// replace returns the directory with these clients in place of those with the same ids. Clients
// with other ids are added.
func (d *directory) replace(clients []*Client, version uint64) *directory {
	all := append(clients, d.clients...) // the first client of each id is kept
	next := buildDirectory(all, d.locale, d.asOf, version)
	next.freshFor, next.crawls = d.freshFor, d.crawls
	return next
}

// matching returns clients that were looked up, with their overrides, if these still match the
// key.
func (o *clientOverrides) matching(clients []*Client, key lookup) []*Client {
	if o.version.Load() == 0 {
		return clients
	}
	current := make([]*Client, len(clients))
	for i, client := range clients {
		current[i] = client
		if known, ok := o.get(client.ServiceID); ok && known.at.After(client.AsOf) {
			current[i] = known.record
		}
	}
	return buildDirectory(current, o.clients.locale, time.Time{}, 0).find(key)
}

// getOrFetch is [Clients.Get] for writes, which do not wait for the first list.
func (c *Clients) getOrFetch(ctx context.Context, serviceID int) (*Client, error) {
	return c.Get(ungated(ctx), serviceID)
}

// reload reads a client from WispHub and shows it to all readers. It returns nil if there is none.
func (c *Clients) reload(ctx context.Context, serviceID int) (*Client, error) {
	client, err := c.fetch(ctx, serviceID)
	if client != nil {
		c.overrides.applied(c.overrides.add([]*Client{client}, client.AsOf))
	}
	return client, err
}

// reloadMany is reload for many clients. It reads them one by one, or the whole list if that costs
// fewer calls.
func (c *Clients) reloadMany(ctx context.Context, serviceIDs []int) error {
	began := time.Now()
	entry, warm := c.directory.Peek(struct{}{})
	if warm && len(serviceIDs) > len(entry.Value.clients)/(wisphub.MaxLimit-1)+1 {
		return c.crawlAfter(ctx, began, func() error { return nil })
	}
	found, errs := make([]*Client, len(serviceIDs)), make([]error, len(serviceIDs))
	inParallel(maxParallelReloads, len(serviceIDs), func(i int) { found[i], errs[i] = c.fetch(ctx, serviceIDs[i]) })
	found = slices.DeleteFunc(found, func(client *Client) bool { return client == nil })
	if len(found) > 0 {
		c.overrides.applied(c.overrides.add(found, began))
	}
	return fetchError("client", errors.Join(errs...))
}

// crawlAfter reads the list again. If it joined a crawl that had begun before since, it reads the
// list once more. It asks before each crawl whether that is allowed.
func (c *Clients) crawlAfter(ctx context.Context, since time.Time, allowed func() error) error {
	for range 2 {
		if err := allowed(); err != nil {
			return err
		}
		entry, err := c.directory.Refresh(ctx, struct{}{})
		if err != nil || !entry.AsOf.Before(since) {
			return fetchError("client", err)
		}
	}
	return nil
}

// fetch reads a client from WispHub. It returns nil if there is none.
func (c *Clients) fetch(ctx context.Context, serviceID int) (*Client, error) {
	found, err := c.fetchMatching(ctx, lookup{field: byServiceID, id: serviceID})
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fetchError("client", err)
	}
	return found[0], nil
}
