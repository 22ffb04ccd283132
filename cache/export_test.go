package cache

// Waiting reports whether a load of key is running or waits for another replica.
func (c *Cache[K, V]) Waiting(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.loads[key]
	return ok
}
