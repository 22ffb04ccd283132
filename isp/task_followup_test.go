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

// jobReads is a reader of services, as slow as it is told.
type jobReads struct {
	lasts time.Duration
	read  chan []int
}

func (r *jobReads) readServices(ctx context.Context, serviceIDs []int) error {
	if err := background.Sleep(ctx, r.lasts); err != nil {
		return err
	}
	r.read <- serviceIDs
	return nil
}

// Who sees a job finished finds its services read again, whoever else sees it; they are read once.
func TestJobsAreReadOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := &jobReads{lasts: time.Second, read: make(chan []int, 10)}
		ended := make(chan struct{})
		j := newTaskFollowUp(nil, reads.readServices, func(ctx context.Context, _ *Task) error {
			select {
			case <-ended:
			case <-ctx.Done():
			}
			return nil
		})
		defer j.Close()
		j.begin(&Task{TaskID: "job"}, []int{1, 2})
		began := time.Now()
		j.finish(t.Context(), "job")
		if waited := time.Since(began); waited != time.Second || len(reads.read) != 1 {
			t.Errorf("the first who saw it waited %v for %d readings, want a second for one", waited, len(reads.read))
		}
		j.finish(t.Context(), "job")
		j.finish(t.Context(), "another")
		close(ended)
		synctest.Wait()
		if got := <-reads.read; !slices.Equal(got, []int{1, 2}) || len(reads.read) != 0 {
			t.Errorf("%v were read, and %d times more", got, len(reads.read))
		}
	})
}

// Nobody waits longer than that, and a job that cannot be followed has its services read all the same.
func TestJobsThatCannotBeFollowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := &jobReads{lasts: time.Minute, read: make(chan []int, 10)}
		j := newTaskFollowUp(nil, reads.readServices, func(ctx context.Context, _ *Task) error {
			_ = background.Sleep(ctx, 10*time.Minute)
			return ErrUnfinished
		})
		j.begin(&Task{TaskID: "job"}, []int{3})
		time.Sleep(10*time.Minute + 2*time.Minute)
		if got := <-reads.read; !slices.Equal(got, []int{3}) {
			t.Errorf("%v were read, want 3", got)
		}
		j.begin(&Task{TaskID: "slow"}, []int{4})
		began := time.Now()
		j.finish(t.Context(), "slow")
		if waited := time.Since(began); waited != finishTimeout {
			t.Errorf("it was waited %v for, want %v", waited, finishTimeout)
		}
		j.Close() // ends what is under way
		j.begin(&Task{TaskID: "late"}, []int{5})
		j.finish(t.Context(), "late")
		if len(reads.read) != 0 {
			t.Errorf("services were read after Close")
		}
	})
}

func TestJobsAreBounded(t *testing.T) {
	t.Parallel()
	var followed atomic.Int64
	j := newTaskFollowUp(nil, func(context.Context, []int) error { return nil }, func(context.Context, *Task) error {
		followed.Add(1)
		return errors.New("too many")
	})
	defer j.Close()
	for i := range maxFollowedTasks + 50 {
		j.set(taskMessage{strconv.Itoa(i), []int{i + 1}}, false)
	}
	if len(j.tasks) != maxFollowedTasks {
		t.Errorf("%d jobs are kept, want %d", len(j.tasks), maxFollowedTasks)
	}
	j.set(taskMessage{TaskID: "none"}, false)
	j.apply("nonsense")
}

// A job that could not be watched for a while is read at its end all the same.
func TestJobsOutliveFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := &jobReads{read: make(chan []int, 10)}
		tries := 0
		var j *taskFollowUp
		j = newTaskFollowUp(nil, reads.readServices, func(ctx context.Context, started *Task) error {
			if tries++; tries < 3 {
				return ErrUnknownTask // or the budget is spent, or too many are watched
			}
			j.finish(ctx, started.TaskID)
			return nil
		})
		defer j.Close()
		j.begin(&Task{TaskID: "job"}, []int{7})
		time.Sleep(5 * followPause)
		synctest.Wait()
		if len(reads.read) != 1 || len(j.tasks) != 0 {
			t.Errorf("the services were read %d times and %d jobs are kept, want once, at the end, and none", len(reads.read), len(j.tasks))
		}
	})
}

// A job that WispHub does not know, or no more, costs a reading and no more than three looks.
func TestJobsThatAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads, looks := &jobReads{read: make(chan []int, 10)}, 0
		j := newTaskFollowUp(nil, reads.readServices, func(context.Context, *Task) error {
			looks++
			return ErrUnknownTask
		})
		defer j.Close()
		j.begin(&Task{TaskID: "job"}, []int{7})
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(reads.read) != 1 || looks != maxUnknown {
			t.Errorf("the services were read %d times after %d looks, want once after %d", len(reads.read), looks, maxUnknown)
		}
	})
}
