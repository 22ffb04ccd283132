package ratelimit

import "time"

// WaitFor returns how long until that many more calls of a priority could have gone, if no others
// go. It is 0 if all could go now.
func (l *Limiter) WaitFor(priority Priority, calls int) time.Duration {
	if calls < 1 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	return l.freeAt(priority, place{ahead: calls - 1, sameClass: calls - 1}, now, now).Sub(now)
}
