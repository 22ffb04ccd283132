package isp

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/cache/shared"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// maxParallelReloads limits how many clients are read again at the same time.
const maxParallelReloads = 4

// clientOverrides are the clients that were read again because of a write. They are put into the
// directory by the writer, so that readers never wait for that.
type clientOverrides struct {
	overrides[*Client]
	clients  *Clients
	onChange func(serviceIDs []int) // runs after a client has changed, here or on another replica
	merging  sync.Mutex             // held while a merged directory is made
	// acknowledged is a version of the overrides that every reader must see: its writer has been, or
	// is about to be, answered.
	acknowledged atomic.Uint64
}

// mergedDirectory is a directory with the overrides in it.
type mergedDirectory struct {
	directory *directory
	version   uint64                    // of the overrides
	writes    map[int]override[*Client] // in the directory, by service id
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
	return o
}

// applied updates what depends on clients whose overrides were added. From its return on, all
// readers see all overrides. It does so for no clients as well: theirs were older than others.
func (o *clientOverrides) applied(clients []*Client) {
	ids := make([]int, len(clients))
	for i, client := range clients {
		ids[i] = client.ServiceID
	}
	o.onChange(ids)
	version := o.version.Load()
	if entry, warm := o.clients.directory.Peek(struct{}{}); warm {
		o.merge(entry.Value)
	}
	for known := o.acknowledged.Load(); known < version && !o.acknowledged.CompareAndSwap(known, version); {
		known = o.acknowledged.Load()
	}
}

// current returns a crawled directory with the acknowledged overrides in it. It is there already,
// unless a write ended between the merge into a new directory and the end of its load.
func (o *clientOverrides) current(crawled *directory) *directory {
	if merged := crawled.merged.Load(); merged != nil && merged.version >= o.acknowledged.Load() {
		return merged.directory
	}
	return o.merge(crawled)
}

// merge returns a crawled directory with all overrides in it. Writers that come while one merges
// share the next merge.
func (o *clientOverrides) merge(crawled *directory) *directory {
	o.merging.Lock()
	defer o.merging.Unlock()
	merged, version := crawled.merged.Load(), o.version.Load()
	if merged == nil {
		merged = &mergedDirectory{directory: crawled}
	} else if merged.version == version {
		return merged.directory
	}
	merged = o.mergeInto(merged, o.newerThan(crawled.asOf, crawled.asOf))
	merged.version = version
	crawled.merged.Store(merged)
	return merged.directory
}

// mergeInto returns the directory with those overrides that it lacks. An override that was evicted
// stays in the directory, because it is newer than the list.
func (o *clientOverrides) mergeInto(merged *mergedDirectory, newer map[int]override[*Client]) *mergedDirectory {
	var clients []*Client
	writes, hash := map[int]override[*Client]{}, merged.directory.writesHash
	maps.Copy(writes, merged.writes)
	for id, write := range newer {
		old, known := writes[id]
		if known && !old.at.Before(write.at) && !old.fromFuture() {
			continue
		}
		if known {
			hash ^= hashWrite(id, old.at)
		}
		hash ^= hashWrite(id, write.at)
		writes[id] = write
		clients = append(clients, write.record)
	}
	if len(clients) == 0 {
		return &mergedDirectory{directory: merged.directory, writes: merged.writes}
	}
	directory := merged.directory.replace(clients, o.clients.version.Add(1))
	directory.writesHash = hash
	return &mergedDirectory{directory: directory, writes: writes}
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
		if known, ok := o.get(client.ServiceID); ok && known.at.After(listTime(client.AsOf())) {
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
		c.overrides.applied(c.overrides.add([]*Client{client}, client.AsOf()))
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
	began = c.overrides.readTime()
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
	ctx, bill := ratelimit.WithBill(ctx)
	found, err := c.fetchMatching(ctx, lookup{field: byServiceID, id: serviceID})
	if errors.Is(err, errNotFound) {
		bill.NotFound()
		return nil, nil
	}
	if err != nil {
		return nil, fetchError("client", err)
	}
	return found[0], nil
}
