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
	// outcomeTTL is how long the key of a write stands for it, from when it began.
	outcomeTTL = 24 * time.Hour
	// maxOutcomes bounds what one replica remembers.
	maxOutcomes = 10_000
)

// result is what became of a write that was sent, or of one that was refused before.
type writeResult struct {
	ticketID   int // 0 for none
	userErrors []*UserError
	unknown    bool    // nobody knows whether it was carried out
	sent       bool    // false: nothing left the house, so that the same key may try again
	ticket     *Ticket // as the fresh read showed it; not remembered
	cause      error   // of what is unknown, for the log; not remembered
}

// idempotency remembers by their keys what became of writes, so that what is asked for twice is done once: by all replicas while
// they have their store, else by each for itself. Keys are callers' texts, and never kept in clear.
type idempotency struct {
	shared  *shared.Store // nil for a replica that is alone
	locks   *shared.Mutexes
	records *cache.Cache[string, *idempotencyRecord] // only ever set: nothing can be loaded
}

func newIdempotency(cfg Config, locks *shared.Mutexes) *idempotency {
	o := &idempotency{shared: cfg.Shared, locks: locks}
	o.records = newCache(cache.Options{
		Name: "outcomes", TTL: outcomeTTL, StaleLimit: outcomeTTL, MaxEntries: maxOutcomes, LoadTimeout: loadTimeout,
	}, func(context.Context, string) (*idempotencyRecord, error) { return nil, errNotFound })
	// Without the store, which is looked at under the lock: what one replica lacks another may have begun.
	o.records.Persist(cache.Codec[*idempotencyRecord]{Encode: encodeJSON[*idempotencyRecord], Decode: decodeIdempotencyRecord}, nil)
	return o
}

// once returns the outcome of the first write of the last 24 hours that this key of the action was given to, without its
// ticket, and otherwise that of write, which it calls with ctx. Who brings a key whose write is under way waits for its end.
// Without a key write is called.
//
// Write calls sending just before it sends. It returns an error only when nothing was sent, or nothing is known to have been changed. That is not remembered, nor is
// an outcome that was not sent. When write panics, or the process dies, the outcome is unknown. Errors are those of write, and
// ctx's.
func (o *idempotency) once(ctx context.Context, action string, key *string, write func(ctx context.Context, sending func()) (*writeResult, error)) (*writeResult, error) {
	if key == nil {
		return write(ctx, func() {})
	}
	sum := sha256.Sum256([]byte(*key))
	name := "once/" + action + "/" + hex.EncodeToString(sum[:])
	release, err := o.locks.Acquire(ctx, name)
	if err != nil {
		return nil, err
	}
	defer release()
	if record := o.recall(ctx, name); record != nil {
		return record.result(), nil
	}
	return o.first(ctx, name, write)
}

// first calls write. When it says that it sends, the outcome is remembered as unknown, and stays so unless write returns.
func (o *idempotency) first(ctx context.Context, name string, write func(ctx context.Context, sending func()) (*writeResult, error)) (*writeResult, error) {
	began, begun := momentOf(time.Now()), false
	result, err := write(ctx, func() {
		begun = true
		o.remember(ctx, name, &idempotencyRecord{Began: began})
	})
	switch {
	case err == nil && result.sent:
		o.remember(ctx, name, newIdempotencyRecord(began, result))
	case begun:
		o.forget(ctx, name)
	}
	return result, err
}

// recall returns what is remembered of a write, nil for nothing. What is unknown here the store may know: this replica may
// have died in the middle of the write, and another have been given the key. What is unknown in the store as well stays so,
// for whoever began had the lock that the caller now has.
func (o *idempotency) recall(ctx context.Context, name string) *idempotencyRecord {
	here := o.recallHere(name)
	if here != nil && here.Known {
		return here
	}
	there := o.recallThere(ctx, name)
	if there != nil && there.Known {
		o.records.Set(name, there) // for when the store is lost
		return there
	}
	return cmp.Or(here, there)
}

func (o *idempotency) recallHere(name string) *idempotencyRecord {
	entry, known := o.records.Peek(name)
	if !known || entry.Value.age() >= outcomeTTL { // the cache counts from the end of the write
		return nil
	}
	return entry.Value
}

// recallThere looks in the store. What cannot be read there was begun by somebody.
func (o *idempotency) recallThere(ctx context.Context, name string) *idempotencyRecord {
	if o.shared == nil {
		return nil
	}
	// Without ctx's end, which would pass for a key that nobody has used. The store's own deadlines hold.
	data, err := o.shared.Get(context.WithoutCancel(ctx), name)
	if err != nil {
		return nil
	}
	record, err := decodeIdempotencyRecord(data)
	if err != nil {
		return &idempotencyRecord{}
	}
	return record
}

// remember replaces what is remembered of a write, also when ctx has ended. That the store does not take it is no news:
// whoever lost the store has said so.
func (o *idempotency) remember(ctx context.Context, name string, record *idempotencyRecord) {
	o.records.Set(name, record)
	if o.shared == nil {
		return
	}
	if data, err := encodeJSON(record); err == nil {
		_ = o.shared.Set(context.WithoutCancel(ctx), name, data, outcomeTTL-record.age())
	}
}

func (o *idempotency) forget(ctx context.Context, name string) {
	o.records.Invalidate(name)
	if o.shared != nil {
		_ = o.shared.Delete(context.WithoutCancel(ctx), name)
	}
}
