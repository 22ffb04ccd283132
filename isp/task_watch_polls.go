package isp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/cache"
)

const (
	firstPollPause = time.Second
	maxPollPause   = 10 * time.Second
	// maxLatePollPause limits the pauses of a task that takes many minutes.
	maxLatePollPause = time.Minute
	watchLimit       = 10 * time.Minute
	// maxPollers limits how many tasks are watched at the same time.
	maxPollers = 50
)

var errTooManyWatched = errors.New("too many tasks are watched")

// taskPollers poll the tasks that are watched.
type taskPollers struct {
	poll    func(ctx context.Context, id string) (*Task, error)
	open    context.Context // until Close
	close   context.CancelCauseFunc
	running background.Group

	mu     sync.Mutex             // guards byTask, and all that is in it
	byTask map[string]*taskPoller // by the task's id
}

// taskPoller polls one task for all its watchers.
type taskPoller struct {
	id       string
	task     *Task // as shown last
	watchers map[*TaskWatch]struct{}
	stop     context.CancelFunc
}

func newTaskPollers(poll func(ctx context.Context, id string) (*Task, error)) *taskPollers {
	p := &taskPollers{poll: poll, byTask: map[string]*taskPoller{}}
	p.open, p.close = context.WithCancelCause(context.Background())
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

// begin returns a watch of a task whose state is known. It starts to poll the task, unless it is
// polled already. Our own tasks do not count towards maxPollers.
func (p *taskPollers) begin(ctx context.Context, id string, known *Task, ours bool) (*TaskWatch, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open.Err() != nil {
		return nil, fetchError("task", cache.ErrClosed)
	}
	poller, watched := p.byTask[id]
	if !watched && !ours && len(p.byTask) >= maxPollers {
		return nil, &FetchError{Noun: "task", RetryAfter: maxPollPause, kind: ErrRateLimited, cause: errTooManyWatched}
	}
	if !watched {
		poller = &taskPoller{id: id, task: known, watchers: map[*TaskWatch]struct{}{}}
		polling, stop := context.WithTimeoutCause(p.open, watchLimit, ErrUnfinished)
		poller.stop = stop
		if !p.running.Go(func() { p.end(poller, p.run(polling, poller)) }) {
			stop()
			return nil, fetchError("task", cache.ErrClosed)
		}
		p.byTask[id] = poller
	}
	return p.add(ctx, poller), nil
}

// add adds a watcher until ctx ends. The caller must hold mu.
func (p *taskPollers) add(ctx context.Context, poller *taskPoller) *TaskWatch {
	watch := newTaskWatch(poller.task)
	poller.watchers[watch] = struct{}{}
	watch.ignore = context.AfterFunc(ctx, func() { p.leave(poller, watch) })
	return watch
}

// leave removes a watcher. The last one ends the polls.
func (p *taskPollers) leave(poller *taskPoller, watch *TaskWatch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, watching := poller.watchers[watch]; !watching {
		return
	}
	delete(poller.watchers, watch)
	watch.end(nil)
	if len(poller.watchers) == 0 {
		delete(p.byTask, poller.id)
		poller.stop()
	}
}

// run polls until the task has finished or ctx has ended. A poll that fails leaves the last state
// in place.
func (p *taskPollers) run(ctx context.Context, poller *taskPoller) error {
	var failure error
	began := time.Now()
	for pause := firstPollPause; ; pause = min(pause*3/2, longestPause(time.Since(began))) {
		if background.Sleep(ctx, max(pause, retryAfter(failure))) != nil {
			break
		}
		task, err := p.poll(ctx, poller.id)
		if failure = err; errors.Is(err, ErrUnknownTask) {
			return err
		}
		if err == nil && p.show(poller, task) {
			return nil
		}
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, ErrUnfinished) && failure != nil {
		return fmt.Errorf("%w; the last poll: %w", cause, failure)
	}
	return cause
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

// show sends a new state to the watchers and reports whether the task has finished.
func (p *taskPollers) show(poller *taskPoller, task *Task) (finished bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
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
