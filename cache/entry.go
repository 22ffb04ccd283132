package cache

import (
	"errors"
	"time"
)

// The pause after a failed refresh is a tenth of the TTL, and doubles with each
// that fails, within these bounds: a dead source is not asked by every Get.
const (
	minRetryPause = time.Second
	maxRetryPause = time.Minute
)

// record is the outcome of a load: a value, the knowledge that there is none
// (err, with its times), or a failure (err without asOf), which is handed to
// the waiters and kept no longer than FailureTTL. It is immutable.
type record[V any] struct {
	value     V
	err       error
	asOf      time.Time
	staleAt   time.Time
	refreshAt time.Time // a Get before this asks for nothing; never after deadAt
	deadAt    time.Time // not served from here on
	failures  int       // refreshes that have failed since it was read
}

// newRecord returns the record of a value as it was at asOf. It is served while
// it is fresh, whatever the StaleLimit.
func (c *Cache[K, V]) newRecord(value V, asOf time.Time) *record[V] {
	lasts := c.lasts(value)
	staleAt := asOf.Add(lasts)
	return &record[V]{
		value:     value,
		asOf:      asOf,
		staleAt:   staleAt,
		refreshAt: staleAt,
		deadAt:    asOf.Add(max(c.opts.StaleLimit, lasts)),
	}
}

// lasts returns the time to live of a value.
func (c *Cache[K, V]) lasts(value V) time.Duration {
	if own, ok := any(value).(interface{ Lasts() time.Duration }); ok {
		return max(own.Lasts(), c.opts.TTL)
	}
	return c.opts.TTL
}

// newOutcome returns the record of what a load begun at began has returned.
func (c *Cache[K, V]) newOutcome(value V, err error, began time.Time) *record[V] {
	switch {
	case err == nil:
		return c.newRecord(value, began)
	case c.opts.NotFound(err):
		deadAt := began.Add(c.opts.NotFoundTTL)
		return &record[V]{err: err, asOf: began, refreshAt: deadAt, deadAt: deadAt}
	default:
		return &record[V]{err: err}
	}
}

// keep writes the outcome of a load into memory; a failure puts off the next
// refresh of what is there, or the next load. The caller must hold mu.
func (c *Cache[K, V]) keep(key K, rec *record[V]) {
	if !rec.failed() {
		c.put(key, rec)
		return
	}
	now := time.Now()
	old, ok := c.records.GetIfPresent(key)
	switch {
	case ok && old.good(now):
		c.records.Set(key, old.postponed(c.opts.TTL))
	case c.opts.FailureTTL > 0:
		until := now.Add(c.stands(rec.err))
		c.records.Set(key, &record[V]{err: rec.err, refreshAt: until, deadAt: until})
	}
}

// stands returns how long a failure is remembered.
func (c *Cache[K, V]) stands(failure error) time.Duration {
	if own := interface{ Stands() time.Duration }(nil); errors.As(failure, &own) {
		return max(own.Stands(), c.opts.FailureTTL)
	}
	return c.opts.FailureTTL
}

// postponed returns r with its next refresh put off, because one has failed.
func (r *record[V]) postponed(ttl time.Duration) *record[V] {
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

// retryPause is how long after a failure the next refresh begins at the
// earliest, so many having failed before.
func retryPause(ttl time.Duration, failures int) time.Duration {
	return min(max(ttl/10, minRetryPause)<<min(failures, 10), maxRetryPause)
}

// aged returns rec, made stale if it is older than the last Expire. The caller
// must hold mu.
func (c *Cache[K, V]) aged(rec *record[V]) *record[V] {
	if rec.err == nil && rec.asOf.Before(c.expired) {
		return rec.staleSince(c.expired)
	}
	return rec
}

// newest returns what is to be had of key after an attempt has brought rec: what
// memory holds if that is newer, because another replica was faster, and rec
// otherwise. The caller must hold mu.
func (c *Cache[K, V]) newest(key K, rec *record[V]) *record[V] {
	old, known := c.records.GetIfPresent(key)
	if known && !rec.failed() && old.good(time.Now()) && !old.restored() && old.asOf.After(rec.asOf) {
		return old
	}
	return c.aged(rec)
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

// answer returns r as Get does at now.
func (r *record[V]) answer(now time.Time) (Entry[V], error) {
	if r.err != nil {
		return Entry[V]{}, r.err
	}
	return Entry[V]{Value: r.value, AsOf: r.asOf, Stale: !now.Before(r.staleAt)}, nil
}

// restored reports whether r is a value of an earlier process, of which nothing has been heard since: no other has been stale
// from the first.
func (r *record[V]) restored() bool { return r.err == nil && r.staleAt.IsZero() }

// good reports whether r is a value that may be served at now.
func (r *record[V]) good(now time.Time) bool {
	return r.err == nil && now.Before(r.deadAt)
}

// failed reports whether r is a failure rather than an answer.
func (r *record[V]) failed() bool {
	return r.err != nil && r.asOf.IsZero()
}
