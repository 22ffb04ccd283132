package ratelimit

import (
	"context"
	"time"
)

// WaitFor returns how long until that many more calls of a priority could have gone, if no others
// go. It is 0 if all could go now.
func (l *Limiter) WaitFor(priority Priority, calls int) time.Duration {
	if calls < 1 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	return max(l.freeAt(priority, lastOf(calls), now, now).Sub(now), 0)
}

// lastOf is the place of the last of several calls that go together.
func lastOf(calls int) place { return place{ahead: calls - 1, sameClass: calls - 1} }

// forecast returns how long until that many more calls of a shared reading could have gone, and
// whether that is soon enough: before the deadline of ctx, and without a wait for the hour that is
// longer than the last minute of the calls.
func (l *Limiter) forecast(ctx context.Context, calls int) (wait time.Duration, fits bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	last := l.freeAt(PriorityShared, lastOf(calls), now, now)
	deadline, bounded := ctx.Deadline()
	if bounded && last.After(deadline) {
		return last.Sub(now), false
	}
	windows := l.windows()
	minute := l.freeIn(windows[0], PriorityShared, lastOf(calls), now)
	hour := l.freeIn(windows[1], PriorityShared, lastOf(calls), now)
	return last.Sub(now), !hour.After(minute.Add(MinuteWindow))
}
