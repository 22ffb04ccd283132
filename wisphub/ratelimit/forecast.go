package ratelimit

import "time"

// WaitFor returns how long until that many more calls of a priority could have gone, if no others
// go. It is 0 if all could go now.
func (l *Limiter) WaitFor(priority Priority, calls int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	minute, _ := l.limits.limitsFor(priority)
	// More than the limit takes whole windows: the calls of the first window make way one by one.
	windows := max(calls-1, 0) / minute
	rest := max(calls-1, 0) % minute
	return l.freeAt(priority, rest, now, now).Sub(now) + time.Duration(windows)*MinuteWindow
}
