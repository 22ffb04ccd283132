package auth

import (
	"sync"
	"time"
)

// The outcomes of refused requests. Callers can cause any number of them, so [Audit.Record] limits
// their lines.
const (
	// OutcomeForbidden means that the caller lacks the scope.
	OutcomeForbidden    = "forbidden"
	outcomeBadToken     = "bad token"
	outcomeExpiredToken = "expired token"
	outcomeRevokedToken = "revoked token"
)

// refusalPeriods says how long the refusals of one source are counted before the next line. A
// dashboard that stays open overnight sends its expired token all night.
var refusalPeriods = map[string]time.Duration{
	OutcomeForbidden:    time.Minute,
	outcomeBadToken:     time.Minute,
	outcomeExpiredToken: time.Hour,
	outcomeRevokedToken: time.Minute,
}

// maxRefusalSources limits the sources of an outcome that are counted apart. The others share one source
// for each action and user. There are as many limits as outcomes, so that a flood of bad tokens hides
// no forbidden write.
const maxRefusalSources = 10_000

// otherSources is the address in the lines of sources that are not counted apart.
const otherSources = "other"

// refusalSource is what shares the lines of one period.
type refusalSource struct{ action, outcome, user, network string }

// refusals counts the refused requests of each source. It is safe for concurrent use.
type refusals struct {
	report func(source refusalSource, further int)

	mu       sync.Mutex
	bySource map[refusalSource]*furtherRefusals // guarded by mu
	sources  map[string]int                     // of each outcome, guarded by mu
	closed   bool                               // guarded by mu

	reporting sync.WaitGroup // calls of endPeriod that report
}

// furtherRefusals are those of a source since its last line.
type furtherRefusals struct {
	count int
	timer *time.Timer
}

// newRefusals returns an empty count. It calls report at the end of each period that had further
// refusals.
func newRefusals(report func(source refusalSource, further int)) *refusals {
	return &refusals{report: report, bySource: map[refusalSource]*furtherRefusals{}, sources: map[string]int{}}
}

// add counts a refusal. It returns the source that it counts for, and whether it is the first one
// of a period, which has a line of its own. After Close every refusal is the first.
func (r *refusals) add(source refusalSource) (counted refusalSource, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return source, true
	}
	if r.bySource[source] == nil && r.sources[source.outcome] >= maxRefusalSources {
		source.network = otherSources
	}
	if further := r.bySource[source]; further != nil {
		further.count++
		return source, false
	}
	r.sources[source.outcome]++
	r.bySource[source] = &furtherRefusals{
		timer: time.AfterFunc(refusalPeriods[source.outcome], func() { r.endPeriod(source) }),
	}
	return source, true
}

// endPeriod reports the further refusals of a source. Without any, it forgets the source.
func (r *refusals) endPeriod(source refusalSource) {
	r.mu.Lock()
	further := r.bySource[source]
	if further == nil { // closed
		r.mu.Unlock()
		return
	}
	count := further.count
	if count == 0 {
		delete(r.bySource, source)
		r.sources[source.outcome]--
	} else {
		further.count = 0
		further.timer.Reset(refusalPeriods[source.outcome])
		r.reporting.Add(1)
		defer r.reporting.Done()
	}
	r.mu.Unlock()
	if count > 0 {
		r.report(source, count)
	}
}

// Close stops all timers and reports what they would have reported later. After it returns, there
// are no reports.
func (r *refusals) Close() {
	r.mu.Lock()
	r.closed = true
	left := r.bySource
	r.bySource = nil
	for _, further := range left {
		further.timer.Stop()
	}
	r.mu.Unlock()
	for source, further := range left {
		if further.count > 0 {
			r.report(source, further.count)
		}
	}
	r.reporting.Wait()
}
