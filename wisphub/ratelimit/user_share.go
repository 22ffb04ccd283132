package ratelimit

import (
	"cmp"
	"slices"
	"time"
)

const (
	// userParts is by how many parts of what reads have are divided: a user gets one while others
	// ask too.
	userParts = 3
	// leftFactor is how many calls a user may have spent for each that is left. So a user alone gets
	// two thirds, and the next user finds something. Two that ask together get two fifths each, but
	// at most a third, and five get two elevenths each.
	leftFactor = 2
)

// Asked says that a user has begun an operation, even one that memory answers. While several users
// ask, each may spend a third.
func (l *Limiter) Asked(user string) {
	if user != "" {
		l.askers.add(user)
	}
}

// UserLimits returns how many calls of a minute and an hour one user may spend while others ask.
func (l *Limiter) UserLimits() (minute, hour int) {
	return userShare(l.limits.MinuteLimit), userShare(l.limits.HourLimit)
}

func userShare(limit int) int { return max(share(limit, readTenths)/userParts, 1) }

// Users returns what the users have spent who asked within the last hour, or whose calls still
// count. They are in the order of their calls of the last hour, the most first, then of their names.
func (l *Limiter) Users() []UserUsage {
	now := time.Now()
	users := l.askers.usage(now)
	l.mu.Lock()
	for _, call := range l.sent.within(time.Hour, now) {
		if call.user == "" {
			continue
		}
		if users[call.user] == nil {
			users[call.user] = &UserUsage{}
		}
		users[call.user].LastHour++
		if now.Sub(call.At) < time.Minute {
			users[call.user].LastMinute++
		}
	}
	l.mu.Unlock()
	all := make([]UserUsage, 0, len(users))
	for _, user := range users {
		all = append(all, *user)
	}
	slices.SortFunc(all, func(a, b UserUsage) int {
		return cmp.Or(cmp.Compare(b.LastHour, a.LastHour), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// userFreeAt returns when the share of a user has room for a call from its place in the queue; the
// zero time for no user. Shared readings and writes have no user. l.mu must be held.
func (l *Limiter) userFreeAt(user string, priority Priority, at place, now time.Time) time.Time {
	if user == "" || priority >= PriorityShared {
		return time.Time{}
	}
	free := l.askers.notFoundUntil(user, now)
	for _, window := range l.windows() {
		free = latest(free, l.userFreeIn(window, user, priority, at, now))
	}
	return free
}

// userFreeIn is userFreeAt, as far as one window tells. What counts is the user's part of all reads,
// and of the calls of its class. l.mu must be held.
func (l *Limiter) userFreeIn(window limitedWindow, user string, priority Priority, at place, now time.Time) time.Time {
	weigh, weight := l.shared.weights()
	most := ceilDiv(leftFactor*share(window.limit, readTenths), leftFactor+1)
	if l.othersAsk(window, user, now) {
		most = userShare(window.limit)
	}
	rounds := at.sameUser / most // they go in later windows
	at.ahead, at.sameClass, at.sameUser = at.ahead-rounds*most, at.sameClass-rounds*most, at.sameUser-rounds*most
	reads := userPool{limit: share(window.limit, readTenths), most: most, user: user, weigh: weigh}
	free := reads.freeAt(l.sent, window.length, weight*at.ahead+l.heldBack(priority, window, now), weight*at.sameUser, now)
	if class, tenths := classOf(priority); class != noClass {
		own := userPool{limit: share(window.limit, tenths), most: most, user: user, weigh: weigh.only(class)}
		free = latest(free, own.freeAt(l.sent, window.length, weight*max(at.sameClass, 0), weight*at.sameUser, now))
	}
	return free.Add(time.Duration(rounds) * window.length)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// othersAsk reports whether another user has asked within a window, or another's call is in it.
// l.mu must be held.
func (l *Limiter) othersAsk(window limitedWindow, user string, now time.Time) bool {
	if l.askers.othersSince(user, now.Add(-window.length)) {
		return true
	}
	return slices.ContainsFunc(l.sent.within(window.length, now), func(call Call) bool {
		return call.user != "" && call.user != user
	})
}

// userPool is a limit that users share, as one user sees it.
type userPool struct {
	limit int // of all calls in the pool
	most  int // of the user's
	user  string
	weigh weigher // 0 for calls outside of the pool
}

// freeAt returns the earliest time at which the user's part has room, after so many more calls of
// all and of the user. Calls that are sent in the meantime are not foreseen.
func (p userPool) freeAt(sent calls, window time.Duration, all, own int, now time.Time) time.Time {
	inside := sent.within(window, now)
	count := func(call Call, sign int) {
		weight := sign * p.weigh(call)
		all += weight
		if call.user == p.user {
			own += weight
		}
	}
	for _, call := range inside {
		count(call, 1)
	}
	fits := func() bool { return own < p.most && own < leftFactor*(p.limit-all) }
	if fits() {
		return now
	}
	for _, call := range inside {
		if count(call, -1); fits() {
			return call.At.Add(window)
		}
	}
	return now.Add(window)
}
