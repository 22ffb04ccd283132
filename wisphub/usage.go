package wisphub

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// usage remembers when calls were sent, for one hour, and whether the last ones failed.
type usage struct {
	mu   sync.Mutex
	sent []time.Time // guarded by mu; oldest first
	// failures in a row: no connection, no answer, 5xx, nonsense; guarded by mu
	failures int
}

// unhealthyAfter is how many failures in a row make the upstream count as down: one call in eight fails on a good day.
const unhealthyAfter = 3

// add notes that a call is sent now. It reads the clock itself, under u.mu: otherwise u.sent would lose its order.
func (u *usage) add() {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	u.forget(now)
	u.sent = append(u.sent, now)
}

// counts returns how many calls were sent in the last minute and in the last hour.
func (u *usage) counts() (minute, hour int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	u.forget(now)
	return len(u.sent) - u.firstAfter(now.Add(-time.Minute)), len(u.sent)
}

// answered notes how a call ended. A refusal is an answer; a caller that went away says nothing.
func (u *usage) answered(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case errors.Is(err, context.Canceled):
	case errors.Is(err, ErrTimeout), errors.Is(err, ErrUnavailable), errors.Is(err, ErrInvalidResponse):
		u.failures++
	default:
		u.failures = 0
	}
}

func (u *usage) healthy() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.failures < unhealthyAfter
}

// forget drops what is an hour old. u.mu must be held.
func (u *usage) forget(now time.Time) {
	u.sent = slices.Delete(u.sent, 0, u.firstAfter(now.Add(-time.Hour)))
}

// firstAfter returns the index of the first call after t. u.mu must be held.
func (u *usage) firstAfter(t time.Time) int {
	i, _ := slices.BinarySearchFunc(u.sent, t, func(sent, t time.Time) int {
		if sent.After(t) {
			return 1
		}
		return -1
	})
	return i
}
