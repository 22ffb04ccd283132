package cache

import "time"

// SetAsOf stores a value whose read began at asOf, unless memory has a newer answer. It reports
// whether it stored the value. Unlike [Cache.Set] it lets a running load go on: of the load and
// the value, the newer one stays. Other replicas do not see the value.
func (c *Cache[K, V]) SetAsOf(key K, value V, asOf time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	rec := c.withExpiry(c.newRecord(value, asOf))
	old, known := c.records.Peek(key)
	if known && !old.failed() && old.asOf.After(asOf) || !rec.servable(time.Now()) {
		return false
	}
	c.put(key, rec)
	return true
}
