package isp

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// errCrawlPaced means that another crawl now would exceed its share of the hour's calls.
var errCrawlPaced = errors.New("crawls of the list have used their share of the hourly calls; retrying later")

// The shares of the hourly calls.
const (
	directoryShare = 1.0 / 2
	ticketsShare   = 1.0 / 4
)

// refreshPacing spaces the crawls of a list, so that they use at most a share of the calls of any
// hour. It is safe for concurrent use.
type refreshPacing struct {
	mu    sync.Mutex    // guards what follows
	ttl   time.Duration // the shortest interval between two crawls
	share float64       // of the hourly calls

	crawls []crawlCost // of the last hour, oldest first, including failed ones
}

// crawlCost is when a crawl began and how many calls it made.
type crawlCost struct {
	began time.Time
	calls int
}

// record adds a crawl of this process.
func (p *refreshPacing) record(began time.Time, calls int) { p.merge(crawlCost{began, calls}) }

// merge adds crawls, including those of other processes. It skips known ones, and those of the future:
// the wall clock was set back since, and they would count for hours.
func (p *refreshPacing) merge(crawls ...crawlCost) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, crawl := range crawls {
		if !slices.ContainsFunc(p.crawls, func(known crawlCost) bool { return known.began.Equal(crawl.began) }) {
			p.crawls = append(p.crawls, crawl)
		}
	}
	p.crawls = slices.DeleteFunc(p.crawls, func(crawl crawlCost) bool { return time.Until(crawl.began) > maxSkew })
	slices.SortStableFunc(p.crawls, func(a, b crawlCost) int { return a.began.Compare(b.began) })
	if n := len(p.crawls); n > 0 {
		last := p.crawls[n-1].began
		p.crawls = slices.DeleteFunc(p.crawls, func(old crawlCost) bool { return last.Sub(old.began) >= time.Hour })
	}
}

// history returns the crawls of the last hour.
func (p *refreshPacing) history() []crawlCost {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.crawls)
}

// set changes the shortest interval and the share.
func (p *refreshPacing) set(ttl time.Duration, share float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ttl, p.share = ttl, share
}

// interval returns how long the last crawl's result is fresh, given the hourly limit of calls.
// It is the TTL, or longer if crawls that often would exceed the share. An extra second keeps one
// crawl too many out of the hour.
func (p *refreshPacing) interval(hourLimit int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	interval, most := p.ttl, p.most(hourLimit)
	if len(p.crawls) == 0 {
		return interval
	}
	last := p.crawls[len(p.crawls)-1]
	if fit := most / max(last.calls, 1); fit == 0 {
		interval = max(interval, time.Hour*time.Duration(last.calls)/time.Duration(most))
	} else if even := time.Hour / time.Duration(fit); even > interval {
		interval = even + time.Second
	}
	for p.callsInHour(last.began.Add(interval))+last.calls > most && interval < time.Hour {
		interval += time.Minute
	}
	return interval
}

// most returns how many calls crawls may make in an hour: their share, but at least one. The
// caller must hold p.mu.
func (p *refreshPacing) most(hourLimit int) int {
	const rounding = 1e-6 // a third of 12 calls is 4
	return max(int(p.share*float64(hourLimit)+rounding), 1)
}

// exhausted reports whether another crawl like the last one would exceed the share of the hourly
// limit.
func (p *refreshPacing) exhausted(now time.Time, hourLimit int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.crawls) == 0 {
		return false
	}
	return p.callsInHour(now)+p.crawls[len(p.crawls)-1].calls > p.most(hourLimit) && p.callsInHour(now) > 0
}

// wait returns how long until exhausted is false, 0 if it is false now.
func (p *refreshPacing) wait(now time.Time, hourLimit int) time.Duration {
	if !p.exhausted(now, hourLimit) {
		return 0
	}
	for _, crawl := range p.history() {
		if end := crawl.began.Add(time.Hour); end.After(now) && !p.exhausted(end, hourLimit) {
			return end.Sub(now)
		}
	}
	return time.Hour
}

// callsInHour returns the calls of crawls in the hour before at. The caller must hold p.mu.
func (p *refreshPacing) callsInHour(at time.Time) (calls int) {
	for _, crawl := range p.crawls {
		if at.Sub(crawl.began) < time.Hour {
			calls += crawl.calls
		}
	}
	return calls
}
