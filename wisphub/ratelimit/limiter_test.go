package ratelimit

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Background calls leave the last fifth to others and go last. A write goes before a read.
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
			PriorityRead, PriorityRead, PriorityWrite, PriorityRead, PriorityBackground, PriorityBackground,
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

// Hanging calls hold connections. Background calls hold at most half of them.
func TestTake_BackgroundLeavesConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, 100, 1000, nil)
		var held []*Permit
		hang := func(priority Priority) (taken int) {
			for {
				ctx, cancel := context.WithTimeout(withPriority(t.Context(), priority), time.Second)
				permit, err := l.Take(ctx)
				cancel()
				if err != nil {
					return taken
				}
				held, taken = append(held, permit), taken+1
			}
		}
		background, read := hang(PriorityBackground), hang(PriorityRead)
		if background != 4 || read != 4 {
			t.Errorf("%d background calls and %d reads hang, want 4 and 4", background, read)
		}
		for _, permit := range held {
			permit.Release()
		}
		if got := hang(PriorityRead); got != 8 {
			t.Errorf("%d reads got a connection after all were released, want 8", got)
		}
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
		if got := l.Usage().LastHour; got != 0 || len(store.entered) != 0 {
			t.Errorf("after Cancel() the limiter counts %d calls and the log %d, want none", got, len(store.entered))
		}
	})
}
