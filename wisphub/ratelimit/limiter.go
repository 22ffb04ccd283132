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
	askers    *askers
	shared    *sharedLog // nil without replicas
	stop      context.CancelFunc
	following sync.WaitGroup

	mu           sync.Mutex // guards what follows
	sent         calls
	waiting      []*waiter // in order of arrival
	busy         connections
	reservations []*Reservation
	pausedUntil  time.Time // the upstream asked for it
	timer        *time.Timer
	arrivals     uint64
	idPrefix     string
	lastID       uint64
}

// New returns a Limiter. Close it to end the goroutine that follows the log.
func New(options Options) *Limiter {
	ctx, stop := context.WithCancel(context.Background())
	l := &Limiter{
		limits:   Usage{MinuteLimit: options.MinuteLimit, HourLimit: options.HourLimit},
		timeout:  options.Timeout,
		askers:   newAskers(),
		stop:     stop,
		idPrefix: rand.Text()[:8] + "-",
	}
	if options.Log != nil {
		l.shared = newSharedLog(options.Log, l.idPrefix)
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
	user     string       // the tag of the user for whom the call counts; "" for none
	reserved *Reservation // that the call took one off; nil for none
	alone    bool         // granted without the shared log
}

// Priority returns the priority that the call had when the permit was granted.
func (p *Permit) Priority() Priority { return p.priority }

// Release ends a call that was sent. It still counts against the limits.
func (p *Permit) Release() {
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	p.limiter.busy.hold(p.priority, -1)
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
		priority: PriorityFrom(ctx), users: func() []string { return UsersFrom(ctx) },
		arrival: l.nextArrival(), reservation: reservationFrom(ctx),
		granted: make(chan *Permit, 1), refused: make(chan *Error, 1),
	}
	w.background = w.priority() == PriorityBackground
	for {
		permit, err := l.wait(ctx, w)
		if err != nil {
			return nil, err
		}
		wait := l.shared.enter(ctx, l, permit)
		if wait <= 0 {
			charge(ctx, l, permit.user)
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

// takeBack undoes a grant in this process. The caller removes it from the shared log, if it is there.
func (l *Limiter) takeBack(p *Permit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent.remove(p.id)
	l.busy.hold(p.priority, -1)
	if p.reserved != nil {
		p.reserved.calls++
	}
	l.dispatch()
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
	var full [PriorityWrite - PriorityBackground + 1]bool // for all users of a priority
	for _, c := range l.heads(now) {
		at := c.priority - PriorityBackground
		full[at] = full[at] || !l.busy.freeFor(c.priority) || l.freeAt(c.priority, place{}, now, now).After(now)
		if !full[at] && !c.notBefore.After(now) && !l.userFreeAt(c.user, c.priority, place{}, now).After(now) {
			l.dequeue(c.waiter)
			c.granted <- l.newPermit(c, now)
			return true
		}
	}
	return false
}

// newPermit counts a call that goes now. l.mu must be held.
func (l *Limiter) newPermit(c contender, now time.Time) *Permit {
	l.lastID++
	class, _ := classOf(c.priority)
	permit := &Permit{
		limiter: l, id: class + l.idPrefix + strconv.FormatUint(l.lastID, 36), priority: c.priority, user: c.user,
	}
	if c.user != "" {
		permit.id += tagSeparator + c.user
	}
	if c.reservation.take() {
		permit.reserved = c.reservation
	}
	permit.alone = l.shared.isAlone()
	l.sent.add(Call{ID: permit.id, At: now, own: true, alone: permit.alone})
	l.busy.hold(c.priority, 1)
	return permit
}

func (l *Limiter) dequeue(w *waiter) {
	l.waiting = slices.DeleteFunc(l.waiting, func(other *waiter) bool { return other == w })
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
	var free [PriorityWrite - PriorityBackground + 1]time.Time // for all users of a priority
	for _, c := range l.heads(now) {
		all := &free[c.priority-PriorityBackground]
		if all.IsZero() {
			*all = l.freeAt(c.priority, place{}, now, now)
		}
		if !all.Before(next) {
			continue
		}
		at := latest(*all, c.notBefore, l.userFreeAt(c.user, c.priority, place{}, now))
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	l.timer = time.AfterFunc(next.Sub(now), func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.dispatch()
	})
}
