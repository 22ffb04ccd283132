package isp

import (
	"context"
	"errors"
)

var (
	// ErrUnknownTask means that WispHub does not know the task.
	ErrUnknownTask = errors.New("unknown task")
	// ErrUnfinished means that the task did not finish in the ten minutes for which it is watched.
	ErrUnfinished = errors.New("the task has not finished within the 10 minutes for which it is watched")
)

// TaskWatch has the states of a task for one watcher.
type TaskWatch struct {
	// States has the present state, and then the newest state after each change. A slow watcher
	// misses states, but never the last one. The channel is closed when the task has finished, when
	// the watch has failed, and when its context has ended.
	States <-chan *Task

	states chan *Task  // has room for one; sent to under the mutex of taskPollers
	ignore func() bool // stops waiting for the context's end
	err    error
}

func newTaskWatch(known *Task) *TaskWatch {
	states := make(chan *Task, 1)
	states <- known
	return &TaskWatch{States: states, states: states, ignore: func() bool { return false }}
}

// Err returns why States was closed. It is nil for a finished task and for a watcher that has
// left, and otherwise [ErrUnfinished], [ErrUnknownTask] for a task that WispHub has forgotten, or
// a [*FetchError]. It must not be called before States was closed.
func (w *TaskWatch) Err() error { return w.err }

// show replaces the state that the watcher has not received yet.
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

// Watch returns the states of a task until ctx ends. All watchers of a task share its polls, with the
// callers of [Tasks.Get].
// Errors are those of [Tasks.Get], and [ErrUnknownTask].
func (t *Tasks) Watch(ctx context.Context, id string) (*TaskWatch, error) {
	if watch := t.pollers.join(ctx, id); watch != nil {
		return watch, nil
	}
	task, err := t.read(ctx, id)
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
	return t.pollers.begin(ctx, task, false)
}

// wait returns nil when a task of ours has finished or ctx has ended. Our tasks are polled however
// many others are watched.
func (t *Tasks) wait(ctx context.Context, started *Task) error {
	watch := t.pollers.join(ctx, started.TaskID)
	if watch == nil {
		var err error
		if watch, err = t.pollers.begin(ctx, started, true); err != nil {
			return err
		}
	}
	for range watch.States {
	}
	return watch.Err()
}

// poll reads a task again, whose last state its callers have seen.
func (t *Tasks) poll(ctx context.Context, id string) (*Task, error) {
	if entry, known := t.finished.Peek(id); known {
		return entry.Value, nil
	}
	entry, err := t.running.Refresh(ctx, id)
	if errors.Is(err, errNotFound) {
		return nil, ErrUnknownTask
	}
	return entry.Value, fetchError("task", err)
}
