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

// readParallel bounds how many clients are read again at the same time.
const readParallel = 4

// clientOverrides are the clients that were read again because of a write.
type clientOverrides struct {
	overrides[*Client]
	clients  *Clients
	onChange func(serviceIDs []int) // is told of each, here or elsewhere
	amended  atomic.Pointer[amended]
	amending sync.Mutex // held while amended is made
}

// amended is a directory with what was written since it was read.
type amended struct {
	read      *directory
	writes    uint64
	directory *directory
}

func newClientOverrides(c *Clients, store *shared.Store) *clientOverrides {
	w := &clientOverrides{clients: c, onChange: func([]int) {}}
	w.overrides = overrides[*Client]{
		topic:  "written clients",
		id:     func(client *Client) int { return client.ServiceID },
		shared: store,
		encode: func(clients []*Client, at time.Time) ([]byte, error) {
			return encodeDirectory(&directory{asOf: at, clients: clients})
		},
		decode: func(data []byte) ([]*Client, time.Time, error) {
			told, err := decodeDirectory(data, c.locale, 0)
			if err != nil {
				return nil, time.Time{}, err
			}
			return told.clients, told.asOf, nil
		},
		heard: func(clients []*Client) { w.behind(func() { w.spread(clients) }) },
	}
	w.listen()
	return w
}

// setSingle has everybody here see clients that are in.
func (w *clientOverrides) spread(clients []*Client) {
	ids := make([]int, len(clients))
	for i, client := range clients {
		ids[i] = client.ServiceID
	}
	w.onChange(ids)
	if entry, warm := w.clients.directory.Peek(struct{}{}); warm {
		w.amend(entry.Value)
	}
}

// current returns a directory with what was written since it was read. While another caller puts the newest write in, it is
// served without: that takes a fifth of a second for 20,000 clients, and the write is not yet acknowledged.
func (w *clientOverrides) current(read *directory) *directory {
	made := w.amended.Load()
	switch {
	case made == nil || made.read != read:
		return w.amend(read)
	case made.writes == w.overrides.version.Load() || !w.amending.TryLock():
		return made.directory
	}
	defer w.amending.Unlock()
	return w.make(read)
}

// amend is current that waits.
func (w *clientOverrides) amend(read *directory) *directory {
	w.amending.Lock()
	defer w.amending.Unlock()
	if made := w.amended.Load(); made != nil && made.read == read && made.writes == w.overrides.version.Load() {
		return made.directory
	}
	return w.make(read)
}

// make needs amending.
func (w *clientOverrides) make(read *directory) *directory {
	made := &amended{read: read, writes: w.overrides.version.Load(), directory: read}
	writes := w.newerThan(read.asOf, read.asOf)
	if len(writes) > 0 {
		var newer []*Client
		for _, client := range writes {
			newer = append(newer, client.record)
		}
		made.directory = read.with(newer, w.clients.version.Add(1))
		made.directory.writesHash = hashWrites(writes)
	}
	w.amended.Store(made)
	return made.directory
}

// with returns the directory with these clients in place of those with their ids, or beside them.
func (d *directory) with(clients []*Client, version uint64) *directory {
	all := append(clients, d.clients...) // of each id the first is kept
	next := buildDirectory(all, d.locale, d.asOf, version)
	next.freshFor, next.crawls = d.freshFor, d.crawls
	return next
}

// matching returns those clients whom the key fits, as they were written since they were looked up.
func (w *clientOverrides) matching(clients []*Client, key lookup) []*Client {
	if w.overrides.version.Load() == 0 {
		return clients
	}
	now := make([]*Client, len(clients))
	for i, client := range clients {
		now[i] = client
		if known, written := w.get(client.ServiceID); written && known.at.After(client.AsOf) {
			now[i] = known.record
		}
	}
	return buildDirectory(now, w.clients.locale, time.Time{}, 0).find(key)
}

// reload asks WispHub for a client, whatever memory holds, and has everybody see it; nil when there is none.
func (c *Clients) reload(ctx context.Context, serviceID int) (*Client, error) {
	client, err := c.fetch(ctx, serviceID)
	if client != nil {
		c.overrides.put([]*Client{client}, client.AsOf)
		c.overrides.spread([]*Client{client})
	}
	return client, err
}

// reloadMany is reload for many, by whichever way costs less: one by one, or as the whole list.
func (c *Clients) reloadMany(ctx context.Context, serviceIDs []int) error {
	began := time.Now()
	entry, warm := c.directory.Peek(struct{}{})
	if warm && len(serviceIDs) > len(entry.Value.clients)/(wisphub.MaxLimit-1)+1 {
		return c.refreshSince(ctx, began)
	}
	found, errs := make([]*Client, len(serviceIDs)), make([]error, len(serviceIDs))
	inParallel(readParallel, len(serviceIDs), func(i int) { found[i], errs[i] = c.fetch(ctx, serviceIDs[i]) })
	found = slices.DeleteFunc(found, func(client *Client) bool { return client == nil })
	if len(found) > 0 {
		c.overrides.put(found, began)
		c.overrides.spread(found)
	}
	return fetchError("client", errors.Join(errs...))
}

// refreshSince reads the list again, and once more when it has met a reading that had begun before.
func (c *Clients) refreshSince(ctx context.Context, since time.Time) error {
	for range 2 {
		entry, err := c.directory.Refresh(ctx, struct{}{})
		if err != nil || !entry.AsOf.Before(since) {
			return fetchError("client", err)
		}
	}
	return nil
}

// fetch asks WispHub for a client, nil when there is none.
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
