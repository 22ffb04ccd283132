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
	behind    bool               // it came as background work
	ready     chan *slot         // has room for one, so that giving it waits for nobody
	refused   chan time.Duration // likewise: the time that it would have to wait
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
	case wait := <-w.refused:
		b.mu.Lock()
		defer b.mu.Unlock()
		return nil, b.refusal(c, wait)
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

// refuseRisen refuses background work for which somebody has come to wait, if its turn is further off than a person's patience.
// b.mu must be held.
func (b *budget) refuseRisen(now time.Time) {
	for _, w := range slices.Clone(b.waiting) {
		if !w.behind || w.rank() == RankBackground {
			continue
		}
		w.behind = false
		if wait := b.turnOf(w, now).Sub(now); wait > 0 && wait+leastTry > b.patience {
			b.waiting = slices.DeleteFunc(b.waiting, func(other *waiter) bool { return other == w })
			w.refused <- wait
		}
	}
}

// refusal is the error of a call that would have to wait so long. b.mu must be held.
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
	refusal := b.refusal(c, wait)
	b.dispatch()
	b.mu.Unlock()
	select {
	case granted := <-w.ready:
		b.giveBack(granted)
	default:
	}
	if ctx.Err() == context.DeadlineExceeded && wait > 0 {
		return refusal
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
