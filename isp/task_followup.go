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
	// maxJobs bounds the jobs of other replicas that are remembered.
	maxJobs = 1_000
	// jobLimit is how long a job is followed. One that cannot be watched is tried again after jobPause, which doubles.
	jobLimit, jobPause, maxJobPause = time.Hour, 15 * time.Second, 5 * time.Minute
	// maxUnknown is how often WispHub may say that it does not know a job which it has just begun.
	maxUnknown = 3
	// endPatience is how long whoever sees a job finished waits for the services that it has changed.
	endPatience = 5 * time.Second
	// topicJobs has a job that changes services, as JSON: when it begins, and without services when they were read again.
	topicJobs = "jobs"
)

// jobs are those under way that change services: at the end of each its services are read again, by whoever sees the end
// first, on whichever replica. Who is shown a finished job finds the services as it left them.
type jobs struct {
	shared *shared.Store                                     // nil without replicas
	read   func(ctx context.Context, serviceIDs []int) error // has everybody see services as they are now
	follow func(ctx context.Context, started *Task) error    // returns nil when the job has ended, or ctx has
	stop   func()

	open    context.Context // until Close
	close   context.CancelFunc
	working sync.WaitGroup

	mu    sync.Mutex     // guards what follows, and working against a Go beside Wait
	known map[string]job // by id
}

// job is what a job changes.
type job struct {
	services []int
	ours     bool // it is followed here
}

// jobNews is a job on its way to the other replicas.
type jobNews struct {
	TaskID     string `json:"taskId"`
	ServiceIDs []int  `json:"serviceIds,omitempty"`
}

func newJobs(store *shared.Store, read func(context.Context, []int) error, follow func(context.Context, *Task) error) *jobs {
	j := &jobs{shared: store, read: read, follow: follow, known: map[string]job{}, stop: func() {}}
	j.open, j.close = context.WithCancel(context.Background())
	if store != nil {
		j.stop = store.Subscribe(topicJobs, j.hear)
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

// begin follows a job that changes services, to its end.
func (j *jobs) begin(started *Task, serviceIDs []int) {
	j.note(jobNews{started.TaskID, serviceIDs}, true)
	j.tell(jobNews{started.TaskID, serviceIDs})
	j.behind(func() { j.followToTheEnd(started) })
}

// followToTheEnd goes on, with growing pauses, when a job cannot be watched: its end is what matters. One that WispHub does not
// know, or no more, may have ended.
func (j *jobs) followToTheEnd(started *Task) {
	unknown := 0
	for end, wait := time.Now().Add(jobLimit), jobPause; time.Now().Before(end); wait = min(wait*2, maxJobPause) {
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
	j.end(j.open, started.TaskID)
}

// end has everybody see what a finished job has changed, once. It waits for that, though not for long.
func (j *jobs) end(ctx context.Context, taskID string) {
	j.mu.Lock()
	ended, known := j.known[taskID]
	delete(j.known, taskID)
	j.mu.Unlock()
	if !known {
		return
	}
	done := make(chan struct{})
	if !j.behind(func() {
		defer close(done)
		if j.read(j.open, ended.services) == nil {
			j.tell(jobNews{TaskID: taskID})
		}
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
		_ = j.shared.Publish(context.Background(), topicJobs, string(text)) // the replica that began it follows it in any case
	}
}

func (j *jobs) hear(text string) {
	var news jobNews
	if json.Unmarshal([]byte(text), &news) == nil {
		j.note(news, false)
	}
}

// note remembers a job, or forgets one that has no services any more.
func (j *jobs) note(news jobNews, ours bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(news.ServiceIDs) == 0 {
		delete(j.known, news.TaskID)
		return
	}
	if len(j.known) >= maxJobs {
		j.makeRoom()
	}
	j.known[news.TaskID] = job{news.ServiceIDs, ours}
}

// makeRoom forgets a job that another replica follows, any. The caller must hold mu.
func (j *jobs) makeRoom() {
	for taskID, known := range j.known {
		if !known.ours {
			delete(j.known, taskID)
			return
		}
	}
}
