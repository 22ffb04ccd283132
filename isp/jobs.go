package isp

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"wisphub-graphql/cache"
)

const (
	// maxJobs bounds the jobs that are remembered; more than that are not under way.
	maxJobs = 1_000
	// endPatience is how long whoever sees a job finished waits for the services that it has changed.
	endPatience = 5 * time.Second
	// topicJobs has a job that changes services, as JSON: when it begins, and without services when they were read again.
	topicJobs = "jobs"
)

// jobs are those under way that change services: at the end of each its services are read again, by whoever sees the end
// first, on whichever replica. Who is shown a finished job finds the services as it left them.
type jobs struct {
	shared *cache.Shared                                  // nil without replicas
	read   func(ctx context.Context, serviceIDs []int)    // has everybody see services as they are now
	follow func(ctx context.Context, taskID string) error // returns when the job has ended
	stop   func()

	open    context.Context // until Close
	close   context.CancelFunc
	working sync.WaitGroup

	mu       sync.Mutex       // guards what follows, and working against a Go beside Wait
	services map[string][]int // by job
}

// jobNews is a job on its way to the other replicas.
type jobNews struct {
	TaskID     string `json:"taskId"`
	ServiceIDs []int  `json:"serviceIds,omitempty"`
}

func newJobs(shared *cache.Shared, read func(context.Context, []int), follow func(context.Context, string) error) *jobs {
	j := &jobs{shared: shared, read: read, follow: follow, services: map[string][]int{}, stop: func() {}}
	j.open, j.close = context.WithCancel(context.Background())
	if shared != nil {
		j.stop = shared.Watch(topicJobs, j.hear)
	}
	return j
}

// Close ends what goes on behind, and waits for it.
func (j *jobs) Close() {
	j.stop()
	j.mu.Lock()
	j.close()
	j.mu.Unlock()
	j.working.Wait()
}

// begin follows a job that changes services, however many others do.
func (j *jobs) begin(taskID string, serviceIDs []int) {
	j.note(jobNews{taskID, serviceIDs})
	j.tell(jobNews{taskID, serviceIDs})
	j.behind(func() {
		if j.follow(j.open, taskID) != nil && j.open.Err() == nil {
			j.end(j.open, taskID) // however it ends: what it has changed by now is seen
		}
	})
}

// end has everybody see what a job has changed, once. It waits for that, though not for long.
func (j *jobs) end(ctx context.Context, taskID string) {
	j.mu.Lock()
	serviceIDs, known := j.services[taskID]
	delete(j.services, taskID)
	j.mu.Unlock()
	if !known {
		return
	}
	done := make(chan struct{})
	if !j.behind(func() {
		defer close(done)
		j.read(j.open, serviceIDs)
		j.tell(jobNews{TaskID: taskID})
	}) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, endPatience)
	defer cancel()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// behind runs do on a goroutine that Close waits for; false after Close.
func (j *jobs) behind(do func()) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.open.Err() != nil {
		return false
	}
	j.working.Go(do)
	return true
}

func (j *jobs) tell(news jobNews) {
	if j.shared == nil {
		return
	}
	if text, err := json.Marshal(news); err == nil {
		_ = j.shared.Tell(context.Background(), topicJobs, string(text)) // the replica that began it follows it in any case
	}
}

func (j *jobs) hear(text string) {
	var news jobNews
	if json.Unmarshal([]byte(text), &news) == nil {
		j.note(news)
	}
}

// note remembers a job, or forgets one that has no services any more.
func (j *jobs) note(news jobNews) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(news.ServiceIDs) == 0 {
		delete(j.services, news.TaskID)
		return
	}
	for taskID := range j.services {
		if len(j.services) < maxJobs {
			break
		}
		delete(j.services, taskID) // any: the replica that began it follows it
	}
	j.services[news.TaskID] = news.ServiceIDs
}
