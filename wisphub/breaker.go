package wisphub

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	// unhealthyAfter is how many failures in a row make the upstream count as unwell: one call in eight fails on a good day.
	unhealthyAfter = 3
	// openAfter is how many failures in a row open a circuit. On the worst day that was ever measured, when one call in six
	// fails, eight in a row come once in two million calls.
	openAfter = 8
	// openFor is how long nothing is sent then; after it one call at a time probes.
	openFor = 30 * time.Second
)

// breaker keeps calls from an upstream that is down. What it holds back costs nothing and fails at once.
//
// Each resource has a circuit of its own, because WispHub at times answers 500 on one route for good (wisphub-net-api §9, 22)
// and is well on all others. When several resources fail at once, one circuit opens for all of them.
type breaker struct {
	whole *circuit

	mu        sync.Mutex
	resources map[string]*circuit // by the first element of the route; guarded by mu
	failing   map[string]bool     // since the last success; guarded by mu
}

// circuit is closed while calls go well.
type circuit struct {
	*gobreaker.TwoStepCircuitBreaker[struct{}]
	mu     sync.Mutex
	opened time.Time // guarded by mu
}

func newCircuit(trip func() bool) *circuit {
	c := &circuit{}
	c.TwoStepCircuitBreaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:      openFor,
		ReadyToTrip:  func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= openAfter && trip() },
		IsSuccessful: func(err error) bool { return !isFailure(err) },
		IsExcluded:   isNoAnswer,
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

// closesIn is how long nothing is sent yet, a second at least: when it may be worth asking again.
func (c *circuit) closesIn() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return min(max(time.Until(c.opened.Add(openFor)), time.Second), openFor)
}

func newBreaker() *breaker {
	b := &breaker{resources: map[string]*circuit{}, failing: map[string]bool{}}
	b.whole = newCircuit(b.severalFail)
	return b
}

// isFailure: the upstream is not well. A refusal is an answer.
func isFailure(err error) bool {
	return errors.Is(err, ErrTimeout) || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrInvalidResponse)
}

// isNoAnswer: it says nothing about how the upstream is. The caller went away, or the call was not sent, or is to wait.
func isNoAnswer(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, ErrBudget) || errors.Is(err, ErrRateLimited) || errors.Is(err, errNotSent)
}

// errNotSent is the cause of the error of a call that a circuit held back.
var errNotSent = errors.New("not sent, too many calls have failed")

// open returns the error of a call that is not to be sent, nil for one that allow is to be asked about.
func (b *breaker) open(c *call) error {
	resource, _, _ := strings.Cut(c.route, "/")
	for _, circuit := range []*circuit{b.whole, b.circuitOf(resource)} {
		if circuit.State() == gobreaker.StateOpen {
			return circuit.heldBack(c)
		}
	}
	return nil
}

// allow returns how the outcome of a call is to be reported, which must be done once; or the error of a call that is not to
// be sent.
func (b *breaker) allow(c *call) (report func(error), err error) {
	resource, _, _ := strings.Cut(c.route, "/")
	toWhole, err := b.whole.Allow()
	if err != nil {
		return nil, b.whole.heldBack(c)
	}
	own := b.circuitOf(resource)
	toOwn, err := own.Allow()
	if err != nil {
		err = own.heldBack(c)
		toWhole(err)
		return nil, err
	}
	return func(err error) {
		b.note(resource, err)
		toOwn(err)
		toWhole(err)
	}, nil
}

func (c *circuit) heldBack(held *call) error {
	return &Error{Call: held.String(), kind: ErrUnavailable, Detail: errNotSent.Error(), cause: errNotSent, RetryAfter: c.closesIn()}
}

func (b *breaker) circuitOf(resource string) *circuit {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.resources[resource] == nil {
		b.resources[resource] = newCircuit(func() bool { return true })
	}
	return b.resources[resource]
}

// note remembers which resources fail.
func (b *breaker) note(resource string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case isNoAnswer(err):
	case isFailure(err):
		b.failing[resource] = true
	default:
		clear(b.failing)
	}
}

func (b *breaker) severalFail() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.failing) > 1
}

// healthy is false after several failures in a row, until a call succeeds.
func (b *breaker) healthy() bool {
	return b.whole.State() == gobreaker.StateClosed && b.whole.Counts().ConsecutiveFailures < unhealthyAfter
}
