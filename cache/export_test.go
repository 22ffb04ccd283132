package cache

// Waiting reports whether a load of key is under way or waits for another replica.
func (c *Cache[K, V]) Waiting(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.flights[key]
	return ok
}
