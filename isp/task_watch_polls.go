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
	// maxLatePollPause is that of a job which takes many minutes.
	maxLatePollPause = time.Minute
	watchLimit       = 10 * time.Minute
	// maxPollers is how many jobs are watched at a time.
	maxPollers = 50
)

var errTooManyWatched = errors.New("too many tasks are watched")

// watches are the jobs that are watched.
type watches struct {
	poll    func(ctx context.Context, id string) (*Task, error)
	open    context.Context // until Close
	close   context.CancelCauseFunc
	polling sync.WaitGroup

	mu      sync.Mutex         // guards what follows, and all that is in it
	pollers map[string]*poller // by the job's id
}

// poller reads one job for all who watch it.
type poller struct {
	id       string
	task     *Task // as it was shown last
	watchers map[*TaskWatch]struct{}
	stop     context.CancelFunc
}

func newWatches(poll func(ctx context.Context, id string) (*Task, error)) *watches {
	w := &watches{poll: poll, pollers: map[string]*poller{}}
	w.open, w.close = context.WithCancelCause(context.Background())
	return w
}

// join returns a watch of a job that is watched already, nil of any other.
func (w *watches) join(ctx context.Context, id string) *TaskWatch {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p, watched := w.pollers[id]; watched {
		return w.add(ctx, p)
	}
	return nil
}

// begin returns a watch of a job that is in this state, or in a later one by now. Ours are watched beside any number of others.
func (w *watches) begin(ctx context.Context, id string, present *Task, ours bool) (*TaskWatch, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open.Err() != nil {
		return nil, fetchError("task", cache.ErrClosed)
	}
	p, watched := w.pollers[id]
	if !watched && !ours && len(w.pollers) >= maxPollers {
		return nil, &FetchError{Noun: "task", RetryAfter: maxPollPause, kind: ErrRateLimited, cause: errTooManyWatched}
	}
	if !watched {
		p = &poller{id: id, task: present, watchers: map[*TaskWatch]struct{}{}}
		w.pollers[id] = p
		polls, stop := context.WithTimeoutCause(w.open, watchLimit, ErrUnfinished)
		p.stop = stop
		w.polling.Go(func() { w.end(p, w.follow(polls, p)) })
	}
	return w.add(ctx, p), nil
}

// add lets somebody watch until ctx ends. The caller must hold mu.
func (w *watches) add(ctx context.Context, p *poller) *TaskWatch {
	watch := newTaskWatch(p.task)
	p.watchers[watch] = struct{}{}
	watch.ignore = context.AfterFunc(ctx, func() { w.leave(p, watch) })
	return watch
}

// leave ends one watch, and the polls with the last.
func (w *watches) leave(p *poller, watch *TaskWatch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, watching := p.watchers[watch]; !watching {
		return
	}
	delete(p.watchers, watch)
	watch.end(nil)
	if len(p.watchers) == 0 {
		delete(w.pollers, p.id)
		p.stop()
	}
}

// follow polls until the job has finished. A poll that fails leaves the old state standing: the next one may do better.
func (w *watches) follow(ctx context.Context, p *poller) error {
	var failure error
	began := time.Now()
	for wait := firstPollPause; ; wait = min(wait*3/2, longestPause(time.Since(began))) {
		if background.Sleep(ctx, max(wait, retryAfter(failure))) != nil {
			break
		}
		task, err := w.poll(ctx, p.id)
		if failure = err; errors.Is(err, ErrUnknownTask) {
			return err
		}
		if err == nil && w.show(p, task) {
			return nil
		}
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, ErrUnfinished) && failure != nil {
		return fmt.Errorf("%w; the last poll: %w", cause, failure)
	}
	return cause
}

// longestPause grows with a job that takes long: it ends no sooner for being asked about.
func longestPause(age time.Duration) time.Duration {
	return min(max(maxPollPause, age/10), maxLatePollPause)
}

// retryAfter is how long WispHub, or our budget, asks to wait.
func retryAfter(err error) time.Duration {
	if fetch := (*FetchError)(nil); errors.As(err, &fetch) {
		return fetch.RetryAfter
	}
	return 0
}

// publish tells the watchers of a new state and returns whether the job has finished.
func (w *watches) show(p *poller, task *Task) (finished bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if task.Status != p.task.Status || task.Error != p.task.Error {
		p.task = task
		for watch := range p.watchers {
			watch.show(task)
		}
	}
	return task.Finished
}

// finish ends the watches of a job whose polls have ended.
func (w *watches) end(p *poller, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.stop()
	if w.pollers[p.id] == p {
		delete(w.pollers, p.id)
	}
	for watch := range p.watchers {
		watch.end(err)
	}
	clear(p.watchers)
}

// Close ends all watches, and returns when nothing is polled any more.
func (w *watches) Close() {
	w.mu.Lock()
	w.close(fetchError("task", cache.ErrClosed))
	w.mu.Unlock()
	w.polling.Wait()
}
