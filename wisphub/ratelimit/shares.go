package ratelimit

import "time"

// Shares of a limit, in tenths. Each is rounded down, but allows one call.
const (
	backgroundTenths = 8 // of all calls: where background calls stop
	readTenths       = 9 // of all calls: where reads stop, so that writes always have the rest
	allTenths        = 10
	// lookupTenths is how much look-ups may take together: one list answers more than they do.
	lookupTenths = 6
	// sharedTenths is how much shared readings may take together, so that a list of more pages than
	// a minute allows leaves a few calls to other reads.
	sharedTenths = 8
)

// The classes of calls that have a share of their own. The id of a call begins with its class. So a
// call has it too when another replica announces it, or when it is restored from disk. Other ids
// begin with no lower-case letter.
const (
	noClass     = ""
	lookupClass = "l"
	sharedClass = "s"
)

// classOf returns the class of a priority and its share; noClass if only the total counts.
func classOf(priority Priority) (class string, tenths int) {
	switch priority {
	case PriorityLookup:
		return lookupClass, lookupTenths
	case PriorityShared:
		return sharedClass, sharedTenths
	}
	return noClass, allTenths
}

// totalTenths returns at which share of a limit the calls of a priority stop.
func totalTenths(priority Priority) int {
	switch {
	case priority == PriorityBackground:
		return backgroundTenths
	case priority < PriorityWrite:
		return readTenths
	}
	return allTenths
}

func share(limit, tenths int) int { return max(limit*tenths/10, 1) }

// only returns a weigher for the calls of one class.
func (w weigher) only(class string) weigher {
	return func(call Call) int {
		if call.ID == "" || call.ID[:1] != class {
			return 0
		}
		return w(call)
	}
}

// limitedWindow is a window with its limit.
type limitedWindow struct {
	length time.Duration
	limit  int
}

func (l *Limiter) windows() [2]limitedWindow {
	return [2]limitedWindow{{MinuteWindow, l.limits.MinuteLimit}, {HourWindow, l.limits.HourLimit}}
}

// place is how many calls go before a call that waits, and how many of them are of its class, and of
// its user.
type place struct{ ahead, sameClass, sameUser int }

// freeAt returns when a call of a priority may go from its place in the queue. l.mu must be held.
func (l *Limiter) freeAt(priority Priority, at place, now, notBefore time.Time) time.Time {
	free := latest(l.pausedUntil, notBefore)
	for _, window := range l.windows() {
		free = latest(free, l.freeIn(window, priority, at, now))
	}
	return free
}

// freeIn is freeAt, as far as one window tells. l.mu must be held.
func (l *Limiter) freeIn(window limitedWindow, priority Priority, at place, now time.Time) time.Time {
	weigh, weight := l.shared.weights()
	more := at.ahead + 1 + l.heldBack(priority, window, now)
	limit := share(window.limit, totalTenths(priority))
	free := l.sent.freeAt(window.length, limit, weight*more, weigh, now)
	class, tenths := classOf(priority)
	if class == noClass {
		return free
	}
	limit = share(window.limit, tenths)
	return latest(free, l.sent.freeAt(window.length, limit, weight*(at.sameClass+1), weigh.only(class), now))
}

func latest(times ...time.Time) (last time.Time) {
	for _, at := range times {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// enterLimits returns the limits of the shared log for a call of a priority that is sent now.
func (l *Limiter) enterLimits(priority Priority) (minute, hour int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var limits [2]int
	for i, window := range l.windows() {
		limits[i] = share(window.limit, totalTenths(priority)) - l.heldBack(priority, window, time.Now())
	}
	return max(limits[0], 0), max(limits[1], 0)
}
