package wisphub

import (
	"context"
	"errors"
	"sync"
	"time"

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
)

// breaker stops calls to an upstream that is down, so that they cost nothing and fail at once.
//
// Each route has its own circuit: WispHub sometimes answers 500 on one route permanently
// (wisphub-net-api §9, 22) while all others work. When several resources fail, the global circuit
// opens: two routes of one resource may have the same fault.
type breaker struct {
	global *circuit

	mu      sync.Mutex
	routes  map[string]*circuit // guarded by mu
	failing map[string]bool     // resources since the last success; guarded by mu
}

type circuit struct {
	*gobreaker.TwoStepCircuitBreaker[struct{}]
	mu     sync.Mutex
	opened time.Time // guarded by mu
}

func newCircuit(trip func() bool) *circuit {
	c := &circuit{}
	c.TwoStepCircuitBreaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout: openFor,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return counts.ConsecutiveFailures >= openAfter && trip()
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
	return min(max(time.Until(c.opened.Add(openFor)), time.Second), openFor)
}

func newBreaker() *breaker {
	b := &breaker{routes: map[string]*circuit{}, failing: map[string]bool{}}
	b.global = newCircuit(b.severalResourcesFail)
	return b
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
	for _, circuit := range []*circuit{b.global, b.circuitFor(c.route())} {
		if circuit.State() == gobreaker.StateOpen {
			return circuit.rejection(c)
		}
	}
	return nil
}

// allow lets a call go, or returns an error. The caller must call report exactly once with the
// result of the call.
func (b *breaker) allow(c *call) (report func(error), err error) {
	reportGlobal, err := b.global.Allow()
	if err != nil {
		return nil, b.global.rejection(c)
	}
	own := b.circuitFor(c.route())
	reportOwn, err := own.Allow()
	if err != nil {
		err = own.rejection(c)
		reportGlobal(err)
		return nil, err
	}
	return func(err error) {
		b.record(c.resource(), err)
		reportOwn(err)
		reportGlobal(err)
	}, nil
}

func (c *circuit) rejection(rejected *call) error {
	return &Error{
		Call: rejected.String(), kind: ErrUnavailable, Detail: "not sent because too many calls failed",
		cause: errNotSent, RetryAfter: c.retryAfter(), failed: time.Now(),
	}
}

func (b *breaker) circuitFor(route string) *circuit {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.routes[route] == nil {
		b.routes[route] = newCircuit(func() bool { return true })
	}
	return b.routes[route]
}

// record notes which resources fail. One success clears them all.
func (b *breaker) record(resource string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case isInconclusive(err):
	case isFailure(err):
		b.failing[resource] = true
	default:
		clear(b.failing)
	}
}

func (b *breaker) severalResourcesFail() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.failing) > 1
}

// healthy is false after several failures in a row, until a call succeeds.
func (b *breaker) healthy() bool {
	return b.global.State() == gobreaker.StateClosed &&
		b.global.Counts().ConsecutiveFailures < unhealthyAfter
}
