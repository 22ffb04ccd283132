package wisphub

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/wisphub/ratelimit"
)

const (
	// minLate is how long a call must have waited for its answer before it counts as late. WispHub
	// answers within 0.6 s or, for one call in eight, never (wisphub-net-api §2.8).
	minLate = time.Second
	// maxPageTries bounds what one page may cost in one round.
	maxPageTries = 6
	// maxPageFailures is how many failures end the round for a page with no call under way.
	maxPageFailures = 2
)

// answerTimes tells when a call is late, from the answers so far. It is safe for concurrent use.
type answerTimes struct {
	mu   sync.Mutex
	mean time.Duration // a moving mean; guarded by mu
}

func (a *answerTimes) add(took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.mean == 0 {
		a.mean = took
	}
	a.mean += (took - a.mean) / 8
}

// late returns how long after it was sent a call is late.
func (a *answerTimes) late() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(minLate, a.mean*3/2)
}

// onceKey is the context key of a [once].
type onceKey struct{}

// once makes [API.get] try a call once. Its owner decides about further tries.
type once struct {
	limit time.Duration // for the answer
	sent  func()        // called when the call goes out
}

func onceFrom(ctx context.Context) (once, bool) {
	once, ok := ctx.Value(onceKey{}).(once)
	return once, ok
}

// hedge reads one page with several calls, of which at most two wait at the same time. A call that
// is late is repeated while it still waits, and the first good answer wins.
type hedge[R any] struct {
	read   func(ctx context.Context) (*Page[R], error)
	times  *answerTimes
	losers *sync.WaitGroup // of calls that still end after read returned

	waiting atomic.Int32 // calls that were sent and have no answer
	late    chan int     // the number of a call that is late
	answers chan pageAnswer[R]
}

type pageAnswer[R any] struct {
	page *Page[R]
	err  error
}

// hedged reads a page. Of several answers it returns the first good one.
func hedged[R any](
	ctx context.Context, read func(context.Context) (*Page[R], error), times *answerTimes, losers *sync.WaitGroup,
) (*Page[R], error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the other call
	h := &hedge[R]{
		read: read, times: times, losers: losers,
		late: make(chan int, maxPageTries), answers: make(chan pageAnswer[R], maxPageTries),
	}
	return h.run(ctx)
}

func (h *hedge[R]) run(ctx context.Context) (*Page[R], error) {
	started, ended, failures, isLate := 1, 0, 0, false
	h.start(ctx, started)
	for {
		select {
		case number := <-h.late:
			isLate = isLate || number == started
		case answer := <-h.answers:
			ended++
			alone := ended == started
			if isFailure(answer.err) {
				failures++
			}
			switch {
			case answer.err == nil:
				return answer.page, nil
			case !alone && (isFailure(answer.err) || isInconclusive(answer.err)):
				// The other call still waits.
			case !isFailure(answer.err), failures >= maxPageFailures, background.Sleep(ctx, rand.N(maxJitter)) != nil:
				return nil, answer.err
			default:
				isLate = true
			}
		}
		if isLate && started < maxPageTries && started-ended < 2 {
			started++
			isLate = false
			h.start(ctx, started)
		}
	}
}

// start starts the next call. The number is 1 for the first.
func (h *hedge[R]) start(ctx context.Context, number int) {
	late, base := h.times.late(), ratelimit.PriorityFrom(ctx)
	var began time.Time
	var timer *time.Timer
	this := once{limit: late * time.Duration(lateness(number)+lateness(number+1)), sent: func() {
		began = time.Now()
		h.waiting.Add(1)
		timer = time.AfterFunc(late*time.Duration(lateness(number)), func() { h.late <- number })
	}}
	ctx = context.WithValue(ctx, onceKey{}, this)
	ctx = ratelimit.WithPriority(ctx, func() ratelimit.Priority { return h.priority(base()) })
	h.losers.Go(func() {
		page, err := h.read(ctx)
		if timer != nil {
			timer.Stop()
			h.waiting.Add(-1)
		}
		if err == nil && timer != nil {
			h.times.add(time.Since(began))
		}
		h.answers <- pageAnswer[R]{page, err}
	})
}

// lateness returns how many times as long as usual a call must wait to be late. It grows, because
// it may be WispHub that is slow. A call ends when the one after the next is due.
func lateness(number int) int { return 1 << ((number - 1) / 2) }

// priority of a call. While another call of the page waits, the shared reading's share of the
// budget is left to pages that were not asked for at all.
func (h *hedge[R]) priority(base ratelimit.Priority) ratelimit.Priority {
	if h.waiting.Load() > 0 {
		return min(base, ratelimit.PriorityRead)
	}
	return base
}
