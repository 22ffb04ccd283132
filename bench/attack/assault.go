package main

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"wisphub-graphql/background"
)

const (
	// redialPause is the shortest time that an attacker waits after a connection was refused or
	// closed. Together they dial at most maxDials times a second. Faster ones would measure how fast
	// this machine opens connections, and take the callers' CPU for it.
	redialPause = 100 * time.Millisecond
	maxDials    = 500

	noConnection = "no connection"
	closed       = "closed"
	unanswered   = "unanswered" // when the attack ended
	held         = "held"       // when the attack ended
)

// assault is one attack under way. It is safe for concurrent use.
type assault struct {
	site
	ctx    context.Context // ends with the attack
	cancel context.CancelFunc
	group  sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	answers map[string]int
	last    []func() // to call at the end
}

func newAssault(ctx context.Context, s site) *assault {
	ctx, cancel := context.WithCancel(ctx)
	return &assault{site: s, ctx: ctx, cancel: cancel, answers: make(map[string]int)}
}

// count counts one answer to an attacker, such as "200" or closed.
func (s *assault) count(answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[answer]++
}

// countStatus counts an HTTP answer, or its absence.
func (s *assault) countStatus(status int, err error) {
	switch {
	case err != nil && s.ctx.Err() != nil:
		s.count(unanswered)
	case err != nil:
		s.count(closed)
	default:
		s.count(fmt.Sprint(status))
	}
}

// repeat lets n attackers repeat an attempt until the attack ends. An attempt that returns false
// did not get what it wanted, and is repeated after a pause.
func (s *assault) repeat(n int, attempt func(number int) bool) {
	pause := max(redialPause, time.Second*time.Duration(n)/maxDials)
	for number := range n {
		s.group.Go(func() {
			// Spread over the pause, so that they do not act as one.
			_ = background.Sleep(s.ctx, pause*time.Duration(number)/time.Duration(n)) // the loop checks ctx
			for s.ctx.Err() == nil {
				if !attempt(number) {
					_ = background.Sleep(s.ctx, pause) // the loop checks ctx
				}
			}
		})
	}
}

// atEnd registers a function to call when all attackers have stopped.
func (s *assault) atEnd(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = append(s.last, do)
}

// end stops the attackers and returns the answers that they got.
func (s *assault) end() map[string]int {
	s.cancel()
	s.group.Wait()
	for _, do := range s.last {
		do()
	}
	return maps.Clone(s.answers)
}
