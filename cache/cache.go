package cache

import (
	"context"
	"errors"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"wisphub-graphql/cache/shared"
)

// ErrClosed is returned by a [Cache.Get] or [Cache.Refresh] that needs a load
// after [Cache.Close], or whose load Close cancelled.
var ErrClosed = errors.New("cache: closed")

const defaultMaxEntries = 10_000

// Lasting is a value that sets a TTL of its own, if it is longer than [Options.TTL].
type Lasting interface{ OwnTTL() time.Duration }

// Remembered is an error that is remembered for a time of its own, if it is longer than
// [Options.FailureTTL].
type Remembered interface {
	error
	RememberFor() time.Duration
}

// Options configures a [Cache].
type Options struct {
	// Name identifies the cache in [Stats], errors, snapshots and the shared
	// store. Optional without the latter two.
	Name string

	// TTL is the age from which an entry is stale: the next Get starts a
	// refresh. A value that is a [Lasting] may set a longer one
	// for itself. Required.
	TTL time.Duration

	// StaleLimit is the age from which an entry is no longer served: Get loads
	// and waits. Optional; anything below TTL, like 0, means TTL, so that
	// nothing is served stale.
	StaleLimit time.Duration

	// NotFoundTTL is how long an error for which NotFound is true is remembered
	// and returned without a load. Optional; 0 means not at all.
	NotFoundTTL time.Duration

	// FailureTTL is how long the error of a load is remembered and returned, if
	// there is no value to serve. It limits the load on a failing source. An
	// error that is a [Remembered], or wraps one, may set a longer time. Optional; 0 means not at all.
	FailureTTL time.Duration

	// LoadTimeout limits one load, however many callers wait for it. Required.
	LoadTimeout time.Duration

	// LostWait is for loads that take so long that two at once are to be avoided.
	// While the store is lost, a replica without a value that waits for another's
	// load goes on waiting for that time, and the other keeps its lease.
	// Optional; 0 means that a replica without the store loads at once.
	LostWait time.Duration

	// MaxEntries limits the entries in memory, including not-found ones. The
	// least recently used entry is evicted. Optional; 0 means 10,000.
	MaxEntries int

	// NotFound reports whether the error of a load means that the thing does
	// not exist, which is an answer and not a failure. Optional; nil means that
	// no error does.
	NotFound func(error) bool

	// OnRefreshError receives the error of a failed load that no caller waited
	// for. It runs on the goroutine of the load. Optional; nil drops the error.
	OnRefreshError func(key any, err error)
}

// Cache is a bounded map in memory that loads missing values. It is safe for
// concurrent use. Call [Cache.Close] when done with it.
type Cache[K comparable, V any] struct {
	opts   Options
	loader func(ctx context.Context, key K) (V, error)

	// records may be read without mu. It only limits their number; this package
	// decides their age.
	records *lru.Cache[K, *record[V]]

	goroutines sync.WaitGroup // of loads; Add under mu, and only before closed

	// Set by Persist, before the first use.
	codec           Codec[V]
	store           *shared.Store   // nil without replicas
	replicating     context.Context // ends with Close
	stopReplicating func()

	mu     sync.Mutex // guards writes to records, and all below, and the fields of each load
	loads  map[K]*load[V]
	closed bool

	expiredAt      time.Time  // values read before this are stale at any age
	revokeFailedAt time.Time  // published values read before this are ignored: a Revoke was lost
	unpublished    map[K]bool // values that could not be published

	changes, expiries atomic.Uint64 // see Changes; added to under mu

	_            [64]byte // keeps the counters off the cache line that every Get reads
	hits, misses atomic.Uint64
}

// New returns an empty cache that reads missing values with loader. It panics
// without a loader or a required option.
//
// The loader runs on its own goroutine, at most once at a time for a key. Its
// context has the values of the first caller that needs the key. The context
// ends with LoadTimeout, with [Cache.Close], and when [Cache.Set] or
// [Cache.Invalidate] has made the load pointless. The loader must return soon
// after its context ends: until then it occupies its goroutine and the lease
// that other replicas wait for.
func New[K comparable, V any](
	opts Options, loader func(ctx context.Context, key K) (V, error),
) *Cache[K, V] {
	if loader == nil || opts.TTL <= 0 || opts.LoadTimeout <= 0 {
		panic("cache: loader, TTL and LoadTimeout are required")
	}
	opts.StaleLimit = max(opts.StaleLimit, opts.TTL)
	if opts.MaxEntries <= 0 {
		opts.MaxEntries = defaultMaxEntries
	}
	if opts.NotFound == nil {
		opts.NotFound = func(error) bool { return false }
	}
	if opts.OnRefreshError == nil {
		opts.OnRefreshError = func(any, error) {}
	}
	records, err := lru.New[K, *record[V]](opts.MaxEntries)
	if err != nil {
		panic(err) // only for a limit below 1
	}
	return &Cache[K, V]{
		opts:    opts,
		loader:  loader,
		records: records,
		loads:   make(map[K]*load[V]),

		stopReplicating: func() {},
	}
}

// Get returns the value of key: from memory if it is there, even if stale, and
// otherwise from a load that all concurrent callers share. It returns the error
// of that load, a remembered error, ctx's error as soon as ctx ends, or
// [ErrClosed]. A failed load is remembered for Options.FailureTTL; a failed
// refresh is repeated after a pause.
func (c *Cache[K, V]) Get(ctx context.Context, key K) (Entry[V], error) {
	now := time.Now()
	if rec, ok := c.records.Get(key); ok && now.Before(rec.refreshAt) {
		c.hits.Add(1)
		return rec.result(now)
	}
	return c.getOrLoad(ctx, key)
}

// getOrLoad is Get for a key whose record is missing or due for a refresh.
func (c *Cache[K, V]) getOrLoad(ctx context.Context, key K) (Entry[V], error) {
	c.mu.Lock()
	// A load may have ended since Get looked.
	if rec, ok := c.held(ctx, key); ok {
		c.mu.Unlock()
		c.hits.Add(1)
		return rec.result(time.Now())
	}
	l, err := c.join(ctx, key, c.minAsOf(key))
	c.mu.Unlock()
	if err != nil {
		return Entry[V]{}, err
	}
	c.misses.Add(1)
	return c.wait(ctx, l)
}

// Peek returns the value of key if Get would find it in memory. It never starts
// a load, does not count as a hit, and returns false for a remembered not-found
// error.
func (c *Cache[K, V]) Peek(key K) (Entry[V], bool) {
	now := time.Now()
	rec, ok := c.records.Get(key)
	if !ok || !rec.servable(now) {
		return Entry[V]{}, false
	}
	entry, _ := rec.result(now)
	return entry, true
}

// Refresh loads the value of key, even if memory has a fresh one, or joins a
// running load, and waits for it. A failure is returned and leaves memory
// unchanged; a not-found error replaces the value. The errors are those of
// [Cache.Get].
func (c *Cache[K, V]) Refresh(ctx context.Context, key K) (Entry[V], error) {
	c.mu.Lock()
	l, err := c.join(ctx, key, time.Now())
	c.mu.Unlock()
	if err != nil {
		return Entry[V]{}, err
	}
	return c.wait(ctx, l)
}

// Set stores a value just read or written elsewhere. It overrides a running
// load, whose waiters receive the value at once. Other replicas do not see it.
func (c *Cache[K, V]) Set(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rec := c.newRecord(value, time.Now())
	c.put(key, rec)
	if l, ok := c.loads[key]; ok {
		c.finish(key, l, rec)
	}
}

// Invalidate removes key, here and in all replicas: the next Get loads. A
// running load is cancelled, and restarted if it has waiters.
//
// Another replica may serve the old value until it receives the message. If
// either replica has lost the store, it may do so until the value exceeds its
// time to live.
func (c *Cache[K, V]) Invalidate(key K) {
	// Here last, so that a value which a concurrent load stores is removed too.
	c.revoke(key)
	c.forget(key)
}

func (c *Cache[K, V]) forget(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records.Remove(key)
	c.changes.Add(1)
	if l, ok := c.loads[key]; ok {
		c.restart(key, l)
	}
}

// Expire makes all values stale, here and in all replicas. They are still
// served, and the first Get of each starts a refresh. Running loads continue,
// but their values are stale too.
func (c *Cache[K, V]) Expire() {
	now := time.Now()
	c.expire(now)
	c.publishExpire(now)
}

// expire makes all values older than at stale.
func (c *Cache[K, V]) expire(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.expiredAt) {
		c.expiredAt = at
	}
	for key, rec := range c.all() {
		c.records.Add(key, c.withExpiry(rec)) // from the oldest on, so the order stays
	}
	c.expiries.Add(1)
}

// all returns the records, least recently used first.
func (c *Cache[K, V]) all() iter.Seq2[K, *record[V]] {
	return func(yield func(K, *record[V]) bool) {
		for _, key := range c.records.Keys() {
			if rec, ok := c.records.Peek(key); ok && !yield(key, rec) {
				return
			}
		}
	}
}

// Close cancels the running loads, whose waiters receive [ErrClosed], and
// returns when the loaders have returned. Get still serves what is in memory. A
// loader must not call Close.
func (c *Cache[K, V]) Close() {
	c.mu.Lock()
	c.closed = true
	for key, l := range c.loads {
		c.finish(key, l, &record[V]{err: ErrClosed})
	}
	c.mu.Unlock()
	c.stopReplicating()
	c.goroutines.Wait()
}
