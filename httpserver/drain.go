package httpserver

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// drainGrace is how long connections stay open after [Drain.Begin], so that each busy one
	// carries an answer that says it will close. net/http closes idle connections at once, and a
	// request that is on its way on one of them is lost.
	drainGrace = 2 * time.Second
	drainPoll  = 10 * time.Millisecond
	settleMin  = 50 * time.Millisecond // for handshakes that have begun
	settleMax  = 500 * time.Millisecond
)

// Drain asks callers to leave before the server closes their connections. It is safe for
// concurrent use.
type Drain struct{ begun atomic.Bool }

// Begin makes all further answers close their connections.
func (d *Drain) Begin() { d.begun.Store(true) }

// Begun reports whether Begin was called.
func (d *Drain) Begun() bool { return d.begun.Load() }

// Wait returns when callers have had time to leave: after delay, and after two seconds unless all
// connections are closed before. It returns early when ctx ends.
func (d *Drain) Wait(ctx context.Context, delay time.Duration, connections *ConnLimit) {
	began := time.Now()
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for {
		passed := time.Since(began)
		if passed >= delay && (passed >= drainGrace || connections.Open() == 0) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Settle lets no new connection begin, and waits until the requests of those that have begun are
// read, half a second at most. Call it before the shutdown: the kernel resets connections that are
// not accepted by then, and net/http drops requests that it reads after that.
func (d *Drain) Settle(listener net.Listener, connections *ConnLimit) {
	if !refuseNew(listener) {
		return
	}
	time.Sleep(settleMin)
	for end := time.Now().Add(settleMax - settleMin); connections.Idle() > 0 && time.Now().Before(end); {
		time.Sleep(drainPoll)
	}
	time.Sleep(drainPoll) // net/http looks for a shutdown right after it has read a request
}

// Wrap is the [Middleware]. Put it outside of all others.
func (d *Drain) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&recorder{ResponseWriter: w, status: http.StatusOK, drain: d}, r)
	})
}
