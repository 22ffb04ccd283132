package isp

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// errPaced: the readings of the last hour have cost all that they may.
var errPaced = errors.New("its readings have cost half of the hour's calls, it is read again later")

// pace spaces the readings of a list, so that they take at most half of the calls of any hour.
type pace struct {
	ttl      time.Duration // between two readings at the least
	mu       sync.Mutex
	readings []reading // of the last hour, in their order, those that failed too; guarded by mu
}

type reading struct {
	began time.Time
	calls int
}

// note remembers what a reading cost.
func (p *pace) note(began time.Time, calls int) { p.hear(reading{began, calls}) }

// hear remembers readings, also those of other processes, as far as they are not known.
func (p *pace) hear(readings ...reading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range readings {
		if !slices.ContainsFunc(p.readings, func(known reading) bool { return known.began.Equal(r.began) }) {
			p.readings = append(p.readings, r)
		}
	}
	slices.SortStableFunc(p.readings, func(a, b reading) int { return a.began.Compare(b.began) })
	if n := len(p.readings); n > 0 {
		last := p.readings[n-1].began
		p.readings = slices.DeleteFunc(p.readings, func(r reading) bool { return last.Sub(r.began) >= time.Hour })
	}
}

// all returns the readings that are remembered.
func (p *pace) all() []reading {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.readings)
}

// lasts returns how long what the last reading brought counts as fresh, of so many calls an hour: its time to live, and longer
// where as many readings as fit into half of an hour's calls are further apart. A second more keeps them out of one hour.
func (p *pace) lasts(hour int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, half := p.readings[len(p.readings)-1], max(hour/2, 1)
	every := p.ttl
	if fit := half / max(last.calls, 1); fit == 0 {
		every = max(every, time.Hour*time.Duration(last.calls)/time.Duration(half))
	} else if even := time.Hour / time.Duration(fit); even > every {
		every = even + time.Second
	}
	for p.spent(last.began.Add(every))+last.calls > half && every < time.Hour {
		every += time.Minute
	}
	return every
}

// exhausted reports whether another reading like the last one would take more than half of an hour's calls.
func (p *pace) exhausted(now time.Time, hour int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.readings) == 0 {
		return false
	}
	return p.spent(now)+p.readings[len(p.readings)-1].calls > max(hour/2, 1) && p.spent(now) > 0
}

// spent returns what the readings of the hour before at have cost. p.mu must be held.
func (p *pace) spent(at time.Time) (calls int) {
	for _, r := range p.readings {
		if at.Sub(r.began) < time.Hour {
			calls += r.calls
		}
	}
	return calls
}
