package ratelimit

import (
	"slices"
	"time"
)

// transit is how much later than sent a call may arrive.
const transit = time.Second

// The two windows in which calls are counted, by a [Log] too. Each is a second longer than the
// upstream's: a call sent just before a window may arrive just within it.
const (
	MinuteWindow = time.Minute + transit
	HourWindow   = time.Hour + transit
)

// Call is a call that was sent, by this replica or another.
type Call struct {
	// ID is unique among all replicas.
	ID string    `json:"id"`
	At time.Time `json:"at"`

	user   string // the tag in the ID
	own    bool   // granted by this process
	alone  bool   // granted without the shared log
	number int64  // of an own call in the shared log; 0 while the log lacks it
}

// calls are the calls of the last hour, oldest first.
type calls []Call

// add inserts a call by its time, unless its id is known.
func (c *calls) add(call Call) {
	if c.index(call.ID) >= 0 {
		return
	}
	call.user = tagIn(call.ID)
	at := len(*c)
	for at > 0 && (*c)[at-1].At.After(call.At) {
		at--
	}
	*c = slices.Insert(*c, at, call)
}

func (c *calls) remove(id string) {
	if at := c.index(id); at >= 0 {
		*c = slices.Delete(*c, at, at+1)
	}
}

// index searches from the end: the call that is sought is nearly always the last.
func (c *calls) index(id string) int {
	for at := len(*c) - 1; at >= 0; at-- {
		if (*c)[at].ID == id {
			return at
		}
	}
	return -1
}

// forget drops the calls that no window holds any more.
func (c *calls) forget(now time.Time) {
	*c = slices.Delete(*c, 0, len(*c)-len(c.within(HourWindow, now)))
}

// within returns the calls of a window that ends now.
func (c *calls) within(window time.Duration, now time.Time) calls {
	begin := now.Add(-window)
	first, _ := slices.BinarySearchFunc(*c, begin, func(call Call, begin time.Time) int {
		if call.At.After(begin) {
			return 1
		}
		return -1
	})
	return (*c)[first:]
}

// weigher returns how many calls a call counts for.
type weigher func(Call) int

// freeAt returns the earliest time at which the last of so many more calls is within the limit.
// That is now if the window has room already. Each call goes when the one a limit before it leaves
// the window. Calls that are sent in the meantime are not foreseen.
func (c *calls) freeAt(window time.Duration, limit, more int, weigh weigher, now time.Time) time.Time {
	if rounds := (more - 1) / limit; rounds > 0 {
		return c.freeAt(window, limit, more-rounds*limit, weigh, now).Add(time.Duration(rounds) * window)
	}
	inside := c.within(window, now)
	excess := more - limit
	for _, call := range inside {
		excess += weigh(call)
	}
	if excess <= 0 {
		return now
	}
	for _, call := range inside {
		if excess -= weigh(call); excess <= 0 {
			return call.At.Add(window)
		}
	}
	return now.Add(window)
}
