package wisphub

import (
	"errors"
	"slices"
	"time"
)

// What is believed of a Retry-After: an hour of silence because of one odd header would be worse than one call that is
// refused again. Without the header the pause is restBare.
const (
	minRest  = time.Second
	maxRest  = 5 * time.Minute
	restBare = 15 * time.Second
)

// obey lets no call go for as long as the upstream asks for.
func (b *budget) obey(err error) {
	e := (*Error)(nil)
	if !errors.As(err, &e) || e.StatusCode == 0 {
		return
	}
	rest := min(max(e.RetryAfter, minRest), maxRest)
	switch {
	case e.kind == ErrRateLimited && e.RetryAfter == 0:
		rest = restBare
	case e.kind != ErrRateLimited && e.RetryAfter == 0:
		return
	}
	b.rest(rest)
	b.book.rest(rest)
}

func (b *budget) rest(pause time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if till := time.Now().Add(pause); till.After(b.closedTill) {
		b.closedTill = till
	}
}

// Usage is how many calls were sent lately, by all replicas, beside what WispHub allows.
type Usage struct{ LastMinute, LastHour, MinuteLimit, HourLimit int }

func (b *budget) usage() Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	usage, now := b.limits, time.Now()
	usage.LastMinute = len(b.sent.within(time.Minute, now))
	usage.LastHour = len(b.sent.within(time.Hour, now))
	return usage
}

// spent returns the calls that windows still hold.
func (b *budget) spent() []Call {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent.forget(time.Now())
	return slices.Clone(b.sent)
}

// remember enters calls that somebody else sent. One of the future, by a clock that was put back since, counts as of now.
func (b *budget) remember(sent []Call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for _, call := range sent {
		if call.At.After(now) {
			call.At = now
		}
		b.sent.add(Call{ID: call.ID, At: call.At})
	}
	b.dispatch()
}

// close stops the timer. Who still waits does so until its context ends.
func (b *budget) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
	}
}
