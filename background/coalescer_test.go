package background_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/background"
)

// Test15_10_CoalescerSharesRuns expects callers who come during a run to share one that begins after
// they came.
func Test15_10_CoalescerSharesRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var state, begun atomic.Int32
		saved := int32(0) // by one run at a time
		c := background.NewCoalescer(func() error {
			begun.Add(1)
			saw := state.Load()
			time.Sleep(time.Second)
			saved = saw
			return nil
		})
		first := c.Begin()
		time.Sleep(time.Millisecond)
		var group sync.WaitGroup
		for range 100 {
			group.Go(func() {
				mine := state.Add(1)
				if err := c.Begin()(t.Context()); err != nil || saved < mine {
					t.Errorf("wait = %v with %d saved, want at least %d", err, saved, mine)
				}
			})
		}
		group.Wait()
		if err := first(t.Context()); err != nil || begun.Load() != 2 {
			t.Errorf("wait = %v after %d runs, want nil after 2", err, begun.Load())
		}
	})
}

func Test15_10_CoalescerErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("the disk is full")
		c := background.NewCoalescer(func() error { time.Sleep(time.Minute); return failure })
		wait := c.Begin()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait = %v with a context that ended, want its error", err)
		}
		for range 2 {
			if err := wait(t.Context()); !errors.Is(err, failure) {
				t.Errorf("wait = %v, want the error of the run", err)
			}
		}
	})
}
