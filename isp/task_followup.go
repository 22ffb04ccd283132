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
	// maxFollowedTasks bounds the jobs of other replicas that are remembered.
	maxFollowedTasks = 1_000
	// followLimit is how long a job is followed. One that cannot be watched is tried again after followPause, which doubles.
	followLimit, followPause, maxFollowPause = time.Hour, 15 * time.Second, 5 * time.Minute
	// maxUnknown is how often WispHub may say that it does not know a job which it has just begun.
	maxUnknown = 3
	// finishTimeout is how long whoever sees a job finished waits for the services that it has changed.
	finishTimeout = 5 * time.Second
	// topicTasks has a job that changes services, as JSON: when it begins, and without services when they were read again.
	topicTasks = "jobs"
)

// taskFollowUp are those under way that change services: at the end of each its services are read again, by whoever sees the end
// first, on whichever replica. Who is shown a finished job finds the services as it left them.
type taskFollowUp struct {
	shared *shared.Store                                     // nil without replicas
	read   func(ctx context.Context, serviceIDs []int) error // has everybody see services as they are now
	follow func(ctx context.Context, started *Task) error    // returns nil when the job has ended, or ctx has
	stop   func()

	open    context.Context // until Close
	close   context.CancelFunc
	working sync.WaitGroup

	mu    sync.Mutex              // guards what follows, and working against a Go beside Wait
	tasks map[string]followedTask // by id
}

// followedTask is what a job changes.
type followedTask struct {
	services []int
	ours     bool // it is followed here
}

// taskMessage is a job on its way to the other replicas.
type taskMessage struct {
	TaskID     string `json:"taskId"`
	ServiceIDs []int  `json:"serviceIds,omitempty"`
}

func newTaskFollowUp(store *shared.Store, read func(context.Context, []int) error, follow func(context.Context, *Task) error) *taskFollowUp {
	j := &taskFollowUp{shared: store, read: read, follow: follow, tasks: map[string]followedTask{}, stop: func() {}}
	j.open, j.close = context.WithCancel(context.Background())
	if store != nil {
		j.stop = store.Subscribe(topicTasks, j.apply)
	}
	return j
}

// Close ends what goes on behind, and waits for it.
func (j *taskFollowUp) Close() {
	j.stop()
	j.mu.Lock()
	j.close()
	j.mu.Unlock()
	j.working.Wait()
}

// begin follows a job that changes services, to its end.
func (j *taskFollowUp) begin(started *Task, serviceIDs []int) {
	j.set(taskMessage{started.TaskID, serviceIDs}, true)
	j.publish(taskMessage{started.TaskID, serviceIDs})
	j.behind(func() { j.followToTheEnd(started) })
}

// followToTheEnd goes on, with growing pauses, when a job cannot be watched: its end is what matters. One that WispHub does not
// know, or no more, may have ended.
func (j *taskFollowUp) followToTheEnd(started *Task) {
	unknown := 0
	for end, wait := time.Now().Add(followLimit), followPause; time.Now().Before(end); wait = min(wait*2, maxFollowPause) {
		err := j.follow(j.open, started)
		if err == nil {
			return // or the process ends
		}
		if errors.Is(err, ErrUnknownTask) {
			unknown++
		}
		if unknown == maxUnknown || background.Sleep(j.open, wait) != nil {
			break
		}
	}
	j.finish(j.open, started.TaskID)
}

// finish has everybody see what a finished job has changed, once. It waits for that, though not for long.
func (j *taskFollowUp) finish(ctx context.Context, taskID string) {
	j.mu.Lock()
	ended, known := j.tasks[taskID]
	delete(j.tasks, taskID)
	j.mu.Unlock()
	if !known {
		return
	}
	done := make(chan struct{})
	if !j.behind(func() {
		defer close(done)
		if j.read(j.open, ended.services) == nil {
			j.publish(taskMessage{TaskID: taskID})
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

// behind runs do on a goroutine that Close waits for; false after Close.
func (j *taskFollowUp) behind(do func()) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.open.Err() != nil {
		return false
	}
	j.working.Go(do)
	return true
}

func (j *taskFollowUp) publish(news taskMessage) {
	if j.shared == nil {
		return
	}
	if text, err := json.Marshal(news); err == nil {
		_ = j.shared.Publish(context.Background(), topicTasks, string(text)) // the replica that began it follows it in any case
	}
}

func (j *taskFollowUp) apply(text string) {
	var news taskMessage
	if json.Unmarshal([]byte(text), &news) == nil {
		j.set(news, false)
	}
}

// set remembers a job, or forgets one that has no services any more.
func (j *taskFollowUp) set(news taskMessage, ours bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(news.ServiceIDs) == 0 {
		delete(j.tasks, news.TaskID)
		return
	}
	if len(j.tasks) >= maxFollowedTasks {
		j.makeRoom()
	}
	j.tasks[news.TaskID] = followedTask{news.ServiceIDs, ours}
}

// makeRoom forgets a job that another replica follows, any. The caller must hold mu.
func (j *taskFollowUp) makeRoom() {
	for taskID, known := range j.tasks {
		if !known.ours {
			delete(j.tasks, taskID)
			return
		}
	}
}
