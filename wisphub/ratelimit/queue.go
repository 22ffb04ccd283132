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
}

func (e *Error) Error() string {
	reason := "the call limit is used up"
	if e.Paused {
		reason = "the upstream asked for a pause"
	}
	return fmt.Sprintf("ratelimit: %s, retry after %v", reason, e.RetryAfter)
}

// waiter is a call in the queue. Its channels are buffered, so that dispatch never blocks.
type waiter struct {
	priority    func() Priority
	arrival     uint64
	notBefore   time.Time
	reservation *Reservation       // that the call uses up; nil for none
	background  bool               // no caller has waited for it so far
	granted     chan *Permit       // has room for one
	refused     chan time.Duration // has room for one: the wait that was too long
}

// wait puts w into the queue and waits for its turn.
func (l *Limiter) wait(ctx context.Context, w *waiter) (*Permit, error) {
	if err := l.enqueue(ctx, w); err != nil {
		return nil, err
	}
	select {
	case permit := <-w.granted:
		return permit, nil
	case wait := <-w.refused:
		l.mu.Lock()
		defer l.mu.Unlock()
		return nil, l.refusal(wait)
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
	byArrival := func(a, b *waiter) int { return cmp.Compare(a.arrival, b.arrival) }
	at, _ := slices.BinarySearchFunc(l.waiting, w, byArrival)
	l.waiting = slices.Insert(l.waiting, at, w)
	l.dispatch()
	return nil
}

// refuse returns an error for a call whose turn comes too late. l.mu must be held.
func (l *Limiter) refuse(ctx context.Context, w *waiter) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now := time.Now()
	at := l.turnOf(w, now)
	deadline, bounded := ctx.Deadline()
	if !bounded || !at.After(now) || !at.Add(minCallTime).After(deadline) {
		return nil
	}
	return l.refusal(at.Sub(now))
}

// refuseRaised refuses background calls that a caller has joined, if their turn is further away
// than the caller waits. l.mu must be held.
func (l *Limiter) refuseRaised(now time.Time) {
	for _, w := range slices.Clone(l.waiting) {
		if !w.background || w.priority() == PriorityBackground {
			continue
		}
		w.background = false
		if wait := l.turnOf(w, now).Sub(now); wait > 0 && wait+minCallTime > l.timeout {
			l.dequeue(w)
			w.refused <- wait
		}
	}
}

// refusal returns the error of a call that would have to wait too long. l.mu must be held.
func (l *Limiter) refusal(wait time.Duration) error {
	return &Error{RetryAfter: wait, Paused: l.pausedUntil.After(time.Now())}
}

// giveUp takes w out of the queue after its context has ended. A call whose deadline passed
// because more urgent calls overtook it gets the same refusal as one that was never queued.
func (l *Limiter) giveUp(ctx context.Context, w *waiter) error {
	l.mu.Lock()
	l.dequeue(w)
	wait := time.Until(l.turnOf(w, time.Now()))
	refusal := l.refusal(wait)
	l.dispatch()
	l.mu.Unlock()
	select {
	case permit := <-w.granted:
		l.takeBack(permit)
	default:
	}
	if ctx.Err() == context.DeadlineExceeded && wait > 0 {
		return refusal
	}
	return ctx.Err()
}

// turnOf returns the earliest time at which w could go, given the calls ahead of it. Those of a
// reservation count with it, if it holds calls back from w. l.mu must be held.
func (l *Limiter) turnOf(w *waiter, now time.Time) time.Time {
	var at place
	priority := w.priority()
	for _, other := range l.waiting {
		p := other.priority()
		switch {
		case p == priority && other.arrival < w.arrival:
			at.ahead++
			at.sameClass++
		case p > priority && !(priority < PriorityShared && other.reservation.counts()):
			at.ahead++
		}
	}
	return l.freeAt(priority, at, now, w.notBefore)
}

// heads returns the first waiter of each priority, the most urgent first. l.mu must be held.
func (l *Limiter) heads() []*waiter {
	var first [PriorityWrite - PriorityBackground + 1]*waiter
	for _, w := range l.waiting {
		if at := PriorityWrite - w.priority(); first[at] == nil {
			first[at] = w
		}
	}
	return slices.DeleteFunc(first[:], func(w *waiter) bool { return w == nil })
}
