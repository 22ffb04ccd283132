package wisphub

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// waiter is a call that waits for its turn.
type waiter struct {
	rank      func() Rank
	arrival   uint64
	notBefore time.Time
	ready     chan *slot // has room for one, so that giving it waits for nobody
}

// queue puts w in line and waits for its turn.
func (b *budget) queue(ctx context.Context, c *call, w *waiter) (*slot, error) {
	b.mu.Lock()
	if err := b.refuse(ctx, c, w); err != nil {
		b.mu.Unlock()
		return nil, err
	}
	place, _ := slices.BinarySearchFunc(b.waiting, w, func(other, w *waiter) int { return cmp.Compare(other.arrival, w.arrival) })
	b.waiting = slices.Insert(b.waiting, place, w)
	b.dispatch()
	b.mu.Unlock()
	select {
	case granted := <-w.ready:
		return granted, nil
	case <-ctx.Done():
		return nil, b.giveUp(ctx, c, w)
	}
}

// refuse returns the error of a call whose turn would come too late, or never. b.mu must be held.
func (b *budget) refuse(ctx context.Context, c *call, w *waiter) error {
	if ctx.Err() != nil {
		return c.transportError(ctx, ctx.Err())
	}
	now := time.Now()
	at := b.turnOf(w, now)
	deadline, bounded := ctx.Deadline()
	if !bounded || !at.After(now) || !at.Add(leastTry).After(deadline) {
		return nil
	}
	return b.refusal(c, at.Sub(now))
}

func (b *budget) refusal(c *call, wait time.Duration) error {
	e := &Error{Call: c.String(), kind: ErrBudget, RetryAfter: wait}
	if b.closedTill.After(time.Now()) {
		e.kind = ErrRateLimited
	}
	return e
}

// giveUp ends the wait of w. A caller whose time has run out in line, because more urgent calls came, is refused like one
// that was not let in.
func (b *budget) giveUp(ctx context.Context, c *call, w *waiter) error {
	b.mu.Lock()
	b.waiting = slices.DeleteFunc(b.waiting, func(other *waiter) bool { return other == w })
	wait := time.Until(b.turnOf(w, time.Now()))
	b.dispatch()
	b.mu.Unlock()
	select {
	case granted := <-w.ready:
		b.giveBack(granted)
	default:
	}
	if ctx.Err() == context.DeadlineExceeded && wait > 0 {
		return b.refusal(c, wait)
	}
	return c.transportError(ctx, ctx.Err())
}

// turnOf returns the earliest time at which w could go, behind those ahead of it. b.mu must be held.
func (b *budget) turnOf(w *waiter, now time.Time) time.Time {
	rank, ahead := w.rank(), 0
	for _, other := range b.waiting {
		if r := other.rank(); r > rank || r == rank && other.arrival < w.arrival {
			ahead++
		}
	}
	return b.freeAt(rank, ahead, now, w.notBefore)
}

// heads returns the first of each rank, the most urgent first. b.mu must be held.
func (b *budget) heads() []*waiter {
	var first [RankWrite - RankBackground + 1]*waiter
	for _, w := range b.waiting {
		if place := RankWrite - w.rank(); first[place] == nil {
			first[place] = w
		}
	}
	return slices.DeleteFunc(first[:], func(w *waiter) bool { return w == nil })
}
