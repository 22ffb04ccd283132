package cache

import (
	"iter"
	"time"
)

// Stats describes a [Cache] at one moment.
type Stats struct {
	Name    string
	Entries int       // values that Get would serve from memory
	Hits    uint64    // Gets answered from memory, including stale values and not-found errors
	Misses  uint64    // Gets that waited for a load
	AsOf    time.Time // the oldest Entry.AsOf; zero without entries
	Stale   bool      // any entry is past its TTL
}

// Stats returns the statistics of c. It visits all entries, so it is too slow to
// call on each request.
func (c *Cache[K, V]) Stats() Stats {
	s := Stats{Name: c.opts.Name, Hits: c.hits.Load(), Misses: c.misses.Load()}
	now := time.Now()
	for _, rec := range c.records.Values() {
		if !rec.servable(now) {
			continue
		}
		s.Entries++
		s.Stale = s.Stale || !now.Before(rec.staleAt)
		if s.AsOf.IsZero() || rec.asOf.Before(s.AsOf) {
			s.AsOf = rec.asOf
		}
	}
	return s
}

// All returns the values that Get would serve from memory.
func (c *Cache[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for key, rec := range c.all() {
			if rec.servable(time.Now()) && rec.err == nil && !yield(key, rec.value) {
				return
			}
		}
	}
}
