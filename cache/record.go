package cache

import "time"

// The pause after a failed refresh is a tenth of the TTL within these bounds,
// so that a dead source is not asked by every Get.
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
}

// newRecord returns the record of a value as it was at asOf.
func (c *Cache[K, V]) newRecord(value V, asOf time.Time) *record[V] {
	staleAt := asOf.Add(c.opts.TTL)
	return &record[V]{
		value:     value,
		asOf:      asOf,
		staleAt:   staleAt,
		refreshAt: staleAt,
		deadAt:    asOf.Add(c.opts.StaleLimit),
	}
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
		c.records.Set(key, rec)
		return
	}
	now := time.Now()
	old, ok := c.records.GetIfPresent(key)
	switch {
	case ok && old.good(now):
		c.records.Set(key, old.postponed(c.opts.TTL))
	case c.opts.FailureTTL > 0:
		until := now.Add(c.opts.FailureTTL)
		c.records.Set(key, &record[V]{err: rec.err, refreshAt: until, deadAt: until})
	}
}

// postponed returns r with its next refresh put off, because one has failed.
func (r *record[V]) postponed(ttl time.Duration) *record[V] {
	later := *r
	retryAt := time.Now().Add(min(max(ttl/10, minRetryPause), maxRetryPause))
	if retryAt.After(later.refreshAt) {
		later.refreshAt = retryAt
	}
	if later.refreshAt.After(later.deadAt) {
		later.refreshAt = later.deadAt
	}
	return &later
}

// answer returns r as Get does at now.
func (r *record[V]) answer(now time.Time) (Entry[V], error) {
	if r.err != nil {
		return Entry[V]{}, r.err
	}
	return Entry[V]{Value: r.value, AsOf: r.asOf, Stale: !now.Before(r.staleAt)}, nil
}

// good reports whether r is a value that may be served at now.
func (r *record[V]) good(now time.Time) bool {
	return r.err == nil && now.Before(r.deadAt)
}

// failed reports whether r is a failure rather than an answer.
func (r *record[V]) failed() bool {
	return r.err != nil && r.asOf.IsZero()
}
