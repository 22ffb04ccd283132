package inflight

import (
	"cmp"
	"slices"
	"time"
)

// waiter is an operation that waits for its bytes.
type waiter struct {
	operation *Operation
	bytes     int64
	arrival   int
	granted   chan struct{} // closed, with limiter.mu held, when the bytes are counted
}

// class separates answers, so that smaller ones may pass larger ones that do not fit yet.
type class int

const (
	small class = iota // its making does not count, because it takes less than a millisecond
	large
	heavy
	classes
)

// smallPart is the part of HeavyBytes that is a small answer.
const smallPart = 32

func (l *Limiter) class(bytes int64) class {
	switch {
	case bytes >= l.limits.HeavyBytes:
		return heavy
	case bytes >= l.limits.HeavyBytes/smallPart:
		return large
	}
	return small
}

// fits requires l.mu. It returns nil if the answer may be made now.
func (l *Limiter) fits(user string, bytes int64) error {
	held := l.perUser[user]
	if held == nil {
		held = &usage{}
	}
	if err := share(l.limits.AnswerBytes, l.all.answer, held.answer, bytes); err != nil {
		return err
	}
	size := l.class(bytes)
	if size != small && held.making > 0 && held.making+bytes > l.limits.HeavyBytes {
		return ErrUserLimit
	}
	if size == heavy && l.heavy >= l.limits.Heavy {
		return ErrLimit
	}
	return nil
}

// grant requires l.mu.
func (l *Limiter) grant(o *Operation, bytes int64) {
	o.hold(o.request, bytes)
	size := l.class(bytes)
	if size == small {
		return
	}
	o.making = bytes
	l.usage(o.user).making += bytes
	if size == heavy {
		o.heavy = true
		l.heavy++
		o.endTurn() // it takes long, and heavy answers have a limit of their own
		l.grantTurns()
	}
	o.pauseAt = time.Now().Add(burst)
	l.bursts = append(l.bursts, o)
}

// enqueue requires l.mu. Each waiter is an operation, so that their limits bound the queue.
func (l *Limiter) enqueue(o *Operation, bytes int64) *waiter {
	w := &waiter{operation: o, bytes: bytes, arrival: l.arrived, granted: make(chan struct{})}
	l.arrived++
	l.waiting = append(l.waiting, w)
	l.grantAll() // a small answer may pass those that wait
	return w
}

// leave ends the wait of w, unless it has been granted meanwhile. A nil cause stands for the limit
// that w waited for.
func (l *Limiter) leave(w *waiter, cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.waiting, w)
	if at < 0 {
		return nil
	}
	if cause == nil {
		cause = cmp.Or(l.fits(w.operation.user, w.bytes), ErrLimit)
	}
	l.waiting = slices.Delete(l.waiting, at, at+1)
	l.grantAll() // w may have kept others waiting
	w.operation.refusal = cause
	return cause
}

// release requires l.mu. It must follow whatever lowers a count.
func (l *Limiter) release(user string) {
	l.forget(user)
	l.grantAll()
	l.grantTurns()
}

// grantAll requires l.mu.
func (l *Limiter) grantAll() {
	for len(l.waiting) > 0 && l.grantNext() {
	}
	l.watchBursts()
}

// grantNext requires l.mu. It grants the first waiter that fits, and reports whether there was one.
// A waiter that others keep waiting stops later ones of its class, so that it does not starve. One
// that waits for its own user stops none.
func (l *Limiter) grantNext() bool {
	slices.SortFunc(l.waiting, func(a, b *waiter) int {
		return cmp.Or(cmp.Compare(l.answerBytes(a), l.answerBytes(b)), cmp.Compare(a.arrival, b.arrival))
	})
	var stopped [classes]bool
	for i, w := range l.waiting {
		size := l.class(w.bytes)
		if stopped[size] {
			continue
		}
		switch l.fits(w.operation.user, w.bytes) {
		case nil:
			l.waiting = slices.Delete(l.waiting, i, i+1)
			l.grant(w.operation, w.bytes)
			close(w.granted)
			return true
		case ErrLimit:
			stopped[size] = true
		}
	}
	return false
}

func (l *Limiter) answerBytes(w *waiter) int64 {
	if held := l.perUser[w.operation.user]; held != nil {
		return held.answer
	}
	return 0
}
