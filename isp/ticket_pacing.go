package isp

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/wisphub"
)

// ticketPacing spaces the readings of tickets, so that they use at most their share of the calls of
// any hour. It divides the share among three groups: the newest window, the active tickets of the
// older windows, and the older windows. A group that needs less than a third leaves the rest to the
// others. It is safe for concurrent use.
type ticketPacing struct {
	ttl    time.Duration                    // of the newest window and of the active tickets
	costs  func() (newest int, older []int) // the pages of the windows
	states int                              // the active ones

	mu    sync.Mutex
	parts map[ticketPart]*refreshPacing // guarded by mu
}

func newTicketPacing(ttl time.Duration, states int, costs func() (newest int, older []int)) *ticketPacing {
	return &ticketPacing{ttl: ttl, costs: costs, states: states, parts: map[ticketPart]*refreshPacing{}}
}

// readsWhole reports whether the older windows have fewer pages than their active tickets. The
// windows are then read whole when the active tickets are due.
func (p *ticketPacing) readsWhole() bool {
	_, older := p.costs()
	return sum(older) <= len(older)*p.states
}

// of returns the pacing of a part, given the hourly limit of calls.
func (p *ticketPacing) of(part ticketPart, hourLimit int) *refreshPacing {
	newest, windows := p.costs()
	older, active := sum(windows), len(windows)*p.states
	whole := older <= active
	total := ticketsShare * float64(hourLimit)
	needs := []float64{perHour(newest, p.ttl), perHour(active, p.ttl), perHour(older, olderTicketsTTL)}
	if whole {
		active = older
		needs[1], needs[2] = perHour(active, p.ttl), 0 // read with the active tickets
	}
	shares := fairShares(total, needs...)
	share := shares[0]
	ttl := longEnough(p.ttl, newest, shares[0])
	switch {
	case part.active && active == 0: // there is only one window
		share = total
	case part.active:
		ttl, share = longEnough(p.ttl, active, shares[1]), shares[1]
	case part.window > 0 && whole: // late enough for the active tickets to come first
		ttl, share = olderTicketsTTL+2*even(active, shares[1]), total
	case part.window > 0:
		cost := windows[part.window-1]
		share = shares[2] * float64(cost) / float64(older)
		ttl = longEnough(olderTicketsTTL, cost, share)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	pacing := p.parts[part]
	if pacing == nil {
		pacing = &refreshPacing{}
		p.parts[part] = pacing
	}
	pacing.set(min(ttl, maxWindowAge/2), share/float64(hourLimit))
	return pacing
}

// longEnough returns the interval at which readings of that cost keep to a share of the hour. It is
// at least ttl.
func longEnough(ttl time.Duration, calls int, share float64) time.Duration {
	if share >= float64(calls) { // refreshPacing rounds such intervals
		return ttl
	}
	return max(ttl, even(calls, share))
}

// even returns the interval of readings that spread evenly over an hour.
func even(calls int, share float64) time.Duration {
	return time.Duration(float64(calls) / share * float64(time.Hour))
}

func sum(numbers []int) (total int) {
	for _, number := range numbers {
		total += number
	}
	return total
}

// pages returns the pages of the newest window and of each older one, 1 for a window that is not in
// memory.
func (t *Tickets) pages() (newest int, older []int) {
	pages := make([]int, t.windows())
	for window := range pages {
		pages[window] = 1
		part := ticketPart{window: window}
		if entry, known := t.cacheOf(part).Peek(part); known {
			pages[window] += len(entry.Value.tickets) / (wisphub.MaxLimit - 1)
		}
	}
	return pages[0], pages[1:]
}

// perHour returns the calls an hour of readings that often.
func perHour(calls int, ttl time.Duration) float64 {
	return float64(calls) * float64(time.Hour) / float64(ttl)
}

// fairShares divides a total among those who need so much. Those who need less than an equal share
// get what they need, and the others divide the rest.
func fairShares(total float64, needs ...float64) []float64 {
	shares := make([]float64, len(needs))
	for i, need := range slices.Sorted(slices.Values(needs)) {
		share := min(need, total/float64(len(needs)-i))
		total -= share
		for j := range needs {
			if needs[j] == need {
				shares[j] = share
			}
		}
	}
	return shares
}

type chargedKey struct{}

// charge returns a context whose readings of tickets count as calls of another reading, which needs
// them.
func charge(ctx context.Context, calls *atomic.Int64) context.Context {
	return context.WithValue(ctx, chargedKey{}, calls)
}

// chargedTo returns the calls of the reading that needs this one, nil for none.
func chargedTo(ctx context.Context) *atomic.Int64 {
	calls, _ := ctx.Value(chargedKey{}).(*atomic.Int64)
	return calls
}
