package isp

import (
	"context"
	"errors"
	"sync"
	"time"

	"wisphub-graphql/inflight"
	"wisphub-graphql/wisphub"
)

const (
	// lookupBurst is how many single look-ups may go at once while the list that would answer them
	// is read for the first time, and lookupInterval the time between two more.
	lookupBurst    = 5
	lookupInterval = 5 * time.Second
	// defaultWait is how long a caller without a deadline waits for the list: as long as a GraphQL
	// operation may take.
	defaultWait = 15 * time.Second
)

var (
	// errNotAdmitted means that a look-up must leave its call to the list.
	errNotAdmitted = errors.New("the list that answers this look-up is being read")
	// errTooLate means that the list will not be there before the caller's deadline.
	errTooLate = errors.New("the list that answers this look-up will not be there in time")
)

// sharedReading is the first reading of a list that answers look-ups of its records.
type sharedReading struct {
	// noun is the type of data, for errors.
	noun string
	// held reports whether the list is in memory.
	held func() bool
	// read returns when the list is in memory, or cannot be read. All callers share one reading.
	read func(ctx context.Context) error
	// changed returns a channel that is closed when more of the list has come. Nil means that the
	// list comes whole.
	changed func() <-chan struct{}
	// remaining returns how long until the list is there; false if that is unknown. Optional.
	remaining func() (time.Duration, bool)
}

// lookupGate rations single look-ups while a list that would answer them is missing: they must not
// take the calls that the list needs. It is safe for concurrent use.
//
// A look-up asks [lookupGate.admit] in its loader, so that callers of one key spend one admission. If it
// is not admitted, or fails, the caller waits with [lookupGate.wait].
type lookupGate struct {
	reading sharedReading

	mu      sync.Mutex // guards what follows
	next    time.Time  // when all admissions are there again
	running *readingRun
}

// readingRun is one run of the reading.
type readingRun struct {
	done chan struct{} // closed at its end
	err  error         // set before
}

func newLookupGate(reading sharedReading) *lookupGate {
	if reading.changed == nil {
		reading.changed = func() <-chan struct{} { return nil }
	}
	if reading.remaining == nil {
		reading.remaining = func() (time.Duration, bool) { return 0, false }
	}
	return &lookupGate{reading: reading}
}

type ungatedKey struct{}

// ungated returns a context whose look-ups are always admitted: a write waits for them.
func ungated(ctx context.Context) context.Context { return context.WithValue(ctx, ungatedKey{}, true) }

// admit returns nil if a look-up may spend a call, and errNotAdmitted if not.
func (g *lookupGate) admit(ctx context.Context) error {
	if ctx.Value(ungatedKey{}) != nil || g.reading.held() {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.next.Sub(now) > (lookupBurst-1)*lookupInterval {
		return errNotAdmitted
	}
	if g.next.Before(now) {
		g.next = now
	}
	g.next = g.next.Add(lookupInterval)
	return nil
}

// start starts the reading, if the list is missing and no reading runs. It goes on when the caller
// leaves, because others need the list too.
func (g *lookupGate) start() *readingRun {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running == nil {
		run := &readingRun{done: make(chan struct{})}
		g.running = run
		go func() {
			run.err = g.reading.read(context.Background()) // ends when the list's cache is closed
			g.mu.Lock()
			g.running = nil
			g.mu.Unlock()
			close(run.done)
		}()
	}
	return g.running
}

// wait starts the reading, and returns nil as soon as answered reports true, or the list is there.
// It returns a [FetchError] at once if the list will not be there before the caller's deadline. It
// calls answered each time when more of the list has come.
func (g *lookupGate) wait(ctx context.Context, answered func() bool) error {
	return g.waitBeside(ctx, nil, answered)
}

// waitBeside is wait for a caller whose own look-up is under way until looked is closed. It calls
// answered then too, and does not say before that the list comes too late.
func (g *lookupGate) waitBeside(ctx context.Context, looked <-chan struct{}, answered func() bool) error {
	deadline := waitUntil(ctx)
	late := time.NewTimer(time.Until(deadline))
	defer late.Stop()
	run := g.start()
	inflight.Yield(ctx)
	for ended := run.done; ; {
		changed := g.reading.changed()
		if answered() {
			return nil
		}
		switch {
		case looked != nil: // it may answer, whatever becomes of the list
		case ended == nil:
			return fetchError(g.reading.noun, run.err)
		case g.comesAfter(deadline):
			return g.tooLate()
		}
		select {
		case <-looked:
			looked = nil
		case <-ended:
			if run.err == nil {
				return nil
			}
			ended = nil
		case <-changed:
		case <-late.C:
			return g.tooLate()
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return g.tooLate()
			}
			return ctx.Err()
		}
	}
}

// waitUntil returns how long a caller waits.
func waitUntil(ctx context.Context) time.Time {
	if deadline, bounded := ctx.Deadline(); bounded {
		return deadline
	}
	return time.Now().Add(defaultWait)
}

// comesAfter reports whether the list is known to come after a time.
func (g *lookupGate) comesAfter(at time.Time) bool {
	left, known := g.reading.remaining()
	return known && time.Now().Add(left).After(at)
}

// tooLate tells a caller when the list will be there. If that is unknown, WispHub has not answered
// with a part of it.
func (g *lookupGate) tooLate() error {
	if left, known := g.reading.remaining(); known {
		return &FetchError{Noun: g.reading.noun, RetryAfter: max(left, time.Second), kind: ErrRateLimited, cause: errTooLate}
	}
	return &FetchError{Noun: g.reading.noun, RetryAfter: lookupInterval, kind: ErrUpstreamTimeout, cause: errTooLate}
}

// ownLookUp is what a caller's own look-up has found.
type ownLookUp[T any] struct {
	value T
	final bool // false if only the list can tell
	err   error
}

// lookUpBeside answers from what comes first: a part of the list that has the record, as onPage
// tells, or the caller's own look-up. If neither answers, it waits for the list. Answered is false
// if the list is there and has the answer.
func lookUpBeside[T any](
	ctx context.Context, g *lookupGate, onPage func() (T, bool), lookUp func(ctx context.Context) (T, bool, error),
) (value T, answered bool, err error) {
	g.start()
	if value, answered = onPage(); answered {
		return value, true, nil
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	looked, own := make(chan struct{}), ownLookUp[T]{}
	go func() {
		defer close(looked)
		if !g.reading.held() { // else it has come since the caller looked
			own.value, own.final, own.err = lookUp(ctx)
		}
	}()
	wait := g.waitBeside(ctx, looked, func() bool {
		if value, answered = onPage(); answered {
			return true
		}
		select {
		case <-looked:
			value, answered = own.value, own.final
			if own.err != nil && ctx.Err() == nil && !g.listMayAnswer(own.err) {
				err = own.err
			}
		default:
		}
		return answered || err != nil
	})
	if wait != nil {
		return value, false, wait
	}
	return value, answered, err
}

// listMayAnswer reports whether a look-up that failed is answered by the list instead: it was not
// sent, or not answered in time, and the list is there, or parts of it do come.
func (g *lookupGate) listMayAnswer(err error) bool {
	if errors.Is(err, errNotAdmitted) || errors.Is(err, wisphub.ErrBudget) || g.reading.held() {
		return true
	}
	_, comes := g.reading.remaining()
	return comes && (errors.Is(err, wisphub.ErrTimeout) || errors.Is(err, wisphub.ErrUnavailable))
}
