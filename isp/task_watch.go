package isp

import (
	"context"
	"errors"

	"wisphub-graphql/cache"
)

var (
	// ErrUnknownTask: WispHub does not know the job that is to be watched.
	ErrUnknownTask = errors.New("unknown task")
	// ErrUnfinished: the job did not finish in the ten minutes that it is watched for.
	ErrUnfinished = errors.New("task has not finished while it was watched")
)

// TaskWatch is what one watcher sees of a job.
type TaskWatch struct {
	// States has the present state, and then the newest one after each change. A watcher who is slow misses states, but
	// never the last. It is closed when the job has finished, when the watch has failed, and when its context has ended.
	States <-chan *Task

	states chan *Task  // has room for one; sent to under the mutex of watches only
	ignore func() bool // the end of the context, from here on
	err    error
}

func newTaskWatch(present *Task) *TaskWatch {
	states := make(chan *Task, 1)
	states <- present
	return &TaskWatch{States: states, states: states, ignore: func() bool { return false }}
}

// Err returns why States was closed: nil for a job that has finished, and for a watcher who has left; [ErrUnfinished],
// [ErrUnknownTask] for a job that WispHub has forgotten, or a [*FetchError]. It must not be called before.
func (w *TaskWatch) Err() error { return w.err }

// publish replaces what the watcher has not looked at yet.
func (w *TaskWatch) show(task *Task) {
	select {
	case <-w.states:
	default:
	}
	w.states <- task
}

func (w *TaskWatch) end(err error) {
	w.err = err
	w.ignore()
	close(w.states)
}

// Watch returns the states of a job until ctx ends. All who watch the same job share its polls, which the first of them
// begins and the last one's leaving ends. Errors are those of [Tasks.Get], and [ErrUnknownTask].
func (t *Tasks) Watch(ctx context.Context, id string) (*TaskWatch, error) {
	if watch := t.watches.join(ctx, id); watch != nil {
		return watch, nil
	}
	task, err := t.Get(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case task == nil:
		return nil, ErrUnknownTask
	case task.Finished:
		watch := newTaskWatch(task)
		watch.end(nil)
		return watch, nil
	}
	return t.watches.begin(ctx, id, task, false)
}

// follow returns nil when a job that has just begun has finished, or ctx has ended. It is not held up by how many others are
// watched.
func (t *Tasks) follow(ctx context.Context, started *Task) error {
	watch := t.watches.join(ctx, started.TaskID)
	if watch == nil {
		var err error
		if watch, err = t.watches.begin(ctx, started.TaskID, started, true); err != nil {
			return err
		}
	}
	for range watch.States {
	}
	return watch.Err()
}

// poll reads a job for those who watch it: now, for what memory holds has been shown to them. It is background work: nobody
// lacks an answer, and many jobs that are watched must not take the budget from those who do.
func (t *Tasks) poll(ctx context.Context, id string) (*Task, error) {
	if entry, known := t.finished.Peek(id); known {
		return entry.Value, nil
	}
	entry, err := t.running.Refresh(cache.Background(ctx), id)
	if errors.Is(err, errNotFound) {
		return nil, ErrUnknownTask
	}
	return entry.Value, fetchError("task", err)
}
