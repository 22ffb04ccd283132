package ratelimit

import (
	"cmp"
	"slices"
	"time"
)

// contender is a waiter as it is now: its priority and its users may change while it waits.
type contender struct {
	*waiter
	priority Priority
	user     string // the tag of the user that the call would count for; "" for none
	// rank orders the calls of a priority: the user's calls of the last minute, and its calls ahead
	// in the queue. So the users take turns. A call without a user has rank 0.
	rank int
}

// before orders contenders: the most urgent first, then by rank, then by arrival.
func (c contender) before(other contender) int {
	return cmp.Or(cmp.Compare(other.priority, c.priority), cmp.Compare(c.rank, other.rank), cmp.Compare(c.arrival, other.arrival))
}

// contend returns the waiters in the order in which they go, if all shares have room. l.mu must be
// held.
func (l *Limiter) contend(waiting []*waiter, now time.Time) []contender {
	all := make([]contender, len(waiting))
	spent := &spentCalls{limiter: l, now: now}
	ahead := map[string]int{}
	for i, w := range waiting { // in order of arrival
		c := contender{waiter: w, priority: w.priority()}
		if c.user = l.payer(w, c.priority, spent); c.user != "" {
			c.rank = spent.in(MinuteWindow)[c.user] + ahead[c.user]
			ahead[c.user]++
		}
		all[i] = c
	}
	slices.SortFunc(all, contender.before)
	return all
}

// payer returns the tag of the user that a call would count for: of those that wait for it, the one
// that has spent the least in the hour. l.mu must be held.
func (l *Limiter) payer(w *waiter, priority Priority, spent *spentCalls) (payer string) {
	if priority >= PriorityShared {
		return ""
	}
	names := w.users()
	if len(names) == 1 {
		return tagOf(names[0])
	}
	type cost struct {
		barred bool
		calls  int
	}
	var least cost
	for _, name := range names {
		tag := tagOf(name)
		this := cost{!l.askers.notFoundUntil(tag, spent.now).IsZero(), spent.in(HourWindow)[tag]}
		if payer == "" || least.barred && !this.barred || least.barred == this.barred && this.calls < least.calls {
			payer, least = tag, this
		}
	}
	return payer
}

// spentCalls counts the calls of each user in a window, at most once.
type spentCalls struct {
	limiter *Limiter
	now     time.Time
	counts  map[time.Duration]map[string]int
}

// in returns the calls in a window by tag. The limiter's mu must be held.
func (s *spentCalls) in(window time.Duration) map[string]int {
	if counts, known := s.counts[window]; known {
		return counts
	}
	counts := map[string]int{}
	for _, call := range s.limiter.sent.within(window, s.now) {
		counts[call.user]++
	}
	if s.counts == nil {
		s.counts = map[time.Duration]map[string]int{}
	}
	s.counts[window] = counts
	return counts
}

// heads returns the first contender of each priority and user, in the order in which they go. So a
// user at its share does not hold up the others. l.mu must be held.
func (l *Limiter) heads(now time.Time) []contender {
	type queue struct {
		priority Priority
		user     string
	}
	seen := map[queue]bool{}
	return slices.DeleteFunc(l.contend(l.waiting, now), func(c contender) bool {
		this := queue{c.priority, c.user}
		known := seen[this]
		seen[this] = true
		return known
	})
}
