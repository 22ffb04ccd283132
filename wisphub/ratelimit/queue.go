package ratelimit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Error refuses a call that could not go before its deadline. The call was not sent.
type Error struct {
	// RetryAfter is the earliest time from now at which the call could go.
	RetryAfter time.Duration
	// Paused is true when the upstream asked for a pause. It is false when our limits are used up.
	Paused bool
	// ShareSpent is true when the user has spent its share of the limits, and another user's call
	// could go earlier.
	ShareSpent bool
	// NotFound is true when too many calls of the user have found nothing: 10 in a minute or 60 in
	// an hour.
	NotFound bool
}

func (e *Error) Error() string {
	reason := "the call limit is used up"
	switch {
	case e.Paused:
		reason = "the upstream asked for a pause"
	case e.NotFound:
		reason = "too many calls of the user found nothing"
	case e.ShareSpent:
		reason = "the user's share of the call limit is used up"
	}
	return fmt.Sprintf("ratelimit: %s, retry after %v", reason, e.RetryAfter)
}

// waiter is a call in the queue. Its channels are buffered, so that dispatch never blocks.
type waiter struct {
	priority    func() Priority
	users       func() []string // who wait for the call; none for a call without a user
	arrival     uint64
	notBefore   time.Time
	reservation *Reservation // that the call uses up; nil for none
	background  bool         // no caller has waited for it so far
	granted     chan *Permit // has room for one
	refused     chan *Error  // has room for one
}

// wait puts w into the queue and waits for its turn.
func (l *Limiter) wait(ctx context.Context, w *waiter) (*Permit, error) {
	if err := l.enqueue(ctx, w); err != nil {
		return nil, err
	}
	select {
	case permit := <-w.granted:
		return permit, nil
	case refusal := <-w.refused:
		return nil, refusal
	case <-ctx.Done():
		return nil, l.giveUp(ctx, w)
	}
}

// enqueue puts w into the queue, unless it must be refused.
func (l *Limiter) enqueue(ctx context.Context, w *waiter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refuse(ctx, w); err != nil {
		return err
	}
	at, _ := slices.BinarySearchFunc(l.waiting, w, byArrival)
	l.waiting = slices.Insert(l.waiting, at, w)
	l.dispatch()
	return nil
}

func byArrival(a, b *waiter) int { return cmp.Compare(a.arrival, b.arrival) }

// refuse returns an error for a call whose turn comes too late. l.mu must be held.
func (l *Limiter) refuse(ctx context.Context, w *waiter) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now := time.Now()
	turn := l.turnOf(w, now)
	deadline, bounded := ctx.Deadline()
	if at := turn.at(); !bounded || !at.After(now) || !at.Add(minCallTime).After(deadline) {
		return nil
	}
	return l.refusal(turn, now)
}

// refuseRaised refuses background calls that a caller has joined, if their turn is further away
// than the caller waits. l.mu must be held.
func (l *Limiter) refuseRaised(now time.Time) {
	for _, w := range slices.Clone(l.waiting) {
		if !w.background || w.priority() == PriorityBackground {
			continue
		}
		w.background = false
		turn := l.turnOf(w, now)
		if wait := turn.at().Sub(now); wait > 0 && wait+minCallTime > l.timeout {
			l.dequeue(w)
			w.refused <- l.refusal(turn, now)
		}
	}
}

// refusal returns the error of a call that would have to wait too long. l.mu must be held.
func (l *Limiter) refusal(t turn, now time.Time) *Error {
	refusal := &Error{RetryAfter: t.at().Sub(now), Paused: l.pausedUntil.After(now)}
	if t.user.After(t.all) {
		refusal.NotFound = t.notFound.Equal(t.user)
		refusal.ShareSpent = !refusal.NotFound
	}
	return refusal
}

// giveUp takes w out of the queue after its context has ended. A call whose deadline passed
// because more urgent calls overtook it gets the same refusal as one that was never queued.
func (l *Limiter) giveUp(ctx context.Context, w *waiter) error {
	l.mu.Lock()
	l.dequeue(w)
	now := time.Now()
	refusal := l.refusal(l.turnOf(w, now), now)
	l.dispatch()
	l.mu.Unlock()
	select {
	case permit := <-w.granted:
		l.takeBack(permit)
	default:
	}
	if ctx.Err() == context.DeadlineExceeded && refusal.RetryAfter > 0 {
		return refusal
	}
	return ctx.Err()
}

// turn is when a call could go.
type turn struct {
	all      time.Time // as far as the limits and the calls ahead tell
	user     time.Time // as far as its user's share tells
	notFound time.Time // as far as the calls of the user that found nothing tell; part of user
}

func (t turn) at() time.Time { return latest(t.all, t.user) }

// turnOf returns the earliest time at which w could go, given the calls ahead of it. Those of a
// reservation count with it, if it holds calls back from w. l.mu must be held.
func (l *Limiter) turnOf(w *waiter, now time.Time) turn {
	waiting := slices.DeleteFunc(slices.Clone(l.waiting), func(other *waiter) bool { return other == w })
	at, _ := slices.BinarySearchFunc(waiting, w, byArrival)
	all := l.contend(slices.Insert(waiting, at, w), now)
	own := all[slices.IndexFunc(all, func(c contender) bool { return c.waiter == w })]
	ahead := own.placeIn(all)
	t := turn{
		all:  l.freeAt(own.priority, ahead, now, w.notBefore),
		user: l.userFreeAt(own.user, own.priority, ahead, now),
	}
	if own.user != "" {
		t.notFound = l.askers.notFoundUntil(own.user, now)
	}
	return t
}

// placeIn returns the place of c among contenders in the order in which they go.
func (c contender) placeIn(all []contender) (at place) {
	for _, other := range all {
		if other.waiter == c.waiter {
			break
		}
		switch {
		case other.priority == c.priority:
			at.sameClass++
		case c.priority < PriorityShared && other.reservation.counts():
			continue
		}
		at.ahead++
		if other.user == c.user {
			at.sameUser++
		}
	}
	return at
}
