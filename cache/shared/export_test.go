package shared

import "errors"

// Vanish closes s as a power failure would: the other replicas are not told.
func (s *Store) Vanish() {
	if c := s.current.Load(); c != nil {
		c.lose(errors.New("vanished"))
	}
	s.Close()
}

// Connection returns a value that differs from one connection of s to the next.
func (s *Store) Connection() any { return s.current.Load() }

// Subscribers returns how many functions are subscribed to s.
func (s *Store) Subscribers() int {
	s.subscribers.mu.Lock()
	defer s.subscribers.mu.Unlock()
	return len(s.subscribers.all)
}

// Callers returns how many callers hold the name or wait for it.
func (m *Mutexes) Callers(name string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if q := m.queues[name]; q != nil {
		return q.callers
	}
	return 0
}
