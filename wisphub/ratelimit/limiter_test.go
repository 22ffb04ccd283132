package ratelimit

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Background calls leave the last fifth to others and go last. A write goes before a read, and
// takes the last tenth, which reads leave.
func TestTake_Priorities(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 10, 1000, nil)
		spend(t, l, PriorityBackground, 8)
		order, began := make([]Priority, 15), time.Now()
		var group sync.WaitGroup
		for _, priority := range []Priority{
			PriorityBackground, PriorityBackground, PriorityRead, PriorityRead, PriorityRead, PriorityWrite,
		} {
			group.Go(func() {
				permit, err := l.Take(withPriority(t.Context(), priority))
				if err != nil {
					t.Errorf("Take() = %v, want a permit", err)
					return
				}
				if number := permit.number(); (number <= 10) != (time.Since(began) == 0) {
					t.Errorf("call %d went after %v", number, time.Since(began))
				}
				order[permit.number()] = priority
				permit.Release()
			})
			synctest.Wait()
		}
		group.Wait()
		want := []Priority{
			PriorityRead, PriorityWrite, PriorityRead, PriorityRead, PriorityBackground, PriorityBackground,
		}
		if got := order[9:]; !slices.Equal(got, want) {
			t.Errorf("priorities in order of sending = %v, want %v", got, want)
		}
	})
}

func TestTake_EqualPrioritiesGoInOrderOfArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 1, 1000, nil)
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				permit, err := l.Take(t.Context())
				if err != nil || permit.number() != uint64(i+1) {
					t.Errorf("Take() of caller %d = %+v, %v, want call %d", i+1, permit, err, i+1)
				}
				permit.Release()
			})
			synctest.Wait()
		}
		group.Wait()
	})
}

func TestCancel_SpendsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		l := replicas(t, store, 2, 100, 1000)[0]
		permit, err := l.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		permit.Cancel()
		if got := l.Usage().LastHour; got != 0 || len(store.calls) != 0 {
			t.Errorf("after Cancel() the limiter counts %d calls and the log %d, want none", got, len(store.calls))
		}
	})
}
