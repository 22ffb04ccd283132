package ratelimit

import (
	"context"
	"time"
)

// follow keeps the limiter and the log in sync until ctx ends.
func (s *sharedLog) follow(ctx context.Context, l *Limiter) {
	stop := s.Subscribe(func(id string) {
		if id != "" {
			l.Restore([]Call{{ID: id, At: time.Now()}})
		}
		s.notify()
	})
	defer stop()
	defer s.quit()
	for ctx.Err() == nil {
		next := s.contact(ctx, l)
		if changed := wait(ctx, next, s.changed); changed {
			wait(ctx, confirmInterval, nil)
		}
	}
}

// contact exchanges calls with the log and returns the time until the next contact.
func (s *sharedLog) contact(ctx context.Context, l *Limiter) time.Duration {
	before := s.member()
	if !s.exchange(ctx, l) {
		s.markLost()
		if s.currentState() == logStarting {
			return confirmInterval
		}
		return reconnectInterval
	}
	// The log learns in the next contact what this one has changed. The others wait for that.
	after := s.member()
	s.mu.Lock()
	defer s.mu.Unlock()
	if after != before || after.Shares == 0 || s.pending || s.state != logJoined {
		return confirmInterval
	}
	return heartbeatInterval
}

// exchange makes one contact and reports whether it succeeded.
func (s *sharedLog) exchange(ctx context.Context, l *Limiter) bool {
	if s.isJoined() && time.Since(s.merged) < mergeInterval {
		view, err := s.Sync(ctx, s.member())
		if err == nil {
			l.apply(s, view, nil)
		}
		return err == nil
	}
	calls := l.reportable()
	view, err := s.Merge(ctx, s.member(), calls)
	if err != nil {
		return false
	}
	s.merged = time.Now()
	l.apply(s, view, calls)
	if left := l.pauseLeft(); left > 0 && view.Fresh {
		s.pause(left) // the log may have forgotten it
	}
	return true
}

// quit tells the log that this replica sends no more calls. An error is ignored: the log then
// reserves its share for a while.
func (s *sharedLog) quit() {
	joined := s.isJoined()
	s.mu.Lock()
	s.state = logClosed
	s.mu.Unlock()
	if joined {
		ctx, cancel := context.WithTimeout(context.Background(), quitTimeout)
		defer cancel()
		_ = s.Quit(ctx, s.member())
	}
}

// reportable returns the ages of all calls that the log has to have. A call that was granted with
// the log but has no number is about to be entered, or to be taken back.
func (l *Limiter) reportable() map[string]time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.sent.forget(now)
	ages := make(map[string]time.Duration, len(l.sent))
	for _, call := range l.sent {
		if !call.own || call.alone || call.number != 0 {
			ages[call.ID] = max(now.Sub(call.At), 0)
		}
	}
	return ages
}

// apply takes over what the log said after the given calls were reported to it, nil for none. The
// log is joined once it has all our calls: one may have been sent in the meantime.
func (l *Limiter) apply(s *sharedLog, view View, reported map[string]time.Duration) {
	now := time.Now()
	others := make([]Call, 0, len(view.Calls))
	for id, age := range view.Calls {
		others = append(others, Call{ID: id, At: now.Add(-age)})
	}
	l.Restore(others)
	l.mu.Lock()
	defer l.mu.Unlock()
	complete := l.number(view, reported)
	s.mu.Lock()
	s.known, s.others, s.pending, s.shares = view.Known, view.Others, view.Pending, view.Shares
	if reported != nil && complete && s.state != logClosed {
		s.state = logJoined
	}
	s.mu.Unlock()
	l.dispatch()
}

// number numbers our calls that were reported, and reports whether the log has all. l.mu must be
// held.
func (l *Limiter) number(view View, reported map[string]time.Duration) (complete bool) {
	complete = true
	for i := range l.sent {
		call := &l.sent[i]
		_, ok := reported[call.ID]
		switch {
		case !call.own:
		case ok && (view.Fresh || call.number == 0):
			call.number = view.Known
		case reported != nil && call.alone && call.number == 0:
			complete = false
		}
	}
	return complete
}

// setNumber sets the number of a call that the log has recorded.
func (l *Limiter) setNumber(id string, number int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.sent.index(id); at >= 0 {
		l.sent[at].number = number
	}
}

// pauseLeft returns the rest of the upstream's pause.
func (l *Limiter) pauseLeft() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.pausedUntil)
}

// wait waits for d, or until ctx ends. It reports whether early cut it short.
func wait(ctx context.Context, d time.Duration, early <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-early:
		return true
	}
	return false
}
