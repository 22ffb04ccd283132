package auth

import (
	"math"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// failureWindow is how long after the last failure a counter is reset. It is also the longest
	// delay.
	failureWindow = 15 * time.Minute
	firstDelay    = time.Second
	maxDoublings  = 10 // 1024 seconds, which exceeds failureWindow
)

// backoff counts failures per key. After some free failures, each further one doubles the delay.
// It is not safe for concurrent use.
type backoff struct {
	freeFailures int // failures without a delay
	// counters are ordered by their last failure, because only add moves a key.
	counters *simplelru.LRU[hashedName, failures]
}

type failures struct {
	count int
	last  time.Time
}

// newBackoff returns a backoff with at most maxKeys counters. At the limit, the counter with the
// oldest last failure is evicted.
func newBackoff(freeFailures, maxKeys int) *backoff {
	counters, err := simplelru.NewLRU[hashedName, failures](maxKeys, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &backoff{freeFailures: freeFailures, counters: counters}
}

// unlimitedKeys is for keys whose number is limited elsewhere.
const unlimitedKeys = math.MaxInt

// wait returns how long the key has to wait before its next attempt, or zero.
func (b *backoff) wait(key hashedName, now time.Time) time.Duration {
	f, ok := b.counters.Peek(key)
	if !ok {
		return 0
	}
	return max(0, f.last.Add(f.delay(b.freeFailures)).Sub(now))
}

func (f failures) delay(free int) time.Duration {
	if f.count < free {
		return 0
	}
	return min(firstDelay<<min(f.count-free, maxDoublings), failureWindow)
}

// add counts a failure.
func (b *backoff) add(key hashedName, now time.Time) {
	b.dropExpired(now)
	f, _ := b.counters.Peek(key)
	b.counters.Add(key, failures{count: f.count + 1, last: now})
}

// reset drops the failures of a key.
func (b *backoff) reset(key hashedName) { b.counters.Remove(key) }

// dropExpired drops the counters of keys that have not failed within the window.
func (b *backoff) dropExpired(now time.Time) {
	for {
		_, oldest, ok := b.counters.GetOldest()
		if !ok || now.Sub(oldest.last) < failureWindow {
			return
		}
		b.counters.RemoveOldest()
	}
}
