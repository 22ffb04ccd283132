package ratelimit

import (
	"context"
	"sync"
	"time"
)

// Log is the usage log in which replicas record their calls, so that together they stay within
// the limits. It has its own clock: calls are passed with their age. It is safe for concurrent
// use, and each method returns within a bounded time.
type Log interface {
	// Enter records a call that is sent now. It records nothing, and returns a wait above 0, if
	// the last minute or hour would then hold more calls than the limits. Once the log was lost
	// it may have forgotten calls: Enter fails until Merge has succeeded.
	Enter(ctx context.Context, id string, minute, hour int) (wait time.Duration, err error)
	// Leave removes a call that was not sent.
	Leave(ctx context.Context, id string) error
	// Merge adds the calls that the log lacks, and returns all its calls. Both maps hold ages by
	// id.
	Merge(ctx context.Context, calls map[string]time.Duration) (map[string]time.Duration, error)
	// Pause makes Enter refuse all calls for the given time.
	Pause(ctx context.Context, wait time.Duration) error
	// Resume ends a pause.
	Resume(ctx context.Context) error
	// Subscribe calls entered with the id of each call that another replica records, until stop is
	// called.
	Subscribe(entered func(id string)) (stop func())
	// Replicas returns how many replicas share the log, or did when it was last reachable; at
	// least 1.
	Replicas() int
}

const (
	// reconnectInterval is the time between two attempts to reach a lost log.
	reconnectInterval = time.Second
	// mergeInterval is the time between two comparisons with a reachable log. A message that was
	// missed is found then.
	mergeInterval = 30 * time.Second
	// rejoinDelay is how long a replica keeps to its fair share after the log is back, so that
	// the other replicas can add their calls first.
	rejoinDelay = 5 * time.Second
)

// sharedLog is the log as this replica uses it. While the log is lost, each replica keeps to its
// fair share: every call it sends counts once for each replica, because the others may send one
// too. A nil sharedLog belongs to a process without replicas.
type sharedLog struct {
	Log
	lost chan struct{} // has room for one

	mu       sync.Mutex // guards what follows
	joined   bool       // the log has our calls
	isolated bool       // keep to the fair share
	outages  int        // how often isolated became true
	shares   int        // the most replicas seen in this outage
}

func newSharedLog(log Log) *sharedLog {
	return &sharedLog{
		Log: log, lost: make(chan struct{}, 1), isolated: true, outages: 1, shares: log.Replicas(),
	}
}

// enter records a call whose turn has come. A wait above 0 means that it may not be sent yet.
func (s *sharedLog) enter(ctx context.Context, l *Limiter, p *Permit) time.Duration {
	if s == nil || !s.isJoined() {
		return 0
	}
	minute, hour := l.enterLimits(p.priority)
	wait, err := s.Enter(ctx, p.id, minute, hour)
	if err == nil {
		return wait
	}
	if ctx.Err() == nil {
		s.markLost()
	}
	return time.Nanosecond // queue again: the fair share applies now, or ctx has ended
}

// remove takes a call out of the log. An error is ignored: the call then counts as one that was
// sent.
func (s *sharedLog) remove(p *Permit) {
	if s != nil && s.isJoined() {
		_ = s.Leave(context.Background(), p.id)
	}
}

// pause tells the other replicas of a pause. An error is ignored: the upstream will tell them,
// too.
func (s *sharedLog) pause(wait time.Duration) {
	if s != nil && s.isJoined() {
		_ = s.Pause(context.Background(), wait)
	}
}

// resume ends a pause of all replicas. After an error, they wait for its end.
func (s *sharedLog) resume() {
	if s != nil && s.isJoined() {
		_ = s.Resume(context.Background())
	}
}

// weights returns the weight of each earlier call, and of one that is sent now.
func (s *sharedLog) weights() (weigh weigher, weight int) {
	outage := s.currentOutage()
	if outage == 0 {
		return func(Call) int { return 1 }, 1
	}
	weight = s.shareCount()
	return func(call Call) int {
		if call.outage == outage {
			return weight
		}
		return 1
	}, weight
}

// shareCount returns by how many the budget is divided. It does not fall during an outage: the
// first replica to reach a restarted store sees no other there.
func (s *sharedLog) shareCount() int {
	replicas := s.Replicas()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shares = max(s.shares, replicas)
	return s.shares
}

// currentOutage returns the number of the outage, from 1; 0 while the log is reachable.
func (s *sharedLog) currentOutage() int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isolated {
		return 0
	}
	return s.outages
}

func (s *sharedLog) isJoined() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.joined
}

func (s *sharedLog) markLost() {
	s.mu.Lock()
	s.joined = false
	if !s.isolated {
		s.isolated, s.shares = true, 0
		s.outages++
	}
	s.mu.Unlock()
	select {
	case s.lost <- struct{}{}:
	default:
	}
}

// follow keeps the limiter and the log in sync until ctx ends.
func (s *sharedLog) follow(ctx context.Context, l *Limiter) {
	stop := s.Subscribe(func(id string) { l.Restore([]Call{{ID: id, At: time.Now()}}) })
	defer stop()
	for ctx.Err() == nil {
		if !s.merge(ctx, l) {
			wait(ctx, reconnectInterval, nil)
			continue
		}
		if lost := wait(ctx, rejoinDelay, s.lost); lost || !s.merge(ctx, l) {
			continue
		}
		s.rejoin()
		wait(ctx, mergeInterval, s.lost)
	}
}

// merge exchanges calls with the log and reports whether it succeeded.
func (s *sharedLog) merge(ctx context.Context, l *Limiter) bool {
	ages := map[string]time.Duration{}
	for _, call := range l.Spent() {
		ages[call.ID] = max(time.Since(call.At), 0)
	}
	known, err := s.Merge(ctx, ages)
	if err != nil {
		s.markLost()
		return false
	}
	now := time.Now()
	others := make([]Call, 0, len(known))
	for id, age := range known {
		others = append(others, Call{ID: id, At: now.Add(-age)})
	}
	l.Restore(others)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joined = true
	return true
}

// rejoin ends the fair share, unless the log was lost again.
func (s *sharedLog) rejoin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isolated = s.isolated && !s.joined
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
