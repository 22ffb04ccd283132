package wisphub

import (
	"errors"
	"sync"
	"time"
)

const (
	// refusedAfter is how many refusals in a row stop a route. One may be about one record.
	refusedAfter = 3
	// suspectAfter is how many routes must refuse, with no good answer since, for the key itself
	// to be suspected. One refusal then stops a route.
	suspectAfter = 2
	// refusalProbeInterval is how often a stopped route is tried again. The operator may grant a
	// permission in WispHub's panel, which the facade does not see.
	refusalProbeInterval = 5 * time.Minute
)

// refusals stops calls that WispHub answers with 401 or 403, so that a bad key does not use up the
// budget of the good one that replaces it.
//
// Each route is counted for itself, because a key may lack the permission for one route only
// (wisphub-net-api §2.2). A bad key is refused on every route: see suspectAfter. A new key starts
// with new refusals.
type refusals struct {
	mu       sync.Mutex
	routes   map[string]*refusedRoute // whose last answer was a refusal; guarded by mu
	suspects map[string]bool          // routes refused since the last good answer; guarded by mu
}

// refusedRoute counts refusals in a row.
type refusedRoute struct {
	// byID has at most refusedAfter ids. On a route without an id, the id is "". That one record is
	// refused must not stop the others.
	byID map[string]int
	last time.Time // of the last refusal or probe
}

func newRefusals() *refusals {
	return &refusals{routes: map[string]*refusedRoute{}, suspects: map[string]bool{}}
}

// check returns an error if the call must not be sent now.
func (r *refusals) check(c *call) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if wait := r.wait(c); wait > 0 {
		return refusedBefore(c, wait)
	}
	return nil
}

// allow lets a call go, or returns an error. The caller must call report once with the result.
func (r *refusals) allow(c *call) (report func(error), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if wait := r.wait(c); wait > 0 {
		return nil, refusedBefore(c, wait)
	}
	if r.stops(c) { // it is due: this call probes
		r.routes[c.route()].last = time.Now()
	}
	return func(err error) { r.report(c, err) }, nil
}

// wait returns how long the call must not be sent. r.mu must be held.
func (r *refusals) wait(c *call) time.Duration {
	if !r.stops(c) {
		return 0
	}
	return time.Until(r.routes[c.route()].last.Add(refusalProbeInterval))
}

// stops reports whether enough refusals were counted to stop the call. r.mu must be held.
func (r *refusals) stops(c *call) bool {
	route := r.routes[c.route()]
	if route == nil {
		return false
	}
	enough := refusedAfter
	if len(r.suspects) >= suspectAfter {
		enough = 1
	}
	return len(route.byID) >= enough || route.byID[c.id] >= enough
}

// report records the result of a call. A result that says nothing about the permission lets the
// next call probe.
func (r *refusals) report(c *call, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	route := r.routes[c.route()]
	switch {
	case errors.Is(err, ErrForbidden):
		if route == nil {
			route = &refusedRoute{byID: map[string]int{}}
			r.routes[c.route()] = route
		}
		if _, known := route.byID[c.id]; known || len(route.byID) < refusedAfter {
			route.byID[c.id]++
		}
		route.last = time.Now()
		r.suspects[c.route()] = true
	case err == nil, errors.Is(err, ErrNotFound), errors.Is(err, ErrRefused):
		delete(r.routes, c.route())
		clear(r.suspects)
	case route != nil && r.stops(c):
		route.last = time.Time{}
	}
}

func refusedBefore(c *call, wait time.Duration) error {
	return &Error{
		Call: c.String(), kind: ErrForbidden, Detail: "not sent because WispHub refused the last calls",
		cause: errNotSent, RetryAfter: max(wait, time.Second),
	}
}
