package wisphub

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// maxConnections is a bound on politeness: nothing public says how many WispHub likes.
	maxConnections = 8
	// backgroundConnections is how many of them background work may hold, so that calls which hang leave some to people.
	backgroundConnections = maxConnections / 2
	// leastTry is how much of a caller's time must be left when its turn comes.
	leastTry = time.Second
	// lookAgain is how often a call that waits has its rank asked again.
	lookAgain = time.Second
)

// budget lets calls go one by one, so that no window of an hour or a minute holds more than WispHub allows. Who may not go
// yet waits in line: by rank, then in the order of arrival.
type budget struct {
	limits   Usage
	patience time.Duration // of a person
	book     *sharedBook   // nil without replicas

	mu         sync.Mutex // guards what follows
	sent       calls
	waiting    []*waiter // in the order of arrival
	busy       int       // calls under way
	background int       // those of them of that rank
	closedTill time.Time // WispHub said: not before
	timer      *time.Timer
	arrivals   uint64
	prefix     string // of the ids of own calls
	last       uint64 // own call
}

// slot is the leave to send one call.
type slot struct {
	id   string
	rank Rank
}

func newBudget(minute, hour int) *budget {
	return &budget{limits: Usage{MinuteLimit: minute, HourLimit: hour}, patience: defaultTimeout, prefix: rand.Text()[:8] + "-"}
}

// take waits for the leave to send a call. It returns an [*Error] of kind [ErrBudget] or [ErrRateLimited] as soon as the
// wait would outlast ctx, and ctx's error when ctx is cancelled. The slot must be released.
func (b *budget) take(ctx context.Context, c *call) (*slot, error) {
	w := &waiter{rank: rankOf(ctx), arrival: b.arrive(), ready: make(chan *slot, 1), refused: make(chan time.Duration, 1)}
	w.behind = w.rank() == RankBackground
	for {
		granted, err := b.queue(ctx, c, w)
		if err != nil {
			return nil, err
		}
		wait := b.book.enter(ctx, b, granted)
		if wait <= 0 {
			return granted, nil
		}
		b.giveBack(granted)
		w.notBefore = time.Now().Add(wait)
	}
}

func (b *budget) arrive() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrivals++
	return b.arrivals
}

// freeAt returns when a call of the rank may go that has so many ahead of it. b.mu must be held.
func (b *budget) freeAt(rank Rank, ahead int, now, notBefore time.Time) time.Time {
	minute, hour := b.limits.caps(rank)
	weigh, each := b.book.weigher()
	at := b.sent.freeAt(MinuteWindow, minute, each*(ahead+1), weigh, now)
	for _, other := range []time.Time{b.sent.freeAt(HourWindow, hour, each*(ahead+1), weigh, now), b.closedTill, notBefore} {
		if other.After(at) {
			at = other
		}
	}
	return at
}

// caps returns how many calls a rank may find in the two windows, its own included. Background work leaves the last fifth.
func (u Usage) caps(rank Rank) (minute, hour int) {
	if rank == RankBackground {
		return max(u.MinuteLimit*4/5, 1), max(u.HourLimit*4/5, 1)
	}
	return u.MinuteLimit, u.HourLimit
}

// dispatch lets all go who may, and sees to it that it is called again in time. b.mu must be held.
func (b *budget) dispatch() {
	now := time.Now()
	b.sent.forget(now)
	for b.grantOne(now) {
	}
	b.refuseRisen(now)
	b.wakeUp(now)
}

// grantOne lets the most urgent of those go who may. b.mu must be held.
func (b *budget) grantOne(now time.Time) bool {
	for _, w := range b.heads() {
		rank := w.rank()
		if !b.connectionFor(rank) || b.freeAt(rank, 0, now, w.notBefore).After(now) {
			continue
		}
		b.waiting = slices.DeleteFunc(b.waiting, func(other *waiter) bool { return other == w })
		b.last++
		granted := &slot{id: b.prefix + strconv.FormatUint(b.last, 36), rank: rank}
		b.sent.add(Call{ID: granted.id, At: now, alone: b.book.aloneNow()})
		b.hold(granted, 1)
		w.ready <- granted
		return true
	}
	return false
}

func (b *budget) connectionFor(rank Rank) bool {
	return b.busy < maxConnections && (rank != RankBackground || b.background < backgroundConnections)
}

// hold counts a connection taken (1) or given back (-1). b.mu must be held.
func (b *budget) hold(s *slot, change int) {
	b.busy += change
	if s.rank == RankBackground {
		b.background += change
	}
}

// wakeUp has dispatch called when the next of those who wait may go, and at the latest when ranks are to be asked again.
// b.mu must be held.
func (b *budget) wakeUp(now time.Time) {
	if b.timer != nil {
		b.timer.Stop()
	}
	if len(b.waiting) == 0 {
		return
	}
	next := now.Add(lookAgain)
	for _, w := range b.heads() {
		if at := b.freeAt(w.rank(), 0, now, w.notBefore); at.After(now) && at.Before(next) {
			next = at
		}
	}
	b.timer = time.AfterFunc(next.Sub(now), func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.dispatch()
	})
}

// release gives the connection back, the call being over. What was spent stays spent.
func (b *budget) release(s *slot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hold(s, -1)
	b.dispatch()
}

// takeBack is giveBack for a call that is in the book that replicas share.
func (b *budget) takeBack(s *slot) {
	b.giveBack(s)
	b.book.leave(s)
}

// giveBack is release for a call that was not sent.
func (b *budget) giveBack(s *slot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent.remove(s.id)
	b.hold(s, -1)
	b.dispatch()
}
