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
	_, tenths := classOf(priority)
	minute := share(l.limits.MinuteLimit, min(tenths, totalTenths(priority)))
	// More calls than a minute allows take whole minutes: those of the first make way one by one.
	minutes, rest := (calls-1)/minute, (calls-1)%minute
	byMinute := l.freeAt(priority, place{rest, rest}, now, now).Add(time.Duration(minutes) * MinuteWindow)
	byHour := l.freeAt(priority, place{calls - 1, calls - 1}, now, now)
	return max(byMinute.Sub(now), byHour.Sub(now))
}
