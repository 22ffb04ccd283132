package wisphub

import (
	"slices"
	"time"
)

// transit is how much later a call may arrive than it was sent.
const transit = time.Second

// The two windows in which calls are counted, for [Book] too. Each is a second longer than WispHub's: a call that was sent
// just before a window may arrive just within it.
const (
	MinuteWindow = time.Minute + transit
	HourWindow   = time.Hour + transit
)

// Call is a call that was sent, by this replica or another.
type Call struct {
	// ID is unique among all replicas.
	ID string    `json:"id"`
	At time.Time `json:"at"`

	// alone tells which time without the book the call was sent in by this replica; 0 for none, and for calls of others.
	alone int
}

// calls are those of the last hour, oldest first.
type calls []Call

// add puts a call in its place, unless its id is known.
func (c *calls) add(call Call) {
	if c.index(call.ID) >= 0 {
		return
	}
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

// index looks from the end, where the call is that was sent last.
func (c *calls) index(id string) int {
	for at := len(*c) - 1; at >= 0; at-- {
		if (*c)[at].ID == id {
			return at
		}
	}
	return -1
}

// forget drops what no window holds any more.
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

// weigher says for how many calls a call counts.
type weigher func(Call) int

// freeAt returns when a window has room for so much more weight under its limit; now when it has already. What is still to be
// sent is not foreseen, so that the time is the earliest possible.
func (c *calls) freeAt(window time.Duration, limit, more int, weigh weigher, now time.Time) time.Time {
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
