package isp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/isp/ping"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// TaskStatus is the state of a task.
type TaskStatus string

// The states of a task.
const (
	TaskPending TaskStatus = "PENDING"
	TaskRunning TaskStatus = "RUNNING"
	TaskSuccess TaskStatus = "SUCCESS"
	TaskFailure TaskStatus = "FAILURE"
	TaskUnknown TaskStatus = "UNKNOWN"
)

var taskStatuses = map[wisphub.TaskState]TaskStatus{
	wisphub.TaskStateUnknown: TaskUnknown,
	wisphub.TaskPending:      TaskPending,
	wisphub.TaskProcess:      TaskRunning,
	wisphub.TaskSuccess:      TaskSuccess,
	wisphub.TaskFailure:      TaskFailure,
}

// Task is a task that WispHub runs in the background, as it was when it was read. It is immutable
// and shared.
type Task struct {
	ID       string
	TaskID   string
	Status   TaskStatus
	Finished bool
	// Result is WispHub's own, nil for none and until the task has finished. It may name routers and
	// addresses.
	Result json.RawMessage
	// Error is WispHub's own, cut at [MaxTaskError] characters. It may name routers and addresses,
	// too.
	Error Text
	// Ping is the diagnosis of a finished ping, nil for any other task.
	Ping *ping.Report
}

// IsNode implements [Node].
func (*Task) IsNode() {}

const (
	finishedTaskTTL = time.Hour
	// runningTaskTTL is the age up to which the state of a task is served that is not polled.
	runningTaskTTL = maxPollPause
)

// Tasks reads tasks. The first caller who asks for a running task starts its poller, which has the
// state for all callers until no caller has asked for a while.
type Tasks struct {
	api      *wisphub.API
	labels   *unknownLabels
	finished *cache.Cache[string, *Task]
	running  *cache.Cache[string, *Task]
	pollers  *taskPollers
	// onFinished runs after a task was found finished, and before any caller is shown that.
	onFinished func(ctx context.Context, id string)
}

// taskIDs matches every id that WispHub may give. Ids are opaque, and their case counts.
var taskIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func newTasks(api *wisphub.API, cfg Config) *Tasks {
	t := &Tasks{api: api, labels: cfg.labels, onFinished: func(context.Context, string) {}}
	running := cache.Options{
		Name: "task", TTL: runningTaskTTL, NotFoundTTL: notFoundTTL, NotFound: isNotFound, LoadTimeout: loadTimeout,
	}
	t.running = newCacheAt(ratelimit.PriorityRead, running, forUsers(running, t.load))
	t.finished = newCache(cache.Options{Name: "finished tasks", TTL: finishedTaskTTL, LoadTimeout: loadTimeout},
		func(context.Context, string) (*Task, error) { return nil, errNotFound })
	t.pollers = newTaskPollers(t.poll)
	return t
}

// Get returns the state of a task, or nil if there is none with the id. A text that cannot be an
// id costs no call.
func (t *Tasks) Get(ctx context.Context, id string) (*Task, error) {
	if task, polled, err := t.pollers.state(id); polled {
		return task, err
	}
	task, err := t.read(ctx, id)
	if task != nil && !task.Finished {
		t.pollers.follow(task)
	}
	return task, err
}

// read returns the state of a task from memory or WispHub, and starts no poller.
func (t *Tasks) read(ctx context.Context, id string) (*Task, error) {
	if !taskIDs.MatchString(id) {
		return nil, nil
	}
	if entry, known := t.finished.Peek(id); known {
		return entry.Value, nil
	}
	entry, err := t.running.Get(ctx, id)
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	return entry.Value, fetchError("task", err)
}

// Known reports whether Get would cost no call.
func (t *Tasks) Known(id string) bool {
	_, finished := t.finished.Peek(id)
	_, running := t.running.Peek(id)
	return finished || running || t.pollers.knows(id) || !taskIDs.MatchString(id)
}

// load is the loader of running tasks. It moves a finished task to the other cache, because it
// does not change any more.
func (t *Tasks) load(ctx context.Context, id string) (*Task, error) {
	row, err := t.api.Tasks.Get(ctx, id)
	if upstreamStatus(err) == http.StatusNotFound || errors.Is(err, wisphub.ErrNotFound) {
		return nil, errNotFound // also a page: WispHub may have no route for ids of another form
	}
	if err != nil {
		return nil, err
	}
	task := newTask(id, row)
	if task.Status == TaskUnknown {
		t.labels.note("tasks.status", string(row.Status))
	}
	if task.Finished {
		t.onFinished(ctx, id)
		t.finished.Set(id, task)
	}
	return task, nil
}

func newTask(id string, row *wisphub.Task) *Task {
	task := &Task{
		ID:     "task:" + id,
		TaskID: id,
		Status: taskStatuses[wisphub.ParseTaskState(string(row.Status))],
		Error:  Text(text.Shorten(string(row.Error), MaxTaskError)),
	}
	task.Finished = task.Status == TaskSuccess || task.Status == TaskFailure
	if task.Finished && len(row.Result) > 0 && string(row.Result) != "null" {
		task.Result = row.Result
	}
	if task.Status == TaskSuccess {
		task.Ping = ping.Diagnose(task.Result)
	}
	return task
}
