package shared_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

func acquire(t *testing.T, m *shared.Mutexes, name string) (release func()) {
	t.Helper()
	release, err := m.Acquire(t.Context(), name)
	if err != nil {
		t.Errorf("take(%q) = %v", name, err)
		return func() {}
	}
	return release
}

func wantNoQueues(t *testing.T, m *shared.Mutexes) {
	t.Helper()
	if n := m.Len(); n > 0 {
		t.Errorf("Len() = %d, want 0", n)
	}
}

func TestLocksKeepOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := shared.NewMutexes(nil)
		var order []int // guarded by the lock itself
		for i := range 10 {
			go func() {
				release := acquire(t, m, "zone")
				time.Sleep(time.Second)
				order = append(order, i)
				release()
			}()
			synctest.Wait()
		}
		began := time.Now()
		other := acquire(t, m, "another zone")
		if time.Since(began) > 0 {
			t.Errorf("another name waited for %v", time.Since(began))
		}
		other()
		time.Sleep(5*time.Second + time.Second/2) // the last comes when half of them have left
		last := acquire(t, m, "zone")
		if took := time.Since(began); took != 10*time.Second || !slices.Equal(order, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("the last has its turn after %v, behind %v; want all ten in their order, a second each", took, order)
		}
		last()
		wantNoQueues(t, m)
	})
}

func TestLocksAreWaitedForUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := shared.NewMutexes(nil)
		release := acquire(t, m, "zone")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if leave, err := m.Acquire(ctx, "zone"); !errors.Is(err, context.DeadlineExceeded) || leave != nil {
			t.Errorf("take = %v, want %v", err, context.DeadlineExceeded)
		}
		release()
		acquire(t, m, "zone")()
		wantNoQueues(t, m)
	})
}

// Many callers, of whom some give up, for the race detector.
func TestLocksHaveOneHolder(t *testing.T) {
	t.Parallel()
	m := shared.NewMutexes(nil)
	var counters [3]int // each guarded by its lock
	var taken atomic.Int64
	var callers sync.WaitGroup
	for i := range 60 {
		callers.Go(func() {
			for round := range 50 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(round*i)*time.Microsecond)
				if release, err := m.Acquire(ctx, fmt.Sprint("zone ", i%3)); err == nil {
					counters[i%3]++
					taken.Add(1)
					release()
				}
				cancel()
			}
		})
	}
	callers.Wait()
	if sum := counters[0] + counters[1] + counters[2]; int64(sum) != taken.Load() || sum < 100 {
		t.Errorf("counted %d of %d turns, want all, and most callers to have had theirs", sum, taken.Load())
	}
	wantNoQueues(t, m)
}

func TestLocksOfReplicas(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	replicas := []*shared.Mutexes{shared.NewMutexes(cachetest.Join(t, server.Config())), shared.NewMutexes(cachetest.Join(t, server.Config()))}
	var holders atomic.Int32
	var callers sync.WaitGroup
	for i := range 20 {
		callers.Go(func() {
			for range 5 {
				release := acquire(t, replicas[i%2], "zone")
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d hold the lock", n)
				}
				time.Sleep(100 * time.Microsecond)
				holders.Add(-1)
				release()
			}
		})
	}
	callers.Wait()
	for _, m := range replicas {
		wantNoQueues(t, m)
	}
}

func TestLocksOfReplicasEndWithTheContext(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := shared.NewMutexes(cachetest.Join(t, server.Config())), shared.NewMutexes(cachetest.Join(t, server.Config()))
	release := acquire(t, a, "zone")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.Acquire(ctx, "zone"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("take = %v while another replica holds it, want %v", err, context.DeadlineExceeded)
	}
	wantNoQueues(t, b)
	release()
	acquire(t, b, "zone")()
}

// Without a store each replica has its own turns, also when it is lost while one waits for another replica.
func TestLocksWithoutTheStore(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := shared.NewMutexes(cachetest.Join(t, server.Config())), shared.NewMutexes(cachetest.Join(t, server.Config()))
	releaseA := acquire(t, a, "zone")
	taken := make(chan func())
	go func() { taken <- acquire(t, b, "zone") }()
	cachetest.Until(t, "b waits", func() bool { return b.Users("zone") == 1 })
	server.Kill()
	releaseB := <-taken
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := b.Acquire(ctx, "zone"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("take = %v while the same replica holds it, want %v", err, context.DeadlineExceeded)
	}
	releaseA()
	releaseB()
	acquire(t, a, "zone")()
	wantNoQueues(t, a)
	wantNoQueues(t, b)
}
