package cache

import "time"

// Stats are the figures of a [Cache] at one moment.
type Stats struct {
	Name    string
	Entries int       // values that Get would serve from memory
	Hits    uint64    // Gets answered from memory, stale and not-found answers included
	Misses  uint64    // Gets that waited for a load
	AsOf    time.Time // the oldest Entry.AsOf; zero without entries
	Stale   bool      // any entry is past its TTL
}

// Stats returns the figures of c. It walks over all entries, so it is meant for
// the occasional look and not for each request.
func (c *Cache[K, V]) Stats() Stats {
	s := Stats{Name: c.opts.Name, Hits: c.hits.Load(), Misses: c.misses.Load()}
	now := time.Now()
	for rec := range c.records.Values() {
		if !rec.good(now) {
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
