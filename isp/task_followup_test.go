package isp

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/background"
)

// slowReloads records which services were read again. Each read takes a while.
type slowReloads struct {
	lasts time.Duration
	ids   chan []int
}

func (r *slowReloads) reload(ctx context.Context, serviceIDs []int) error {
	if err := background.Sleep(ctx, r.lasts); err != nil {
		return err
	}
	r.ids <- serviceIDs
	return nil
}

// A caller who sees a task finished finds its services read again. They are read once, however
// many callers see it.
func TestTaskFollowUp_ReadsServicesOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reloads := &slowReloads{lasts: time.Second, ids: make(chan []int, 10)}
		ended := make(chan struct{})
		f := newTaskFollowUp(nil, reloads.reload, func(ctx context.Context, _ *Task) error {
			select {
			case <-ended:
			case <-ctx.Done():
			}
			return nil
		})
		defer f.Close()
		f.begin(&Task{TaskID: "task"}, []int{1, 2})
		began := time.Now()
		f.finish(t.Context(), "task")
		if waited := time.Since(began); waited != time.Second || len(reloads.ids) != 1 {
			t.Errorf("finish waited %v for %d reloads, want 1s for 1", waited, len(reloads.ids))
		}
		f.finish(t.Context(), "task")
		f.finish(t.Context(), "another")
		close(ended)
		synctest.Wait()
		if got := <-reloads.ids; !slices.Equal(got, []int{1, 2}) || len(reloads.ids) != 0 {
			t.Errorf("reloaded %v and %d times more, want [1 2] once", got, len(reloads.ids))
		}
	})
}

// finish waits up to finishTimeout. The services of a task that cannot be watched are read, too.
func TestTaskFollowUp_TaskThatCannotBeWatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reloads := &slowReloads{lasts: time.Minute, ids: make(chan []int, 10)}
		f := newTaskFollowUp(nil, reloads.reload, func(ctx context.Context, _ *Task) error {
			_ = background.Sleep(ctx, 10*time.Minute)
			return ErrUnfinished
		})
		f.begin(&Task{TaskID: "task"}, []int{3})
		time.Sleep(10*time.Minute + 2*time.Minute)
		if got := <-reloads.ids; !slices.Equal(got, []int{3}) {
			t.Errorf("reloaded %v, want [3]", got)
		}
		f.begin(&Task{TaskID: "slow"}, []int{4})
		began := time.Now()
		f.finish(t.Context(), "slow")
		if waited := time.Since(began); waited != finishTimeout {
			t.Errorf("finish waited %v, want %v", waited, finishTimeout)
		}
		f.Close() // cancels the running reload
		f.begin(&Task{TaskID: "late"}, []int{5})
		f.finish(t.Context(), "late")
		if len(reloads.ids) != 0 {
			t.Error("services were reloaded after Close")
		}
	})
}

func TestTaskFollowUp_IsLimited(t *testing.T) {
	t.Parallel()
	var followed atomic.Int64
	f := newTaskFollowUp(nil, func(context.Context, []int) error { return nil }, func(context.Context, *Task) error {
		followed.Add(1)
		return errors.New("too many")
	})
	defer f.Close()
	for i := range maxFollowedTasks + 50 {
		f.set(taskMessage{strconv.Itoa(i), []int{i + 1}}, false)
	}
	if len(f.tasks) != maxFollowedTasks {
		t.Errorf("%d tasks in memory, want %d", len(f.tasks), maxFollowedTasks)
	}
	f.set(taskMessage{TaskID: "none"}, false)
	f.apply("nonsense")
}

// The services of a task that could not be watched for a while are read at its end.
func TestTaskFollowUp_OutlivesFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reloads := &slowReloads{ids: make(chan []int, 10)}
		tries := 0
		var f *taskFollowUp
		f = newTaskFollowUp(nil, reloads.reload, func(ctx context.Context, started *Task) error {
			if tries++; tries < 3 {
				return ErrUnknownTask // as if the budget were spent or too many tasks watched
			}
			f.finish(ctx, started.TaskID)
			return nil
		})
		defer f.Close()
		f.begin(&Task{TaskID: "task"}, []int{7})
		time.Sleep(5 * followPause)
		synctest.Wait()
		if len(reloads.ids) != 1 || len(f.tasks) != 0 {
			t.Errorf("%d reloads, %d tasks in memory, want 1 reload at the end and no task", len(reloads.ids), len(f.tasks))
		}
	})
}

// A task that WispHub does not know costs one reload and three watches.
func TestTaskFollowUp_UnknownTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reloads, watches := &slowReloads{ids: make(chan []int, 10)}, 0
		f := newTaskFollowUp(nil, reloads.reload, func(context.Context, *Task) error {
			watches++
			return ErrUnknownTask
		})
		defer f.Close()
		f.begin(&Task{TaskID: "task"}, []int{7})
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(reloads.ids) != 1 || watches != maxUnknown {
			t.Errorf("%d reloads after %d watches, want 1 after %d", len(reloads.ids), watches, maxUnknown)
		}
	})
}
