// Package inflight limits what callers have under way: how many operations run, and how many bytes
// their requests and answers take. It has one rule for all three: a user may hold as much as it
// leaves free for others. One user can therefore hold half of a limit at most, and however many
// users hold all they can, something is left for the next one. Users take turns at the processor.
package inflight

import (
	"errors"
	"sync"
	"time"
)

var (
	// ErrUserLimit means that the user itself has too much under way.
	ErrUserLimit = errors.New("the user has too many operations under way")
	// ErrLimit means that all users together have too much under way.
	ErrLimit = errors.New("too many operations are under way")
)

const (
	// maxWait limits the wait of [Operation.Reserve]. It is long enough for a data set that is not
	// in memory yet, because operations that need it hold their bytes until it is.
	maxWait = 10 * time.Second
	// burst is how long an operation counts as one that uses the processor. An operation that runs
	// longer waits for data, and must not keep others from running.
	burst = 500 * time.Millisecond
)

// Limits are the limits of a [Limiter]. All are required.
type Limits struct {
	// Operations is how many operations may run at once.
	Operations int
	// RequestBytes limits the memory of requests.
	RequestBytes int64
	// AnswerBytes limits the memory of answers, from before they are made until they are sent.
	AnswerBytes int64
	// HeavyBytes is the size from which an answer is heavy. The answers of one user that are made at
	// once may have as many bytes together; a larger answer is made alone.
	HeavyBytes int64
	// Heavy is how many heavy answers are made at once.
	Heavy int
	// Turns is how many operations compute at once, apart from heavy ones and those that have taken
	// long. As many as there are cores keep them busy.
	Turns int
}

// usage is what one user, or all users together, have under way.
type usage struct{ operations, request, answer, making, turns int64 }

func (u *usage) empty() bool { return *u == usage{} }

// Limiter counts what is under way. Use [New]. It is safe for concurrent use. A nil Limiter has no
// limits: its operations are nil, and their methods do nothing.
type Limiter struct {
	limits Limits

	mu      sync.Mutex // guards the fields below
	all     usage
	heavy   int // heavy answers that are being made
	perUser map[string]*usage
	waiting []*waiter
	arrived int // waiters so far
	turns   turns
	bursts  []*Operation // whose answers count as being made, the longest first
	// burstTimer ends the longest burst; only while answers wait.
	burstTimer *time.Timer
	spare      *usage // of a user who has nothing under way any more, for the next one
}

// New returns a limiter with nothing under way.
func New(limits Limits) *Limiter {
	return &Limiter{limits: limits, perUser: map[string]*usage{}, turns: turns{served: map[string]int{}}}
}

// Begin counts the bytes of a request. It never waits: it returns [ErrUserLimit] or [ErrLimit]. After
// success the caller must call [Operation.End].
func (l *Limiter) Begin(user string, requestBytes int64) (*Operation, error) {
	if l == nil {
		return nil, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.usage(user)
	if err := share(l.limits.RequestBytes, l.all.request, held.request, requestBytes); err != nil {
		l.forget(user)
		return nil, err
	}
	o := &Operation{limiter: l, user: user, request: requestBytes}
	held.request += requestBytes
	l.all.request += requestBytes
	return o, nil
}

// share reports whether a user who holds some bytes, or operations, may have more of them. A user
// who holds nothing may have all that is left, and more than the limit if nothing is held at all.
func share(limit, all, held, more int64) error {
	free := limit - all - more
	switch {
	case all == 0, held == 0 && free >= 0, held > 0 && held+more <= free:
		return nil
	case held > 0 && held+more > limit-held-more:
		return ErrUserLimit // even if it were the only user
	}
	return ErrLimit
}

// usage requires l.mu. A user whose usage is empty must be forgotten.
func (l *Limiter) usage(user string) *usage {
	held := l.perUser[user]
	if held == nil {
		if held, l.spare = l.spare, nil; held == nil {
			held = &usage{}
		}
		l.perUser[user] = held
	}
	return held
}

// forget requires l.mu.
func (l *Limiter) forget(user string) {
	if held := l.perUser[user]; held != nil && held.empty() {
		delete(l.perUser, user)
		l.spare = held
	}
}
