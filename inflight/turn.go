package inflight

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// turnTime is how long an operation keeps its turn while others wait for one. One that takes longer
// is large, or waits for something that did not call [Yield].
const turnTime = 20 * time.Millisecond

// turns share the processor among users. An operation computes in its turn: it parses, runs and
// encodes. Without turns, a user who sends a hundred documents at once makes the others wait for all
// of them. Limiter.mu guards the fields.
type turns struct {
	running []*Operation // the longest first
	waiting []*turnWaiter
	timer   *time.Timer // ends the longest turn; only while others wait
	// served has the number of the last turn of each user, while operations wait.
	served map[string]int
	count  int // turns so far
}

// turnWaiter is an operation that waits for its turn.
type turnWaiter struct {
	operation *Operation
	granted   chan struct{} // closed, with limiter.mu held, when the turn begins
}

// takeTurn waits for a turn. It returns the cause of ctx if that ends first, and [ErrLimit] after ten
// seconds. The caller holds limiter.mu, which takeTurn unlocks.
func (o *Operation) takeTurn(ctx context.Context) error {
	l := o.limiter
	if o.turn || o.ended {
		l.mu.Unlock()
		return nil
	}
	if len(l.turns.waiting) == 0 && len(l.turns.running) < l.limits.Turns {
		o.beginTurn()
		l.mu.Unlock()
		return nil
	}
	w := &turnWaiter{operation: o, granted: make(chan struct{})}
	l.turns.waiting = append(l.turns.waiting, w)
	l.grantTurns() // sets the timer
	l.mu.Unlock()
	return await(ctx, w.granted, func(cause error) error { return l.leaveTurns(w, cause) })
}

// leaveTurns ends the wait of w, unless its turn has begun meanwhile. A nil cause stands for
// ErrLimit.
func (l *Limiter) leaveTurns(w *turnWaiter, cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.turns.waiting, w)
	if at < 0 {
		return nil
	}
	l.turns.waiting = slices.Delete(l.turns.waiting, at, at+1)
	l.grantTurns()
	return cmp.Or(cause, ErrLimit)
}

// grantTurns requires mu. It must follow whatever ends a turn.
func (l *Limiter) grantTurns() {
	t := &l.turns
	for len(t.waiting) > 0 && len(t.running) < l.limits.Turns {
		at := l.nextTurn()
		w := t.waiting[at]
		t.waiting = slices.Delete(t.waiting, at, at+1)
		w.operation.beginTurn()
		close(w.granted)
		t.count++
		t.served[w.operation.user] = t.count
	}
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	if len(t.waiting) == 0 {
		clear(t.served)
	} else {
		t.timer = time.AfterFunc(time.Until(t.running[0].turnBegan.Add(turnTime)), l.endLongest)
	}
}

// nextTurn returns the index of the first waiter of the user who has the fewest turns, and among such
// users, of the one who has waited longest since its last turn. It requires mu.
func (l *Limiter) nextTurn() (next int) {
	type rank struct{ turns, served int }
	of := func(w *turnWaiter) (r rank) {
		r.served = l.turns.served[w.operation.user]
		if held := l.perUser[w.operation.user]; held != nil {
			r.turns = int(held.turns)
		}
		return r
	}
	best := of(l.turns.waiting[0])
	for i, w := range l.turns.waiting[1:] {
		if r := of(w); r.turns < best.turns || r.turns == best.turns && r.served < best.served {
			next, best = i+1, r
		}
	}
	return next
}

// endLongest ends the turns that have taken their time.
func (l *Limiter) endLongest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.turns.running) > 0 && time.Since(l.turns.running[0].turnBegan) >= turnTime {
		o := l.turns.running[0]
		o.endTurn()
		l.forget(o.user)
	}
	l.grantTurns()
}

// beginTurn requires limiter.mu.
func (o *Operation) beginTurn() {
	o.turn, o.turnBegan = true, time.Now()
	o.limiter.usage(o.user).turns++
	o.limiter.turns.running = append(o.limiter.turns.running, o)
}

// endTurn requires limiter.mu. Call grantTurns, or release, afterwards.
func (o *Operation) endTurn() {
	if !o.turn {
		return
	}
	o.turn = false
	l := o.limiter
	l.usage(o.user).turns--
	l.turns.running = slices.DeleteFunc(l.turns.running, func(other *Operation) bool { return other == o })
}

// yield ends the turn, if the operation has one.
func (o *Operation) yield() {
	if o == nil {
		return
	}
	l := o.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.turn {
		o.endTurn()
		l.release(o.user)
	}
}

// Yield ends the turn of the operation in ctx, because it waits for something else than the
// processor. It does nothing without an operation.
func Yield(ctx context.Context) { FromContext(ctx).yield() }

// Resume waits for another turn, if the operation has none, because its answer is still being made. A
// [Writer] has ended the turn. After an error the operation may go on without a turn.
func (o *Operation) Resume(ctx context.Context) error {
	if o == nil {
		return nil
	}
	o.limiter.mu.Lock()
	return o.takeTurn(ctx)
}
