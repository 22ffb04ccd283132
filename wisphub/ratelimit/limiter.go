package ratelimit

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// MaxConnections bounds the calls under way. WispHub documents no limit of its own; eight is a
	// polite guess.
	MaxConnections = 8
	// backgroundConnections is how many of them background calls may hold, so that hanging
	// background calls cannot block callers.
	backgroundConnections = MaxConnections / 2
	// minCallTime is how much of a caller's deadline must be left when its turn comes.
	minCallTime = time.Second
	// recheckInterval is how often the limiter asks for the priorities of waiting calls again.
	recheckInterval = time.Second
)

// Options configures a [Limiter].
type Options struct {
	// MinuteLimit and HourLimit are the calls allowed in any minute and any hour. Required.
	MinuteLimit, HourLimit int
	// Timeout is how long a caller waits at most. A background call that a caller joins is refused
	// when its turn is further away. Required.
	Timeout time.Duration
	// Log shares the budget with other replicas. Optional; nil means that this is the only
	// process.
	Log Log
}

// Limiter grants permits for calls so that no minute and no hour holds more than the limits.
// It is safe for concurrent use.
type Limiter struct {
	limits    Usage
	timeout   time.Duration
	shared    *sharedLog // nil without replicas
	stop      context.CancelFunc
	following sync.WaitGroup

	mu          sync.Mutex // guards what follows
	sent        calls
	waiting     []*waiter // in order of arrival
	busy        int       // calls under way
	background  int       // background calls among them
	pausedUntil time.Time // the upstream asked for it
	timer       *time.Timer
	arrivals    uint64
	idPrefix    string
	lastID      uint64
}

// New returns a Limiter. Close it to end the goroutine that follows the log.
func New(options Options) *Limiter {
	ctx, stop := context.WithCancel(context.Background())
	l := &Limiter{
		limits:   Usage{MinuteLimit: options.MinuteLimit, HourLimit: options.HourLimit},
		timeout:  options.Timeout,
		stop:     stop,
		idPrefix: rand.Text()[:8] + "-",
	}
	if options.Log != nil {
		l.shared = newSharedLog(options.Log)
		l.following.Go(func() { l.shared.follow(ctx, l) })
	}
	return l
}

// Close stops following the log and stops the timer. Calls that wait keep waiting until their
// contexts end.
func (l *Limiter) Close() {
	l.stop()
	l.following.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
}

// Permit allows one call. End it exactly once, with Release or Cancel.
type Permit struct {
	limiter  *Limiter
	id       string
	priority Priority
}

// Priority returns the priority that the call had when the permit was granted.
func (p *Permit) Priority() Priority { return p.priority }

// Release ends a call that was sent. It still counts against the limits.
func (p *Permit) Release() {
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	p.limiter.hold(p, -1)
	p.limiter.dispatch()
}

// Cancel returns the permit of a call that was not sent. The call no longer counts.
func (p *Permit) Cancel() {
	p.limiter.takeBack(p)
	p.limiter.shared.remove(p)
}

// Take waits until a call may be sent. It returns an [*Error] as soon as the wait would outlast
// the deadline of ctx, and ctx.Err() when ctx ends first.
func (l *Limiter) Take(ctx context.Context) (*Permit, error) {
	w := &waiter{
		priority: PriorityFrom(ctx), arrival: l.nextArrival(),
		granted: make(chan *Permit, 1), refused: make(chan time.Duration, 1),
	}
	w.background = w.priority() == PriorityBackground
	for {
		permit, err := l.wait(ctx, w)
		if err != nil {
			return nil, err
		}
		wait := l.shared.enter(ctx, l, permit)
		if wait <= 0 {
			return permit, nil
		}
		l.takeBack(permit)
		w.notBefore = time.Now().Add(wait)
	}
}

func (l *Limiter) nextArrival() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.arrivals++
	return l.arrivals
}

// takeBack returns a permit that the log does not hold.
func (l *Limiter) takeBack(p *Permit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent.remove(p.id)
	l.hold(p, -1)
	l.dispatch()
}

// freeAt returns when a call may go that has the given number of calls ahead of it. l.mu must be
// held.
func (l *Limiter) freeAt(priority Priority, ahead int, now, notBefore time.Time) time.Time {
	minute, hour := l.limits.limitsFor(priority)
	weigh, weight := l.shared.weights()
	at := l.sent.freeAt(MinuteWindow, minute, weight*(ahead+1), weigh, now)
	hourAt := l.sent.freeAt(HourWindow, hour, weight*(ahead+1), weigh, now)
	for _, other := range []time.Time{hourAt, l.pausedUntil, notBefore} {
		if other.After(at) {
			at = other
		}
	}
	return at
}

// dispatch grants permits to all calls that may go, and schedules the next dispatch. l.mu must be
// held.
func (l *Limiter) dispatch() {
	now := time.Now()
	l.sent.forget(now)
	for l.grantOne(now) {
	}
	l.refuseRaised(now)
	l.schedule(now)
}

// grantOne grants a permit to the most urgent call that may go. l.mu must be held.
func (l *Limiter) grantOne(now time.Time) bool {
	for _, w := range l.heads() {
		priority := w.priority()
		if !l.connectionFor(priority) || l.freeAt(priority, 0, now, w.notBefore).After(now) {
			continue
		}
		l.dequeue(w)
		l.lastID++
		permit := &Permit{limiter: l, id: l.idPrefix + strconv.FormatUint(l.lastID, 36), priority: priority}
		l.sent.add(Call{ID: permit.id, At: now, outage: l.shared.currentOutage()})
		l.hold(permit, 1)
		w.granted <- permit
		return true
	}
	return false
}

func (l *Limiter) dequeue(w *waiter) {
	l.waiting = slices.DeleteFunc(l.waiting, func(other *waiter) bool { return other == w })
}

func (l *Limiter) connectionFor(priority Priority) bool {
	return l.busy < MaxConnections &&
		(priority != PriorityBackground || l.background < backgroundConnections)
}

// hold adds change to the connections in use. l.mu must be held.
func (l *Limiter) hold(p *Permit, change int) {
	l.busy += change
	if p.priority == PriorityBackground {
		l.background += change
	}
}

// schedule sets the timer for the next call that may go. The timer fires at the latest when
// priorities have to be checked again. l.mu must be held.
func (l *Limiter) schedule(now time.Time) {
	if l.timer != nil {
		l.timer.Stop()
	}
	if len(l.waiting) == 0 {
		return
	}
	next := now.Add(recheckInterval)
	for _, w := range l.heads() {
		if at := l.freeAt(w.priority(), 0, now, w.notBefore); at.After(now) && at.Before(next) {
			next = at
		}
	}
	l.timer = time.AfterFunc(next.Sub(now), func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.dispatch()
	})
}
