package inflight

import (
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
}

// turnWaiter is an operation that waits for its turn.
type turnWaiter struct {
	operation *Operation
	granted   chan struct{} // closed, with limiter.mu held, when the turn begins
}

// takeTurn waits for a turn. It returns the cause of ctx if that ends first, and [ErrLimit] after ten
// seconds.
func (o *Operation) takeTurn(ctx context.Context) error {
	l := o.limiter
	l.mu.Lock()
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
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
		return l.leaveTurns(w, context.Cause(ctx))
	case <-timer.C:
		return l.leaveTurns(w, ErrLimit)
	}
}

// leaveTurns ends the wait of w, unless its turn has begun meanwhile.
func (l *Limiter) leaveTurns(w *turnWaiter, cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.turns.waiting, w)
	if at < 0 {
		return nil
	}
	l.turns.waiting = slices.Delete(l.turns.waiting, at, at+1)
	l.grantTurns()
	return cause
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
	}
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	if len(t.waiting) > 0 {
		t.timer = time.AfterFunc(time.Until(t.running[0].turnBegan.Add(turnTime)), l.endLongest)
	}
}

// nextTurn returns the index of the waiter whose user has the fewest turns, and of those the first.
// It requires mu.
func (l *Limiter) nextTurn() (next int) {
	fewest := int64(-1)
	for i, w := range l.turns.waiting {
		turns := int64(0)
		if held := l.perUser[w.operation.user]; held != nil {
			turns = held.turns
		}
		if fewest < 0 || turns < fewest {
			next, fewest = i, turns
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

// resume waits for another turn of an operation whose answer is still being made.
func (o *Operation) resume() {
	if o == nil || o.isFinished() {
		return
	}
	_ = o.takeTurn(context.Background()) // without a turn it goes on, too
}

func (o *Operation) isFinished() bool {
	o.limiter.mu.Lock()
	defer o.limiter.mu.Unlock()
	return o.finished || o.ended
}
