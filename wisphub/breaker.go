package wisphub

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/sony/gobreaker/v2"
)

const (
	// unhealthyAfter is how many failures in a row make the upstream unhealthy. On a good day one
	// call in eight fails.
	unhealthyAfter = 3
	// openAfter is how many failures in a row open a circuit. On the worst day measured, one call
	// in six failed: eight in a row then come once in two million calls.
	openAfter = 8
	// openFor is how long an open circuit sends nothing. After that it probes with one call at a
	// time.
	openFor = 30 * time.Second
	// ownOpenFor is the same for the circuit of one user or record. It is longer, so that others
	// probe a circuit of all first.
	ownOpenFor = openFor * 3 / 2
	// ownMemory is how long failures of one user or record count.
	ownMemory = 10 * time.Minute
	// maxOwnCircuits bounds the memory that users and records can take.
	maxOwnCircuits = 1000
)

// breaker stops calls to an upstream that is down, so that they cost nothing and fail at once.
//
// Each route has its own circuit: WispHub sometimes answers 500 on one route permanently
// (wisphub-net-api §9, 22) while all others work. When several resources fail, the global circuit
// opens: two routes of one resource may have the same fault.
//
// These circuits are for all users, so that no single user and no single record can open them: see
// [streak]. What one user or one record makes fail stops the calls of that user to the route, or the
// calls for that record, and no others.
type breaker struct {
	global *circuit

	mu     sync.Mutex
	routes map[string]*circuit             // guarded by mu
	own    *simplelru.LRU[cause, *circuit] // of users and records that fail; guarded by mu
}

type circuit struct {
	*gobreaker.TwoStepCircuitBreaker[struct{}]
	mu     sync.Mutex
	opened time.Time // guarded by mu
	fails  streak    // guarded by mu
	open   time.Duration
}

// newCircuit returns a circuit that opens when trip agrees. It then sends nothing for the time open. It
// forgets failures after the time memory; 0 means never.
func newCircuit(open, memory time.Duration, trip func(*streak) bool) *circuit {
	c := &circuit{open: open}
	c.TwoStepCircuitBreaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:  open,
		Interval: memory,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			return counts.ConsecutiveFailures >= openAfter && trip(&c.fails)
		},
		IsSuccessful: func(err error) bool { return !isFailure(err) },
		IsExcluded:   isInconclusive,
		OnStateChange: func(_ string, _, to gobreaker.State) {
			c.mu.Lock()
			defer c.mu.Unlock()
			if to == gobreaker.StateOpen {
				c.opened = time.Now()
			}
		},
	})
	return c
}

// retryAfter returns how long the circuit sends nothing, at least a second.
func (c *circuit) retryAfter() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return min(max(time.Until(c.opened.Add(c.open)), time.Second), c.open)
}

// note adds a result to the failures in a row. It must come before the result is reported.
func (c *circuit) note(sent *call, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case isInconclusive(err):
	case isFailure(err):
		c.fails.add(sent)
	default:
		c.fails = streak{}
	}
}

func newBreaker() *breaker {
	own, err := simplelru.NewLRU[cause, *circuit](maxOwnCircuits, nil)
	if err != nil {
		panic(err) // only for a size below one
	}
	global := newCircuit(openFor, 0, func(s *streak) bool { return len(s.resources) > 1 && s.evidence(maxShare) >= openAfter })
	return &breaker{global: global, routes: map[string]*circuit{}, own: own}
}

// isFailure reports whether err means that the upstream does not work. A 4xx status does not, even
// with a page: a firewall may reject one text.
func isFailure(err error) bool {
	if e := (*Error)(nil); errors.As(err, &e) && e.StatusCode/100 == 4 {
		return false
	}
	return errors.Is(err, ErrTimeout) || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrInvalidResponse)
}

// isInconclusive reports whether err says nothing about the upstream: the caller left, or the
// call was not sent or must wait.
func isInconclusive(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, ErrBudget) || errors.Is(err, ErrRateLimited) ||
		errors.Is(err, errNotSent)
}

// errNotSent is the cause of the error of a call that a circuit did not send.
var errNotSent = errors.New("not sent")

// check returns an error if the call must not be sent. Otherwise allow decides.
func (b *breaker) check(c *call) error {
	for _, circuit := range b.circuits(c) {
		if circuit.State() == gobreaker.StateOpen {
			return circuit.rejection(c)
		}
	}
	return nil
}

// allow lets a call go, or returns an error. The caller must call report exactly once with the
// result of the call.
func (b *breaker) allow(c *call) (report func(error), err error) {
	circuits := b.circuits(c)
	reports := make([]func(error), 0, len(circuits))
	for _, circuit := range circuits {
		report, err := circuit.Allow()
		if err != nil {
			err = circuit.rejection(c)
			for _, allowed := range reports {
				allowed(err)
			}
			return nil, err
		}
		reports = append(reports, report)
	}
	return func(err error) {
		for i, report := range reports {
			circuits[i].note(c, err)
			report(err)
		}
		b.noteOwn(c, err, circuits)
	}, nil
}

func (c *circuit) rejection(rejected *call) error {
	return &Error{
		Call: rejected.String(), kind: ErrUnavailable, Detail: "not sent because too many calls failed",
		cause: errNotSent, RetryAfter: c.retryAfter(), failed: time.Now(),
	}
}

// circuits returns the circuits that a call passes: the global one, that of its route, and those of
// its user and its record if they have failed.
func (b *breaker) circuits(c *call) []*circuit {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.routes[c.route()] == nil {
		b.routes[c.route()] = newCircuit(openFor, 0, func(s *streak) bool { return s.evidence(maxShare) >= openAfter })
	}
	circuits := []*circuit{b.global, b.routes[c.route()]}
	for _, cause := range c.causes() {
		if own, ok := b.own.Get(cause); ok {
			circuits = append(circuits, own)
		}
	}
	return circuits
}

// noteOwn makes the circuits of a call's user and record when they fail first, and drops them when
// they succeed.
func (b *breaker) noteOwn(c *call, err error, passed []*circuit) {
	if isInconclusive(err) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, cause := range c.causes() {
		own, ok := b.own.Peek(cause)
		switch {
		case !isFailure(err):
			b.own.Remove(cause)
		case !ok:
			own = newCircuit(ownOpenFor, ownMemory, func(*streak) bool { return true })
			b.own.Add(cause, own)
			fallthrough
		case !slices.Contains(passed, own): // another call made it meanwhile
			if report, refused := own.Allow(); refused == nil {
				report(err)
			}
		}
	}
}

// healthy is false after several failures in a row, until a call succeeds. What one user or one
// record makes fail is not enough.
func (b *breaker) healthy() bool {
	if b.global.State() != gobreaker.StateClosed {
		return false
	}
	b.global.mu.Lock()
	defer b.global.mu.Unlock()
	return b.global.fails.evidence(unhealthyAfter-1) < unhealthyAfter
}
