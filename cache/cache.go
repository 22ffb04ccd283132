package cache

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"wisphub-graphql/cache/shared"
)

// ErrClosed answers a [Cache.Get] or [Cache.Refresh] that would need a load
// after [Cache.Close], or whose load Close ended.
var ErrClosed = errors.New("cache: closed")

const defaultMaxEntries = 10_000

// Options configure a [Cache].
type Options struct {
	// Name tells caches apart in [Stats] and errors. Optional.
	Name string

	// TTL is the age from which an entry is stale: the Get that meets it
	// starts a refresh. A value that has a method Lasts() time.Duration may
	// set a longer one for itself. Required.
	TTL time.Duration

	// StaleLimit is the age from which an entry is no longer served: Get
	// loads and waits. Optional; 0, as anything below TTL, means TTL: nothing
	// is ever served stale.
	StaleLimit time.Duration

	// NotFoundTTL is how long an error for which NotFound is true is
	// remembered and served without a load. Optional; 0 means not at all.
	NotFoundTTL time.Duration

	// FailureTTL is how long the error of a load is remembered and served
	// while there is nothing better, so that a source that fails is not asked
	// by every Get. An error that has, or wraps one that has, a method
	// Stands() time.Duration may set a longer time. Optional; 0 means not at
	// all.
	FailureTTL time.Duration

	// LoadTimeout bounds one load, whoever waits for it. Required.
	LoadTimeout time.Duration

	// MaxEntries bounds the entries in memory, not-found ones included; what
	// is asked for least gives way. Optional; 0 means 10,000.
	MaxEntries int

	// NotFound reports whether the error of a load says that the thing does
	// not exist, which is an answer and not a failure. Optional; nil means
	// that no error does.
	NotFound func(error) bool

	// OnRefreshError receives the error of a load that failed with nobody
	// waiting for it. It runs on the goroutine of the load. Optional; nil
	// drops the error.
	OnRefreshError func(key any, err error)
}

// Entry is a value with its age.
type Entry[V any] struct {
	Value V
	AsOf  time.Time // when the load that brought Value began, so that Value is never older than this
	Stale bool      // past Options.TTL
}

// Cache is a bounded map in memory that loads what it lacks. It is safe for
// concurrent use. Call [Cache.Close] when done with it.
type Cache[K comparable, V any] struct {
	opts Options
	load func(ctx context.Context, key K) (V, error)

	// records may be read without mu. Otter only bounds their number. Their age
	// is decided here, so that otter needs no clock and no goroutine of its own.
	records *otter.Cache[K, *record[V]]

	loads sync.WaitGroup // the goroutines of loads

	// Set by Persist, before the first use.
	codec     Codec[V]
	store     *shared.Store   // nil for a cache that no other replica shares
	listening context.Context // ends with Close
	deaf      func()          // ends listening

	mu      sync.Mutex // guards writes to records, and everything below and in each flight
	flights map[K]*flight[V]
	changes uint64 // counts the values that came and went
	closed  bool

	expired   time.Time // what was read before is stale whatever its age
	unrevoked time.Time // what other replicas read before is not wanted: the store did not hear what was invalidated

	_            [64]byte // keeps the counters, written by every Get, off the cache line that every Get reads
	hits, misses atomic.Uint64
}

// New returns an empty cache that reads what it lacks by load, and panics when
// load or an option that is required is missing.
//
// Load runs in a goroutine of its own, at most once at a time for a key. Its
// context has the values of the first caller who needs it, but ends with
// LoadTimeout, with [Cache.Close], or when [Cache.Set] or [Cache.Invalidate]
// has made the load pointless. Load must return soon after its context ends:
// until then it has its goroutine, and the lease that other replicas wait for.
func New[K comparable, V any](opts Options, load func(ctx context.Context, key K) (V, error)) *Cache[K, V] {
	if load == nil || opts.TTL <= 0 || opts.LoadTimeout <= 0 {
		panic("cache: load, TTL and LoadTimeout are required")
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
	return &Cache[K, V]{
		opts:    opts,
		load:    load,
		records: otter.Must(&otter.Options[K, *record[V]]{MaximumSize: opts.MaxEntries}),
		flights: make(map[K]*flight[V]),
		deaf:    func() {},
	}
}

// Get returns the value of key: from memory when it is there, though it may be
// stale, and otherwise from a load that all who ask meanwhile share. It returns
// the error of that load, a not-found error still remembered, ctx's error as
// soon as ctx ends while Get waits, or [ErrClosed]. A failed load is
// remembered for Options.FailureTTL; a failed refresh is tried again after a
// pause.
func (c *Cache[K, V]) Get(ctx context.Context, key K) (Entry[V], error) {
	now := time.Now()
	if rec, ok := c.records.GetIfPresent(key); ok && now.Before(rec.refreshAt) {
		c.hits.Add(1)
		return rec.answer(now)
	}
	return c.getOrLoad(ctx, key)
}

// getOrLoad is Get for a key whose record is missing or due for a refresh.
func (c *Cache[K, V]) getOrLoad(ctx context.Context, key K) (Entry[V], error) {
	c.mu.Lock()
	// Looked up again, because a load may have ended since Get looked.
	now := time.Now()
	if rec, ok := c.records.GetIfPresent(key); ok && now.Before(rec.deadAt) {
		if !now.Before(rec.refreshAt) {
			c.refreshBehind(ctx, key)
		}
		c.mu.Unlock()
		c.hits.Add(1)
		return rec.answer(now)
	}
	f, err := c.join(ctx, key, c.oldestUseful(key))
	c.mu.Unlock()
	if err != nil {
		return Entry[V]{}, err
	}
	c.misses.Add(1)
	return c.wait(ctx, f)
}

// Peek returns the value of key if Get would find it in memory. It never loads
// or refreshes, is not counted, and answers false for what is known not to
// exist.
func (c *Cache[K, V]) Peek(key K) (Entry[V], bool) {
	now := time.Now()
	rec, ok := c.records.GetIfPresent(key)
	if !ok || !rec.good(now) {
		return Entry[V]{}, false
	}
	entry, _ := rec.answer(now)
	return entry, true
}

// Refresh loads the value of key now, however fresh it is in memory, or joins
// the load under way, and waits for it. A failure is returned and leaves what
// memory holds; not found replaces it. Errors are those of [Cache.Get].
func (c *Cache[K, V]) Refresh(ctx context.Context, key K) (Entry[V], error) {
	c.mu.Lock()
	f, err := c.join(ctx, key, time.Now())
	c.mu.Unlock()
	if err != nil {
		return Entry[V]{}, err
	}
	return c.wait(ctx, f)
}

// Set puts in a value just read or written elsewhere. It wins over a load under
// way, whose waiters get it at once. Other replicas are not told.
func (c *Cache[K, V]) Set(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rec := c.newRecord(value, time.Now())
	c.put(key, rec)
	if f, ok := c.flights[key]; ok {
		c.settle(key, f, rec)
	}
}

// Invalidate forgets key, here and in all replicas: the next Get loads. A load
// under way is dropped, and begun anew for those who wait for it.
//
// Another replica may serve the old value for as long as the news takes, or, if
// it or this one has lost the store, until that value is past its time to live.
func (c *Cache[K, V]) Invalidate(key K) {
	// Here last: what a load that ends meanwhile puts in is forgotten too.
	c.revoke(key)
	c.forget(key)
}

func (c *Cache[K, V]) forget(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes++
	c.records.Invalidate(key)
	if f, ok := c.flights[key]; ok {
		c.restart(key, f)
	}
}

// Expire makes all values stale, here and in all replicas: they are served, and
// each is read again by the first Get that meets it. A load under way is not
// dropped, but what it brings is stale too.
func (c *Cache[K, V]) Expire() {
	now := time.Now()
	c.expire(now)
	c.tellExpire(now)
}

// expire makes stale what is older than at.
func (c *Cache[K, V]) expire(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.expired) {
		c.expired = at
	}
	for key, rec := range c.records.All() {
		c.records.Set(key, c.aged(rec))
	}
}

// put writes what has come of a load, or instead of one, into memory. The
// caller must hold mu.
func (c *Cache[K, V]) put(key K, rec *record[V]) {
	c.changes++
	c.records.Set(key, rec)
}

// Close ends the loads under way, answers those who wait for them with
// [ErrClosed], and returns when the loads have. What is in memory is still
// served. A load must not call Close.
func (c *Cache[K, V]) Close() {
	c.mu.Lock()
	c.closed = true
	for key, f := range c.flights {
		c.settle(key, f, &record[V]{err: ErrClosed})
	}
	c.mu.Unlock()
	c.deaf()
	c.loads.Wait()
}
