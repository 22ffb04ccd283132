package cache

import (
	"errors"
	"time"
)

// OpenSharedAt is [OpenShared] with shorter times.
func OpenSharedAt(cfg SharedConfig, beat, absence, lease time.Duration) (*Shared, error) {
	return openShared(cfg, pace{beat: beat, absence: absence, lease: lease, lock: lease})
}

// Vanish closes s as a machine does whose power fails: without a last word.
func (s *Shared) Vanish() {
	if c := s.current.Load(); c != nil {
		c.lose(errors.New("vanished"))
	}
	s.Close()
}

// Connection tells one connection of s from another.
func (s *Shared) Connection() any { return s.current.Load() }

// Waiting reports whether a load of key is under way or waits for another replica.
func (c *Cache[K, V]) Waiting(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.flights[key]
	return ok
}

// Watches returns how many watch s.
func (s *Shared) Watches() int {
	s.watchers.mu.Lock()
	defer s.watchers.mu.Unlock()
	return len(s.watchers.all)
}
