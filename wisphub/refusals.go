package wisphub

import (
	"errors"
	"maps"
	"sync"
	"time"
)

const (
	// refusedAfter is how many refusals in a row stop an id of a route, or a route without an id.
	refusedAfter = 3
	// suspectAfter is how many routes must refuse, with no good answer since, for the key itself
	// to be suspected. One refusal then stops a route. See keySuspected.
	suspectAfter = 2
	// trustAfterGood is how long a good answer protects the key from suspicion.
	trustAfterGood = 2 * time.Minute
	// distrustAfter is how many refusals in a row, on all routes together, end that protection. A
	// key that was revoked just after a good answer would spend too many calls in that time.
	distrustAfter = 10
	// refusalProbeInterval is how often a stopped call is tried again. The operator may grant a
	// permission in WispHub's panel, which the facade does not see.
	refusalProbeInterval = 5 * time.Minute
	// refusedWriteInterval is the same for a write without an id, whose values may be what WispHub
	// refuses.
	refusedWriteInterval = 10 * time.Second
	// newIDInterval is how often a stopped route tries an id that was not refused yet. It doubles
	// with each try until a good answer comes, so that a revoked key spends few calls.
	newIDInterval = 5 * time.Second
	// refusalKept is how long a refused id is remembered.
	refusalKept = time.Hour
)

// refusals stops calls that WispHub answers with 401 or 403, so that a bad key does not use up the
// budget of the good one that replaces it.
//
// Each id of a route is counted for itself, because a key may lack the permission for one route or
// one record only (wisphub-net-api §2.2). A bad key is refused on every route: see keySuspected. A
// new key starts with new refusals.
type refusals struct {
	mu       sync.Mutex
	refused  map[target]*refusedTarget // whose last answer was a refusal; guarded by mu
	suspects map[string]time.Time      // the last refusal or probe of routes refused since the last good answer; guarded by mu
	good     time.Time                 // the last good answer; guarded by mu
	inARow   int                       // refusals since the last good answer; guarded by mu
	newIDAt  time.Time                 // when a stopped route may try a new id; guarded by mu
	newIDGap time.Duration             // guarded by mu
}

// target is what is counted for itself. On a route without an id, the id is "".
type target struct{ route, id string }

// refusedTarget counts refusals in a row.
type refusedTarget struct {
	count int
	last  time.Time // the last refusal or probe
}

func newRefusals() *refusals {
	return &refusals{refused: map[target]*refusedTarget{}, suspects: map[string]time.Time{}, newIDGap: newIDInterval}
}

func (c *call) target() target { return target{c.route(), c.id} }

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
	now := time.Now()
	r.setProbed(c, now, now.Add(r.newIDGap))
	if r.refused[c.target()] == nil && r.routeStopped(c) {
		r.newIDGap = min(2*r.newIDGap, refusalProbeInterval)
	}
	return func(err error) { r.report(c, err) }, nil
}

// wait returns how long the call must not be sent. r.mu must be held.
func (r *refusals) wait(c *call) time.Duration {
	refused, stopped := r.refused[c.target()], r.routeStopped(c)
	var wait time.Duration
	if refused != nil && refused.count >= refusedAfter {
		interval := refusalProbeInterval
		if c.id == "" && c.writeDetails != nil {
			interval = refusedWriteInterval
		}
		wait = time.Until(refused.last.Add(interval))
	}
	switch {
	case stopped && refused == nil:
		wait = time.Until(r.newIDAt)
	case stopped:
		wait = max(wait, time.Until(r.suspects[c.route()].Add(refusalProbeInterval)))
	}
	return wait
}

// setProbed sets the times from which the next probe of what stops the call is counted. r.mu must
// be held.
func (r *refusals) setProbed(c *call, last, newIDAt time.Time) {
	refused, stopped := r.refused[c.target()], r.routeStopped(c)
	if refused != nil && refused.count >= refusedAfter {
		refused.last = last
	}
	switch {
	case stopped && refused == nil:
		r.newIDAt = newIDAt
	case stopped:
		r.suspects[c.route()] = last
	}
}

// routeStopped reports whether the route is stopped as a whole. r.mu must be held.
func (r *refusals) routeStopped(c *call) bool {
	_, suspect := r.suspects[c.route()]
	return suspect && r.keySuspected()
}

// keySuspected reports whether the key itself may be bad. A tenant's key may lack several
// permissions, so a good answer protects it for some time. r.mu must be held.
func (r *refusals) keySuspected() bool {
	return len(r.suspects) >= suspectAfter && (r.inARow >= distrustAfter || time.Since(r.good) >= trustAfterGood)
}

// report records the result of a call. A result that says nothing about the permission lets the
// next call probe.
func (r *refusals) report(c *call, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case errors.Is(err, ErrForbidden):
		r.addRefusal(c)
	case err == nil, errors.Is(err, ErrNotFound), errors.Is(err, ErrRefused):
		delete(r.refused, c.target())
		clear(r.suspects)
		r.good, r.inARow, r.newIDAt, r.newIDGap = time.Now(), 0, time.Time{}, newIDInterval
	default:
		r.setProbed(c, time.Time{}, time.Time{})
	}
}

// addRefusal counts a refusal. r.mu must be held.
func (r *refusals) addRefusal(c *call) {
	now := time.Now()
	refused := r.refused[c.target()]
	if refused == nil {
		maps.DeleteFunc(r.refused, func(_ target, old *refusedTarget) bool { return now.Sub(old.last) > refusalKept })
		refused = &refusedTarget{}
		r.refused[c.target()] = refused
	}
	refused.count++
	refused.last = now
	r.suspects[c.route()] = now
	r.inARow++
}

func refusedBefore(c *call, wait time.Duration) error {
	return &Error{
		Call: c.String(), kind: ErrForbidden, Detail: "not sent because WispHub refused the last calls",
		cause: errNotSent, RetryAfter: max(wait, time.Second), failed: time.Now(),
	}
}
