package ratelimit

import (
	"context"
	"slices"
	"time"
)

// Reservation holds calls back for a shared reading: look-ups, other reads and background calls
// leave them. It counts while the reading has [PriorityShared]. It is safe for concurrent use.
type Reservation struct {
	limiter  *Limiter
	priority func() Priority
	calls    int // not sent yet; guarded by limiter.mu
}

type reservationKey struct{}

// Reserve returns a reservation of no calls, and a context whose shared calls use it up. Release it
// when the reading ends.
func (l *Limiter) Reserve(ctx context.Context) (context.Context, *Reservation) {
	r := &Reservation{limiter: l, priority: PriorityFrom(ctx)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reservations = append(l.reservations, r)
	return context.WithValue(ctx, reservationKey{}, r), r
}

func reservationFrom(ctx context.Context) *Reservation {
	r, _ := ctx.Value(reservationKey{}).(*Reservation)
	return r
}

// Announce is Set, but reserves nothing if the hour has no room for all these calls, or the minutes
// do not let them go before the deadline of ctx: part of a list is worth nothing, and takes what
// look-ups could use. The error says when they could go.
func (r *Reservation) Announce(ctx context.Context, calls int) *Error {
	if calls < 1 {
		return nil
	}
	wait, fits := r.limiter.forecast(ctx, calls)
	if fits {
		r.Set(calls)
		return nil
	}
	r.Set(0)
	r.limiter.mu.Lock()
	defer r.limiter.mu.Unlock()
	return &Error{RetryAfter: wait, Paused: r.limiter.pausedUntil.After(time.Now())}
}

// Set says how many more calls the reading needs. Each one that is sent takes one off.
func (r *Reservation) Set(calls int) {
	r.limiter.mu.Lock()
	defer r.limiter.mu.Unlock()
	r.calls = max(calls, 0)
	r.limiter.dispatch()
}

// Left returns how many of the calls were not sent yet.
func (r *Reservation) Left() int {
	r.limiter.mu.Lock()
	defer r.limiter.mu.Unlock()
	return r.calls
}

// Release ends the reservation.
func (r *Reservation) Release() {
	r.limiter.mu.Lock()
	defer r.limiter.mu.Unlock()
	r.calls = 0
	r.limiter.reservations = slices.DeleteFunc(r.limiter.reservations, func(other *Reservation) bool { return other == r })
	r.limiter.dispatch()
}

// take takes one call off, if there is one. l.mu must be held.
func (r *Reservation) take() (taken bool) {
	if r == nil || r.calls == 0 {
		return false
	}
	r.calls--
	return true
}

// counts reports whether the reservation holds calls back now. l.mu must be held.
func (r *Reservation) counts() bool {
	return r != nil && r.calls > 0 && r.priority() >= PriorityShared
}

// heldBack returns how many calls of a window are not for this priority: those that are reserved,
// as far as shared readings may send them within their share. l.mu must be held.
func (l *Limiter) heldBack(priority Priority, window limitedWindow, now time.Time) int {
	if priority >= PriorityShared || len(l.reservations) == 0 {
		return 0
	}
	reserved := 0
	for _, r := range l.reservations {
		if r.counts() {
			reserved += r.calls
		}
	}
	if reserved == 0 {
		return 0
	}
	room := share(window.limit, sharedTenths)
	for _, call := range l.sent.within(window.length, now) {
		if call.ID != "" && call.ID[:1] == sharedClass {
			room--
		}
	}
	return min(reserved, max(room, 0))
}
