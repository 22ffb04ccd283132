package ratelimit

import (
	"slices"
	"time"
)

// Bounds of a pause that the upstream asks for. An hour of silence because of one malformed header
// would cost more than one call that is refused again.
const (
	minPause     = time.Second
	maxPause     = 5 * time.Minute
	defaultPause = 15 * time.Second
)

// Usage is how many calls all replicas sent lately, and the limits.
type Usage struct{ LastMinute, LastHour, MinuteLimit, HourLimit int }

// Usage returns the calls of the last minute and hour, including those of other replicas.
func (l *Limiter) Usage() Usage {
	l.mu.Lock()
	defer l.mu.Unlock()
	usage, now := l.limits, time.Now()
	usage.LastMinute = len(l.sent.within(time.Minute, now))
	usage.LastHour = len(l.sent.within(time.Hour, now))
	return usage
}

// HourShare returns how many calls an hour this process may send. That is the hour limit, or its
// fair share of it while the log is unreachable.
func (l *Limiter) HourShare() int {
	if l.shared != nil && !l.shared.isJoined() {
		return max(l.limits.HourLimit/l.shared.shareCount(), 1)
	}
	return l.limits.HourLimit
}

// Spent returns the calls that still count, for [Limiter.Restore] in the next process.
func (l *Limiter) Spent() []Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent.forget(time.Now())
	return slices.Clone(l.sent)
}

// Restore adds calls that another process sent. A call that is known already is ignored. A time in
// the future counts as now: the clock may have been set back.
func (l *Limiter) Restore(sent []Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for _, call := range sent {
		// Dated by the monotonic clock, so that a change of the wall clock does not matter.
		age := max(now.Sub(call.At), 0)
		l.sent.add(Call{ID: call.ID, At: now.Add(-age)})
	}
	l.dispatch()
}

// Pause stops all calls for the time that the upstream asked for, between 1 s and 5 min; 0 means
// 15 s. It tells the other replicas. It never shortens a pause.
func (l *Limiter) Pause(retryAfter time.Duration) {
	wait := defaultPause
	if retryAfter != 0 {
		wait = min(max(retryAfter, minPause), maxPause)
	}
	l.pause(wait)
	l.shared.pause(wait)
}

func (l *Limiter) pause(wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(wait); until.After(l.pausedUntil) {
		l.pausedUntil = until
	}
}

// Resume ends a pause, here and for the other replicas: its reason is gone.
func (l *Limiter) Resume() {
	l.shared.resume()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pausedUntil = time.Time{}
	for _, w := range l.waiting {
		w.notBefore = time.Time{} // the log may have said to wait for the pause
	}
	l.dispatch()
}
