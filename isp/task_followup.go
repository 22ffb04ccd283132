package isp

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/cache/shared"
)

const (
	// maxFollowedTasks limits the tasks of other replicas in memory.
	maxFollowedTasks = 1_000
	// followLimit is how long a task is followed. A task that cannot be watched is tried again after
	// followPause, which doubles up to maxFollowPause.
	followLimit, followPause, maxFollowPause = time.Hour, 15 * time.Second, 5 * time.Minute
	// maxUnknown is how often WispHub may say that it does not know a task that it has just started.
	maxUnknown = 3
	// finishTimeout limits how long a caller who sees a task finished waits for the services that the
	// task changed.
	finishTimeout = 5 * time.Second
	// topicTasks has a [taskMessage] when a task starts, and one without services when they were read
	// again.
	topicTasks = "jobs"
)

// taskFollowUp follows tasks that change services. When one finishes, the replica that sees it
// first reads its services again. A caller who is shown a finished task therefore finds the
// services as the task left them.
type taskFollowUp struct {
	shared *shared.Store                                     // nil for a single replica
	reload func(ctx context.Context, serviceIDs []int) error // reads the services again
	watch  func(ctx context.Context, started *Task) error    // returns nil when the task or ctx has ended
	cancel func()                                            // of the subscription

	open    context.Context // until Close
	close   context.CancelFunc
	running background.Group

	mu    sync.Mutex
	tasks map[string]followedTask // by id; guarded by mu
}

// followedTask is a task with the services that it changes.
type followedTask struct {
	services []int
	ours     bool // started by this replica, which follows it
}

// taskMessage tells the other replicas of a task.
type taskMessage struct {
	TaskID     string `json:"taskId"`
	ServiceIDs []int  `json:"serviceIds,omitempty"`
}

func newTaskFollowUp(store *shared.Store, reload func(context.Context, []int) error, watch func(context.Context, *Task) error) *taskFollowUp {
	f := &taskFollowUp{shared: store, reload: reload, watch: watch, tasks: map[string]followedTask{}, cancel: func() {}}
	f.open, f.close = context.WithCancel(context.Background())
	if store != nil {
		f.cancel = store.Subscribe(topicTasks, f.apply)
	}
	return f
}

// Close ends what runs in the background, and waits for it.
func (f *taskFollowUp) Close() {
	f.cancel()
	f.close()
	f.running.Close()
}

// begin follows a task that changes services until it has finished.
func (f *taskFollowUp) begin(started *Task, serviceIDs []int) {
	message := taskMessage{started.TaskID, serviceIDs}
	f.set(message, true)
	f.publish(message)
	f.running.Go(func() { f.follow(started) })
}

// follow watches a task until it has finished. If it cannot be watched, follow tries again with
// growing pauses. A task that WispHub does not know, or no longer knows, may have finished.
func (f *taskFollowUp) follow(started *Task) {
	unknown := 0
	for until, pause := time.Now().Add(followLimit), followPause; time.Now().Before(until); pause = min(pause*2, maxFollowPause) {
		err := f.watch(f.open, started)
		if err == nil {
			return
		}
		if errors.Is(err, ErrUnknownTask) {
			unknown++
		}
		if unknown == maxUnknown || background.Sleep(f.open, pause) != nil {
			break
		}
	}
	f.finish(f.open, started.TaskID)
}

// finish reads the services of a finished task again, once. It waits for that up to finishTimeout.
func (f *taskFollowUp) finish(ctx context.Context, taskID string) {
	f.mu.Lock()
	finished, known := f.tasks[taskID]
	delete(f.tasks, taskID)
	f.mu.Unlock()
	if !known {
		return
	}
	done := make(chan struct{})
	if !f.running.Go(func() {
		defer close(done)
		if f.reload(f.open, finished.services) == nil {
			f.publish(taskMessage{TaskID: taskID})
		}
	}) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, finishTimeout)
	defer cancel()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// publish ignores errors of the store: this replica follows its tasks in any case.
func (f *taskFollowUp) publish(message taskMessage) {
	if f.shared == nil {
		return
	}
	if data, err := json.Marshal(message); err == nil {
		_ = f.shared.Publish(context.Background(), topicTasks, string(data))
	}
}

func (f *taskFollowUp) apply(data string) {
	var message taskMessage
	if json.Unmarshal([]byte(data), &message) == nil {
		f.set(message, false)
	}
}

// set adds a task, or deletes it if the message has no services.
func (f *taskFollowUp) set(message taskMessage, ours bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(message.ServiceIDs) == 0 {
		delete(f.tasks, message.TaskID)
		return
	}
	if len(f.tasks) >= maxFollowedTasks {
		f.evict()
	}
	f.tasks[message.TaskID] = followedTask{message.ServiceIDs, ours}
}

// evict deletes any task of another replica. The caller must hold mu.
func (f *taskFollowUp) evict() {
	for taskID, task := range f.tasks {
		if !task.ours {
			delete(f.tasks, taskID)
			return
		}
	}
}
