package isp

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// errCrawlPaced: the readings of the last hour have cost all that they may.
var errCrawlPaced = errors.New("its readings have cost half of the hour's calls, it is read again later")

// refreshPacing spaces the readings of a list, so that they take at most half of the calls of any hour.
type refreshPacing struct {
	ttl    time.Duration // between two readings at the least
	mu     sync.Mutex
	crawls []crawlCost // priceOf the last hour, in their order, those that failed too; guarded by mu
}

type crawlCost struct {
	began time.Time
	calls int
}

// record remembers what a reading cost.
func (p *refreshPacing) record(began time.Time, calls int) { p.merge(crawlCost{began, calls}) }

// merge remembers readings, also those of other processes, as far as they are not known.
func (p *refreshPacing) merge(readings ...crawlCost) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range readings {
		if !slices.ContainsFunc(p.crawls, func(known crawlCost) bool { return known.began.Equal(r.began) }) {
			p.crawls = append(p.crawls, r)
		}
	}
	slices.SortStableFunc(p.crawls, func(a, b crawlCost) int { return a.began.Compare(b.began) })
	if n := len(p.crawls); n > 0 {
		last := p.crawls[n-1].began
		p.crawls = slices.DeleteFunc(p.crawls, func(r crawlCost) bool { return last.Sub(r.began) >= time.Hour })
	}
}

// history returns the readings that are remembered.
func (p *refreshPacing) history() []crawlCost {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.crawls)
}

// interval returns how long what the last reading brought counts as fresh, of so many calls an hour: its time to live, and longer
// where as many readings as fit into half of an hour's calls are further apart. A second more keeps them out of one hour.
func (p *refreshPacing) interval(hour int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, half := p.crawls[len(p.crawls)-1], max(hour/2, 1)
	every := p.ttl
	if fit := half / max(last.calls, 1); fit == 0 {
		every = max(every, time.Hour*time.Duration(last.calls)/time.Duration(half))
	} else if even := time.Hour / time.Duration(fit); even > every {
		every = even + time.Second
	}
	for p.callsInHour(last.began.Add(every))+last.calls > half && every < time.Hour {
		every += time.Minute
	}
	return every
}

// exhausted reports whether another reading like the last one would take more than half of an hour's calls.
func (p *refreshPacing) exhausted(now time.Time, hour int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.crawls) == 0 {
		return false
	}
	return p.callsInHour(now)+p.crawls[len(p.crawls)-1].calls > max(hour/2, 1) && p.callsInHour(now) > 0
}

// callsInHour returns what the readings of the hour before at have cost. p.mu must be held.
func (p *refreshPacing) callsInHour(at time.Time) (calls int) {
	for _, r := range p.crawls {
		if at.Sub(r.began) < time.Hour {
			calls += r.calls
		}
	}
	return calls
}
