package wisphub

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/wisphub/ratelimit"
)

const (
	// minRoutePause and maxRoutePause bound the time that an answer can ask for.
	minRoutePause = time.Second
	maxRoutePause = 5 * time.Minute
	// maxPauses bounds the memory that pauses can take.
	maxPauses = 1000
)

// pauses are the times that failures, such as 503, ask for. WispHub may ask because of one record or
// one user, who must not stop all others. So a pause is for that user and that record until others
// get the same answer. It is for all calls when two resources ask, and not the same user of both. One
// user alone, who sees a real outage, needs [manyResources].
type pauses struct {
	mu    sync.Mutex
	until map[pauseKey]time.Time // guarded by mu
}

type pauseKey struct{ resource, route, user, subject string }

// add records a pause. It reports whether all calls must pause.
func (p *pauses) add(c *call, wait time.Duration) (all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(p.until, func(_ pauseKey, until time.Time) bool { return !now.Before(until) })
	if p.until == nil {
		p.until = map[pauseKey]time.Time{}
	}
	key := pauseKey{c.resource(), c.route(), c.user, c.subject()}
	until := now.Add(min(max(wait, minRoutePause), maxRoutePause))
	if len(p.until) < maxPauses && until.After(p.until[key]) {
		p.until[key] = until
	}
	resources, others := map[string]bool{key.resource: true}, key.user == ""
	for other := range p.until {
		resources[other.resource] = true
		others = others || other.user != key.user
	}
	return len(resources) > 1 && others || len(resources) >= manyResources
}

// wait returns how long the call must wait.
func (p *pauses) wait(c *call) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var own, all time.Time
	users, subjects := map[string]bool{}, map[string]bool{}
	for key, until := range p.until {
		if key.route != c.route() || !time.Now().Before(until) {
			continue
		}
		users[key.user], subjects[key.subject] = true, true
		all = later(all, until)
		if key.user != "" && key.user == c.user || key.subject != "" && key.subject == c.subject() {
			own = later(own, until)
		}
	}
	if (users[""] || len(users) > 1) && (subjects[""] || len(subjects) > 1) {
		own = all
	}
	return max(time.Until(own), 0)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// clear ends all pauses.
func (p *pauses) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.until)
}

// awaitPause waits until the call's pause is over. It fails at once if ctx ends before.
func (a *API) awaitPause(ctx context.Context, c *call) error {
	wait := a.pauses.wait(c)
	if wait == 0 {
		return nil
	}
	if deadline, bounded := ctx.Deadline(); bounded && time.Now().Add(wait).After(deadline) {
		return c.budgetError(&ratelimit.Error{RetryAfter: wait, Paused: true})
	}
	if err := background.Sleep(ctx, wait); err != nil {
		return c.transportError(ctx, err)
	}
	return nil
}

// pauseIfAsked pauses all calls after a 429, which is about the key. After another failure that names
// a time it pauses what the failure concerns.
func (a *API) pauseIfAsked(c *call, err error) {
	e := (*Error)(nil)
	if !errors.As(err, &e) || e.StatusCode == 0 {
		return
	}
	if e.kind == ErrRateLimited || e.RetryAfter > 0 && a.pauses.add(c, e.RetryAfter) {
		a.limiter.Pause(e.RetryAfter)
	}
}
