package isp

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
)

const (
	// idempotencyTTL is how long a key is valid, from the start of its first write.
	idempotencyTTL = 24 * time.Hour
	// maxIdempotencyRecords limits the records in the memory of one replica.
	maxIdempotencyRecords = 10_000
)

// idempotency records the results of writes by their keys, so that a repeated write is done once.
// Replicas share the records. While the store is lost, each replica has only its own. Keys are
// chosen by callers and may be secret, so only their hash is stored.
type idempotency struct {
	shared  *shared.Store // nil for a single replica
	locks   *shared.Mutexes
	records *cache.Cache[string, *idempotencyRecord] // by recordName; only set, never loaded
}

func newIdempotency(cfg Config, locks *shared.Mutexes) *idempotency {
	i := &idempotency{shared: cfg.Shared, locks: locks}
	i.records = newCache(cache.Options{
		Name: "outcomes", // the name of the file on disk, which older versions wrote
		TTL:  idempotencyTTL, StaleLimit: idempotencyTTL, MaxEntries: maxIdempotencyRecords, LoadTimeout: loadTimeout,
	}, func(context.Context, string) (*idempotencyRecord, error) { return nil, errNotFound })
	// The cache does not share its values: acquire reads the store itself, under the key's lock.
	codec := cache.Codec[*idempotencyRecord]{Encode: encodeJSON[*idempotencyRecord], Decode: decodeIdempotencyRecord}
	i.records.Persist(codec, nil)
	return i
}

// idempotencyKey is a key that a write has acquired.
type idempotencyKey struct {
	// result is that of the first write with this key; nil if this write is the first.
	result *writeResult
	// release lets the next write with this key go on. It must be called once.
	release func()

	records *idempotency
	name    string // of the record; "" for a write without a key
	began   moment
}

// acquire waits until no other write holds the key, and then returns the key with the recorded
// result, if there is one. A key belongs to its owner and action: others may use the same. A nil
// key is not recorded. The error is that of ctx.
func (i *idempotency) acquire(ctx context.Context, action, owner string, key *string) (*idempotencyKey, error) {
	if key == nil {
		return &idempotencyKey{release: func() {}}, nil
	}
	name := recordName(action, owner, *key)
	release, err := i.locks.Acquire(ctx, name)
	if err != nil {
		return nil, err
	}
	if record := i.load(ctx, name); record != nil {
		release()
		return &idempotencyKey{result: record.result(), release: func() {}}, nil
	}
	return &idempotencyKey{release: release, records: i, name: name, began: momentOf(time.Now())}, nil
}

func recordName(action, owner, key string) string {
	sum := sha256.Sum256([]byte(owner + "\x00" + key))
	return "once/" + action + "/" + hex.EncodeToString(sum[:])
}

// recordSending must be called right before the write is sent. From then on the recorded outcome
// is unknown, until record replaces it: the process may die in between.
func (k *idempotencyKey) recordSending(ctx context.Context) {
	if k.name != "" {
		k.records.save(ctx, k.name, &idempotencyRecord{Began: k.began})
	}
}

// record replaces the unknown outcome. An error means that nothing was changed; the key may then
// be used again.
func (k *idempotencyKey) record(ctx context.Context, result *writeResult, err error) {
	switch {
	case k.name == "":
	case err != nil:
		k.records.delete(ctx, k.name)
	default:
		k.records.save(ctx, k.name, newIdempotencyRecord(k.began, result))
	}
}

// load returns the record, nil if there is none. If the outcome is unknown in memory, the store
// may know it: this replica may have died during the write, and another one may have recorded the
// result.
func (i *idempotency) load(ctx context.Context, name string) *idempotencyRecord {
	local := i.loadLocal(name)
	if local != nil && local.Known {
		return local
	}
	stored := i.loadShared(ctx, name)
	if stored != nil && stored.Known {
		i.records.Set(name, stored) // for the case that the store is lost
		return stored
	}
	return cmp.Or(local, stored)
}

func (i *idempotency) loadLocal(name string) *idempotencyRecord {
	entry, known := i.records.Peek(name)
	if !known || entry.Value.age() >= idempotencyTTL { // the cache counts from the end of the write
		return nil
	}
	return entry.Value
}

// loadShared reads the record in the store. A record that cannot be decoded counts as unknown: a
// write with this key has begun.
func (i *idempotency) loadShared(ctx context.Context, name string) *idempotencyRecord {
	if i.shared == nil {
		return nil
	}
	// A canceled ctx would make a used key look unused. The store has timeouts of its own.
	data, err := i.shared.Get(context.WithoutCancel(ctx), name)
	if err != nil {
		return nil
	}
	record, err := decodeIdempotencyRecord(data)
	if err != nil {
		return &idempotencyRecord{}
	}
	return record
}

// save replaces a record, even if ctx has ended. It ignores errors of the store, which logs when
// it is lost.
func (i *idempotency) save(ctx context.Context, name string, record *idempotencyRecord) {
	i.records.Set(name, record)
	if i.shared == nil {
		return
	}
	if data, err := encodeJSON(record); err == nil {
		_ = i.shared.Set(context.WithoutCancel(ctx), name, data, idempotencyTTL-record.age())
	}
}

func (i *idempotency) delete(ctx context.Context, name string) {
	i.records.Invalidate(name)
	if i.shared != nil {
		_ = i.shared.Delete(context.WithoutCancel(ctx), name)
	}
}
