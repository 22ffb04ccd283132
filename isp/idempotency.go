package isp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
)

const (
	// idempotencyTTL is how long a key is valid, from the start of its first write.
	idempotencyTTL = 24 * time.Hour
	// maxIdempotencyRecords limits the records in the memory of one replica.
	maxIdempotencyRecords = 10_000
	// topicRecords has the name of each record with a known result, a line break and the record.
	topicRecords = "records"
)

// idempotency records the results of writes by their keys, so that a repeated write is done once.
// Replicas share the records. A key that this replica does not remember needs the store: without
// it, the write is refused. Keys are chosen by callers and may be secret, so only their hash is
// stored.
type idempotency struct {
	shared  *shared.Store // nil for a single replica
	locks   *shared.Mutexes
	records *cache.Cache[string, *idempotencyRecord] // by recordName; only set, never loaded
	publish *publisher
	// unsubscribe ends the messages of other replicas.
	unsubscribe func()
}

func newIdempotency(cfg Config, locks *shared.Mutexes, publish *publisher) *idempotency {
	i := &idempotency{shared: cfg.Shared, locks: locks, publish: publish, unsubscribe: func() {}}
	i.records = newCache(cache.Options{
		Name: "outcomes", // the name of the file on disk, which older versions wrote
		TTL:  idempotencyTTL, StaleLimit: idempotencyTTL, MaxEntries: maxIdempotencyRecords, LoadTimeout: loadTimeout,
	}, func(context.Context, string) (*idempotencyRecord, error) { return nil, errNotFound })
	// The cache does not share its values: acquire reads the store itself, under the key's lock.
	codec := cache.Codec[*idempotencyRecord]{Encode: encodeJSON[*idempotencyRecord], Decode: decodeIdempotencyRecord}
	i.records.Persist(codec, nil)
	publish.sources = append(publish.sources, i)
	if i.shared != nil {
		i.unsubscribe = i.shared.Subscribe(topicRecords, i.apply)
	}
	return i
}

// idempotencyKey is a key that a write has acquired. It implements [reservation].
type idempotencyKey struct {
	// result is that of the first write with this key; nil if this write is the first.
	result  *writeResult
	held    *shared.Held // lets the next write with this key go on when released
	records *idempotency
	name    string // of the record; "" for a write without a key
	began   moment
}

// acquire waits until no other write holds the key, and then returns the key with the recorded
// result, if there is one. The caller must release the key. A key belongs to its owner and action:
// others may use the same. A nil key is not recorded. The error is that of ctx or a [*FetchError].
func (i *idempotency) acquire(ctx context.Context, action, owner string, key *string) (*idempotencyKey, error) {
	if key == nil {
		return &idempotencyKey{}, nil
	}
	name := recordName(action, owner, *key)
	if record := i.loadLocal(name); record != nil && record.Known {
		return &idempotencyKey{result: record.result()}, nil
	}
	held, err := i.locks.Acquire(ctx, name)
	if err != nil {
		if record := i.loadLocal(name); record != nil && errors.Is(err, shared.ErrNoExclusion) {
			return &idempotencyKey{result: record.result()}, nil
		}
		return nil, lockError(err)
	}
	record, err := i.load(ctx, name)
	if err != nil {
		held.Release()
		return nil, err
	}
	if record != nil {
		held.Release()
		return &idempotencyKey{result: record.result()}, nil
	}
	return &idempotencyKey{held: held, records: i, name: name, began: momentOf(time.Now())}, nil
}

const recordPrefix = "once/"

func recordName(action, owner, key string) string {
	sum := sha256.Sum256([]byte(owner + "\x00" + key))
	return recordPrefix + action + "/" + hex.EncodeToString(sum[:])
}

func (k *idempotencyKey) release() { k.held.Release() }

func (k *idempotencyKey) lock() *shared.Held { return k.held }

// sending is the record of a write that is sent and has no known result yet.
func (k *idempotencyKey) sending() *idempotencyRecord { return &idempotencyRecord{Began: k.began} }

// reserve records that the write is sent. From then on the outcome is unknown, until conclude
// replaces it: the process may die in between.
func (k *idempotencyKey) reserve(batch *shared.Batch) {
	if k.name != "" {
		k.records.records.Set(k.name, k.sending())
		k.sending().addTo(batch, k.name)
	}
}

func (k *idempotencyKey) takeBack(batch *shared.Batch) {
	if k.name != "" {
		k.records.records.Invalidate(k.name)
		k.sending().removeFrom(batch, k.name)
	}
}

// conclude replaces the unknown outcome. An error means that nothing was changed; the key may then
// be used again.
func (k *idempotencyKey) conclude(batch *shared.Batch, result *writeResult, err error) {
	switch {
	case k.name == "":
	case err != nil:
		k.takeBack(batch)
	default:
		record := newIdempotencyRecord(k.began, result)
		k.records.records.Set(k.name, record)
		record.addTo(batch, k.name)
		record.publish(batch, k.name)
	}
}

// apply remembers a record of another replica, for the case that the store is lost or emptied.
func (i *idempotency) apply(text string) {
	name, data, _ := strings.Cut(text, "\n")
	record, err := decodeIdempotencyRecord([]byte(data))
	if err == nil && record.Known && record.age() < idempotencyTTL && strings.HasPrefix(name, recordPrefix) {
		i.records.Set(name, record)
	}
}

// Close ends the subscription and the cache.
func (i *idempotency) Close() {
	i.unsubscribe()
	i.records.Close()
}

// load returns the record, nil if there is none. If the outcome is unknown in memory, the store
// may know it: this replica may have died during the write, and another one may have recorded the
// result. If the store cannot be asked, a record in memory still shows that the key was used.
func (i *idempotency) load(ctx context.Context, name string) (*idempotencyRecord, error) {
	local := i.loadLocal(name)
	if local != nil && local.Known {
		return local, nil
	}
	stored, err := i.loadShared(ctx, name)
	if stored != nil && stored.Known {
		i.records.Set(name, stored) // for the case that the store is lost
		return stored, nil
	}
	if local != nil {
		return local, nil
	}
	return stored, err
}

func (i *idempotency) loadLocal(name string) *idempotencyRecord {
	entry, known := i.records.Peek(name)
	if !known || entry.Value.age() >= idempotencyTTL { // the cache counts from the end of the write
		return nil
	}
	return entry.Value
}

// loadShared reads the record in the store, nil if there is none. A record that cannot be decoded
// counts as unknown: a write with this key has begun.
func (i *idempotency) loadShared(ctx context.Context, name string) (*idempotencyRecord, error) {
	if i.shared == nil {
		return nil, nil
	}
	// A canceled ctx would make a used key look unused. The store has timeouts of its own.
	ctx = context.WithoutCancel(ctx)
	if err := i.publish.flush(ctx); err != nil {
		return nil, noExclusion(err)
	}
	data, err := i.shared.Get(ctx, name)
	switch {
	case errors.Is(err, shared.ErrNoValue):
		return nil, nil
	case err != nil:
		return nil, noExclusion(err)
	}
	record, err := decodeIdempotencyRecord(data)
	if err != nil {
		return &idempotencyRecord{}, nil
	}
	return record, nil
}

// entries implements [published]. The other replicas do not know the records of writes that are
// under way.
func (i *idempotency) entries() []entry {
	var known, underWay []entry
	for name, record := range i.records.All() {
		e := entry{
			add:    func(batch *shared.Batch) { record.addTo(batch, name) },
			remove: func(batch *shared.Batch) { record.removeFrom(batch, name) },
			gone:   func() bool { return i.loadLocal(name) == nil },
		}
		switch {
		case record.age() >= idempotencyTTL:
		case record.Known:
			known = append(known, e)
		default:
			underWay = append(underWay, e)
		}
	}
	slices.Reverse(known) // the latest first
	return slices.Concat(underWay, known)
}
