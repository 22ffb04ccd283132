package cache

import (
	"errors"
	"time"
)

// The pause after a failed refresh is a tenth of the TTL within these bounds,
// and doubles with each further failure, so that callers do not flood a failing
// source.
const (
	minRetryPause = time.Second
	maxRetryPause = time.Minute
)

// Entry is a value with its age.
type Entry[V any] struct {
	Value V
	AsOf  time.Time // when the load of Value began, so that Value is never older
	Stale bool      // past Options.TTL
}

// record is the outcome of a load. It is a value, a not-found error (err with
// its times), or a failure (err without asOf). A failure is remembered for at
// most FailureTTL. A record is immutable.
type record[V any] struct {
	value     V
	err       error
	asOf      time.Time
	staleAt   time.Time
	refreshAt time.Time // a Get before this starts no load; never after deadAt
	deadAt    time.Time // not served from then on
	failures  int       // failed refreshes since the load
}

// newRecord returns the record of a value read at asOf. It is served while it is
// fresh, even beyond StaleLimit.
func (c *Cache[K, V]) newRecord(value V, asOf time.Time) *record[V] {
	ttl := c.ttlOf(value)
	staleAt := asOf.Add(ttl)
	return &record[V]{
		value:     value,
		asOf:      asOf,
		staleAt:   staleAt,
		refreshAt: staleAt,
		deadAt:    asOf.Add(max(c.opts.StaleLimit, ttl)),
	}
}

func (c *Cache[K, V]) ttlOf(value V) time.Duration {
	if lasting, ok := any(value).(Lasting); ok {
		return max(lasting.OwnTTL(), c.opts.TTL)
	}
	return c.opts.TTL
}

// newOutcome returns the record of what a load begun at began has returned.
func (c *Cache[K, V]) newOutcome(value V, err error, began time.Time) *record[V] {
	switch {
	case err == nil:
		return c.newRecord(value, readSince(value, began))
	case c.opts.NotFound(err):
		deadAt := began.Add(c.opts.NotFoundTTL)
		return &record[V]{err: err, asOf: began, refreshAt: deadAt, deadAt: deadAt}
	default:
		return &record[V]{err: err}
	}
}

// put writes a record to memory and counts the change. The caller must hold mu.
func (c *Cache[K, V]) put(key K, rec *record[V]) {
	c.records.Add(key, rec)
	c.changes.Add(1)
}

// delay writes a record that changes no answer, only the time of the next load. The caller must
// hold mu.
func (c *Cache[K, V]) delay(key K, rec *record[V]) {
	if evicted := c.records.Add(key, rec); evicted {
		c.changes.Add(1)
	}
}

// putOutcome writes the outcome of a load to memory. A failure only delays the
// next refresh, or the next load if there is no value. The caller must hold mu.
func (c *Cache[K, V]) putOutcome(key K, rec *record[V]) {
	if !rec.failed() {
		c.put(key, rec)
		return
	}
	now := time.Now()
	old, ok := c.records.Peek(key)
	switch {
	case ok && old.servable(now):
		c.delay(key, old.withRetry(c.opts.TTL))
	case c.opts.FailureTTL > 0:
		until := now.Add(c.failureTTL(rec.err))
		c.delay(key, &record[V]{err: rec.err, refreshAt: until, deadAt: until})
	}
}

func (c *Cache[K, V]) failureTTL(failure error) time.Duration {
	if remembered := Remembered(nil); errors.As(failure, &remembered) {
		return max(remembered.RememberFor(), c.opts.FailureTTL)
	}
	return c.opts.FailureTTL
}

// withRetry returns r after a failed refresh: the next one is delayed.
func (r *record[V]) withRetry(ttl time.Duration) *record[V] {
	later := *r
	retryAt := time.Now().Add(retryPause(ttl, r.failures))
	later.failures++
	if retryAt.After(later.refreshAt) {
		later.refreshAt = retryAt
	}
	if later.refreshAt.After(later.deadAt) {
		later.refreshAt = later.deadAt
	}
	return &later
}

// retryPause returns the pause before the next refresh, after that many earlier
// failures in a row.
func retryPause(ttl time.Duration, failures int) time.Duration {
	return min(max(ttl/10, minRetryPause)<<min(failures, 10), maxRetryPause)
}

// withExpiry returns rec, as stale if it is older than the last Expire. The
// caller must hold mu.
func (c *Cache[K, V]) withExpiry(rec *record[V]) *record[V] {
	if rec.err == nil && rec.asOf.Before(c.expiredAt) {
		return rec.staleSince(c.expiredAt)
	}
	return rec
}

// newest returns the newer of rec, the outcome of a load, and the value in
// memory, which may have come from a faster replica. The caller must hold mu.
func (c *Cache[K, V]) newest(key K, rec *record[V]) *record[V] {
	old, known := c.records.Peek(key)
	if known && !rec.failed() && old.servable(time.Now()) && !old.restored() &&
		old.asOf.After(rec.asOf) {
		return old
	}
	return c.withExpiry(rec)
}

// staleSince returns r as stale from at on, and due for a refresh.
func (r *record[V]) staleSince(at time.Time) *record[V] {
	stale := *r
	if at.Before(stale.staleAt) {
		stale.staleAt = at
	}
	if at.Before(stale.refreshAt) {
		stale.refreshAt = at
	}
	return &stale
}

// result returns what Get returns for r at now.
func (r *record[V]) result(now time.Time) (Entry[V], error) {
	if r.err != nil {
		return Entry[V]{}, r.err
	}
	return Entry[V]{Value: r.value, AsOf: r.asOf, Stale: !now.Before(r.staleAt)}, nil
}

// restored reports whether r is a value from disk that has not been read again.
// Only such a value has a zero staleAt.
func (r *record[V]) restored() bool { return r.err == nil && r.staleAt.IsZero() }

// servable reports whether r is a value that may be served at now.
func (r *record[V]) servable(now time.Time) bool {
	return r.err == nil && now.Before(r.deadAt)
}

// failed reports whether r is a failure, and neither a value nor a not-found
// error.
func (r *record[V]) failed() bool {
	return r.err != nil && r.asOf.IsZero()
}
