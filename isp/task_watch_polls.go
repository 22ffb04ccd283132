package isp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"wisphub-graphql/background"
	"wisphub-graphql/cache"
)

const (
	firstPollPause = time.Second
	maxPollPause   = 10 * time.Second
	// maxLatePollPause limits the pauses of a task that takes many minutes.
	maxLatePollPause = time.Minute
	watchLimit       = 10 * time.Minute
	// maxPollers limits how many tasks are polled at the same time.
	maxPollers = 50
	// maxPollPaces limits the tasks whose pace is remembered.
	maxPollPaces = 1_000
	// pollIdle is how long a task is polled that is not watched and that no caller asks for.
	pollIdle = 10 * time.Second
	// maxPollFailing is how long callers get the last state of a task whose polls fail.
	maxPollFailing = 30 * time.Second
	// maxUrgentPolls is how many polls a minute have a caller's priority. Further ones have
	// background priority, so that many tasks do not take the budget of all other callers.
	maxUrgentPolls = 20
)

var errTooManyWatched = errors.New("too many tasks are watched")

// taskPollers poll the tasks that are watched or asked for: one poller for each task, whatever the
// number of callers is.
type taskPollers struct {
	poll    func(ctx context.Context, id string) (*Task, error) // at a caller's priority
	open    context.Context                                     // until Close
	close   context.CancelCauseFunc
	running background.Group

	mu     sync.Mutex             // guards what follows, and all that is in it
	byTask map[string]*taskPoller // by the task's id
	urgent []time.Time            // polls of the last minute at a caller's priority

	paces *lru.Cache[string, pollPace] // of tasks whose poller has ended
}

// pollPace is how often a task is polled. It outlives the poller: for a caller that asks seldom, the
// next poller goes on with the pauses of the last one.
type pollPace struct {
	began time.Time     // of the first poller
	pause time.Duration // before the next poll
}

// taskPoller polls one task for all its watchers.
type taskPoller struct {
	id       string
	task     *Task     // as shown last
	failure  error     // of the last poll
	failing  time.Time // when the first poll failed since the last good one
	asked    time.Time // when a caller asked for the state last, zero for never
	watchers map[*TaskWatch]struct{}
	stop     context.CancelFunc
}

func newTaskPollers(poll func(ctx context.Context, id string) (*Task, error)) *taskPollers {
	p := &taskPollers{poll: poll, byTask: map[string]*taskPoller{}}
	p.open, p.close = context.WithCancelCause(context.Background())
	p.paces, _ = lru.New[string, pollPace](maxPollPaces) // fails only for a limit below 1
	return p
}

// join returns a watch of a task that is watched already, nil of any other.
func (p *taskPollers) join(ctx context.Context, id string) *TaskWatch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if poller, watched := p.byTask[id]; watched {
		return p.add(ctx, poller)
	}
	return nil
}

// state returns the last state of a task that is polled. It returns the error of the last poll if
// the polls have failed for a while. Known is false for a task that is not polled.
func (p *taskPollers) state(id string) (task *Task, known bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	poller, known := p.byTask[id]
	if !known {
		return nil, false, nil
	}
	poller.asked = time.Now()
	if poller.failure != nil && time.Since(poller.failing) > maxPollFailing {
		return nil, true, fetchError("task", poller.failure) // with what is left of its wait
	}
	return poller.task, true, nil
}

// knows reports whether a task is polled.
func (p *taskPollers) knows(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byTask[id] != nil
}

// follow polls a task that a caller has asked for, if there is room.
func (p *taskPollers) follow(task *Task) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if poller, err := p.start(task, false); err == nil {
		poller.asked = time.Now()
	}
}

// begin returns a watch of a task whose state is known. It starts to poll the task, unless it is
// polled already. Our own tasks do not count towards maxPollers.
func (p *taskPollers) begin(ctx context.Context, known *Task, ours bool) (*TaskWatch, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	poller, err := p.start(known, ours)
	if err != nil {
		return nil, err
	}
	return p.add(ctx, poller), nil
}

// start returns the poller of a task. The caller must hold mu.
func (p *taskPollers) start(known *Task, ours bool) (*taskPoller, error) {
	if p.open.Err() != nil {
		return nil, fetchError("task", cache.ErrClosed)
	}
	poller, polled := p.byTask[known.TaskID]
	if polled {
		return poller, nil
	}
	if !ours && len(p.byTask) >= maxPollers {
		return nil, &FetchError{Noun: "task", RetryAfter: maxPollPause, kind: ErrRateLimited, cause: errTooManyWatched}
	}
	poller = &taskPoller{id: known.TaskID, task: known, watchers: map[*TaskWatch]struct{}{}}
	polling, stop := context.WithTimeoutCause(p.open, watchLimit, ErrUnfinished)
	poller.stop = stop
	if !p.running.Go(func() { p.end(poller, p.run(polling, poller)) }) {
		stop()
		return nil, fetchError("task", cache.ErrClosed)
	}
	p.byTask[known.TaskID] = poller
	return poller, nil
}

// add adds a watcher until ctx ends. The caller must hold mu.
func (p *taskPollers) add(ctx context.Context, poller *taskPoller) *TaskWatch {
	watch := newTaskWatch(poller.task)
	poller.watchers[watch] = struct{}{}
	watch.ignore = context.AfterFunc(ctx, func() { p.leave(poller, watch) })
	return watch
}

// leave removes a watcher. The last one ends the polls, unless callers ask for the task.
func (p *taskPollers) leave(poller *taskPoller, watch *TaskWatch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, watching := poller.watchers[watch]; !watching {
		return
	}
	delete(poller.watchers, watch)
	watch.end(nil)
	if poller.isIdle() {
		delete(p.byTask, poller.id)
		poller.stop()
	}
}

// isIdle reports whether the state of the task interests no caller. The caller must hold mu.
func (p *taskPoller) isIdle() bool { return len(p.watchers) == 0 && time.Since(p.asked) >= pollIdle }

// isIdle is [taskPoller.isIdle]. An idle poller is forgotten: the next caller starts another.
func (p *taskPollers) isIdle(poller *taskPoller) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := poller.isIdle()
	if idle && p.byTask[poller.id] == poller {
		delete(p.byTask, poller.id)
	}
	return idle
}

// run polls until the task has finished, interests no caller, or ctx has ended. A poll that fails
// leaves the last state in place.
func (p *taskPollers) run(ctx context.Context, poller *taskPoller) error {
	var failure error
	pace, known := p.paces.Get(poller.id)
	if !known {
		pace = pollPace{time.Now(), firstPollPause}
	}
	defer func() { p.paces.Add(poller.id, pace) }()
	for ; ; pace.pause = min(pace.pause*3/2, longestPause(time.Since(pace.began))) {
		if background.Sleep(ctx, max(pace.pause, retryAfter(failure))) != nil {
			break
		}
		if p.isIdle(poller) {
			return nil
		}
		task, err := p.poll(p.withPriority(ctx), poller.id)
		if failure = err; errors.Is(err, ErrUnknownTask) {
			return err
		}
		if p.record(poller, task, err) {
			return nil
		}
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, ErrUnfinished) && failure != nil {
		return fmt.Errorf("%w; the last poll: %w", cause, failure)
	}
	return cause
}

// withPriority returns the context of a poll, which has a caller's priority while few polls do.
func (p *taskPollers) withPriority(ctx context.Context) context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.urgent = slices.DeleteFunc(p.urgent, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	if len(p.urgent) >= maxUrgentPolls {
		return cache.Background(ctx)
	}
	p.urgent = append(p.urgent, now)
	return ctx
}

// longestPause grows with the age of the task, because polling does not speed up a long task.
func longestPause(age time.Duration) time.Duration {
	return min(max(maxPollPause, age/10), maxLatePollPause)
}

// retryAfter returns how long WispHub, or our budget, asks to wait.
func retryAfter(err error) time.Duration {
	if fetch := (*FetchError)(nil); errors.As(err, &fetch) {
		return fetch.RetryAfter
	}
	return 0
}

// record keeps the outcome of a poll, sends a new state to the watchers, and reports whether the
// task has finished.
func (p *taskPollers) record(poller *taskPoller, task *Task, err error) (finished bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil && poller.failure == nil {
		poller.failing = time.Now()
	}
	if poller.failure = err; err != nil {
		return false
	}
	if task.Status != poller.task.Status || task.Error != poller.task.Error {
		poller.task = task
		for watch := range poller.watchers {
			watch.show(task)
		}
	}
	return task.Finished
}

// end ends the watches of a task whose polls have ended.
func (p *taskPollers) end(poller *taskPoller, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	poller.stop()
	if p.byTask[poller.id] == poller {
		delete(p.byTask, poller.id)
	}
	for watch := range poller.watchers {
		watch.end(err)
	}
	clear(poller.watchers)
}

// Close ends all watches and waits until no task is polled.
func (p *taskPollers) Close() {
	p.close(fetchError("task", cache.ErrClosed))
	p.running.Close()
}
