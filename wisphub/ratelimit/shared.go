package ratelimit

import (
	"context"
	"math"
	"sync"
	"time"
)

const (
	// reconnectInterval is the time between two attempts to reach a lost log.
	reconnectInterval = time.Second
	// mergeInterval is the time between two comparisons of all calls with a reachable log. The log
	// then learns of calls that were restored from disk.
	mergeInterval = 30 * time.Second
	// heartbeatInterval is the longest time between two contacts with a reachable log.
	heartbeatInterval = 2 * time.Second
	// confirmInterval is the time until the contact that confirms new calls.
	confirmInterval = 100 * time.Millisecond
	// startTimeout is how long a new replica tries to reach the log before it sends calls without.
	startTimeout = 2 * time.Second
	// quitTimeout bounds the farewell of a replica that is closed.
	quitTimeout = time.Second
)

// sharedLog is the log as this replica uses it. A nil sharedLog belongs to a process without
// replicas.
//
// A replica may lose the log at any time and still send its share of what is left. So each call
// has to weigh, over all replicas, as much as there are shares. It counts once for each replica
// that knows of it. Where it was sent, it also counts for those that have not confirmed it. Enter
// applies this rule with all calls of the log. Without the log, the replica applies it with the
// calls that it knows.
type sharedLog struct {
	Log
	name     string
	presumed int // shares, until the log names them
	began    time.Time
	changed  chan struct{} // has room for one
	merged   time.Time     // when all calls were compared; of the goroutine that follows

	mu      sync.Mutex // guards what follows
	state   logState
	known   int64   // we have all calls up to this number
	others  []Other // and what they have
	pending bool    // others are about to confirm more
	shares  int
}

// logState is whether the replica uses the log.
type logState int

const (
	logStarting logState = iota // not reached so far; no call is sent
	logJoined                   // the log has our calls
	logLost                     // calls are sent without it
	logClosed                   // no call is sent any more
)

func newSharedLog(log Log, name string) *sharedLog {
	replicas := log.Replicas()
	return &sharedLog{
		Log: log, name: name, presumed: replicas, shares: replicas,
		changed: make(chan struct{}, 1), began: time.Now(),
	}
}

// enter records a call whose turn has come. A wait above 0 means that it may not be sent yet.
func (s *sharedLog) enter(ctx context.Context, l *Limiter, p *Permit) time.Duration {
	if s == nil {
		return 0
	}
	switch state := s.currentState(); {
	case state == logStarting || state == logClosed:
		return confirmInterval
	case state == logLost && p.alone:
		return 0
	case state == logLost:
		return time.Nanosecond // queue again: the share applies now
	}
	minute, hour := l.enterLimits(p.priority)
	number, wait, err := s.Enter(ctx, s.member(), Entry{
		ID: p.id, Minute: minute, Hour: hour,
		MinuteLimit: l.limits.MinuteLimit, HourLimit: l.limits.HourLimit,
	})
	if err != nil {
		if ctx.Err() == nil {
			s.markLost()
		} else {
			s.remove(p) // the log may have recorded it after the caller had left
		}
		return time.Nanosecond // queue again: the share applies now, or ctx has ended
	}
	if wait <= 0 {
		l.setNumber(p.id, number)
		s.notify()
	}
	return wait
}

// remove takes a call out of the log. An error is ignored: the call then counts as one that was
// sent.
func (s *sharedLog) remove(p *Permit) {
	if s.isJoined() {
		_ = s.Leave(context.Background(), p.id)
	}
}

// pause tells the other replicas of a pause. An error is ignored: the upstream will tell them,
// too.
func (s *sharedLog) pause(wait time.Duration) {
	if s.isJoined() {
		_ = s.Pause(context.Background(), wait)
	}
}

// resume ends a pause of all replicas. After an error, they wait for its end.
func (s *sharedLog) resume() {
	if s.isJoined() {
		_ = s.Resume(context.Background())
	}
}

// weights returns the weight of each earlier call, and of one that is sent now. With the log,
// Enter weighs the calls.
func (s *sharedLog) weights() (weigh weigher, weight int) {
	if !s.isAlone() {
		return func(Call) int { return 1 }, 1
	}
	s.mu.Lock()
	others := s.others
	s.mu.Unlock()
	weight = s.shareCount()
	return func(call Call) int {
		switch {
		case !call.own:
			return 1
		case call.number == 0:
			return weight
		}
		return confirmedWeight(call.number, weight, others)
	}, weight
}

// confirmedWeight returns the weight of an own call: all shares, less those of the replicas that
// have confirmed it, but at least its own.
func confirmedWeight(number int64, shares int, others []Other) int {
	rest := 1.0
	for _, other := range others {
		if other.Shares > 0 && other.Known >= number {
			rest -= 1 / float64(other.Shares)
		}
	}
	const rounding = 1e-6
	return max(int(math.Ceil(rest*float64(shares)-rounding)), 1)
}

// shareCount returns by how many the replica divides what is left.
func (s *sharedLog) shareCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shares == 0 {
		return s.presumed
	}
	return s.shares
}

func (s *sharedLog) member() Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Member{Name: s.name, Known: s.known, Shares: s.shares}
}

func (s *sharedLog) currentState() logState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

func (s *sharedLog) isJoined() bool { return s != nil && s.currentState() == logJoined }

// isAlone reports whether calls are sent without the log.
func (s *sharedLog) isAlone() bool { return s != nil && s.currentState() == logLost }

// markLost ends the use of the log until a merge. A log that was never reached is tried a little
// longer.
func (s *sharedLog) markLost() {
	s.mu.Lock()
	starting := s.state == logStarting && time.Since(s.began) < startTimeout
	if s.state != logClosed && !starting {
		s.state = logLost
	}
	s.mu.Unlock()
	s.notify()
}

// notify makes follow contact the log soon.
func (s *sharedLog) notify() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}
