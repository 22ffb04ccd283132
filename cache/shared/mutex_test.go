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
	held, err := m.Acquire(t.Context(), name)
	if err != nil {
		t.Errorf("Acquire(%q) = %v, want nil", name, err)
	}
	return held.Release
}

func wantNoneHeld(t *testing.T, m *shared.Mutexes) {
	t.Helper()
	if n := m.Len(); n > 0 {
		t.Errorf("Len() = %d, want 0", n)
	}
}

func TestMutexes_KeepOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := shared.NewMutexes(nil)
		var order []int // guarded by the mutex
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
			t.Errorf("Acquire of another name took %v, want no delay", time.Since(began))
		}
		other()
		time.Sleep(5*time.Second + time.Second/2) // the last caller comes when half of them have released
		last := acquire(t, m, "zone")
		if took := time.Since(began); took != 10*time.Second || !slices.Equal(order, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("the last caller acquired after %v, behind %v; want 10 s, behind all ten in order", took, order)
		}
		last()
		wantNoneHeld(t, m)
	})
}

func TestMutexes_ContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := shared.NewMutexes(nil)
		release := acquire(t, m, "zone")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if leave, err := m.Acquire(ctx, "zone"); !errors.Is(err, context.DeadlineExceeded) || leave != nil {
			t.Errorf("Acquire = %v, want %v", err, context.DeadlineExceeded)
		}
		release()
		acquire(t, m, "zone")()
		wantNoneHeld(t, m)
	})
}

// Many callers, some with a short deadline, for the race detector.
func TestMutexes_OneHolder(t *testing.T) {
	t.Parallel()
	m := shared.NewMutexes(nil)
	var counters [3]int // each guarded by its mutex
	var acquired atomic.Int64
	var callers sync.WaitGroup
	for i := range 60 {
		callers.Go(func() {
			for attempt := range 50 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(attempt*i)*time.Microsecond)
				if held, err := m.Acquire(ctx, fmt.Sprint("zone ", i%3)); err == nil {
					counters[i%3]++
					acquired.Add(1)
					held.Release()
				}
				cancel()
			}
		})
	}
	callers.Wait()
	if sum := counters[0] + counters[1] + counters[2]; int64(sum) != acquired.Load() || sum < 100 {
		t.Errorf("counted %d of %d acquisitions, want all, and at least 100", sum, acquired.Load())
	}
	wantNoneHeld(t, m)
}

func TestMutexes_AcrossReplicas(t *testing.T) {
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
					t.Errorf("%d callers hold the mutex, want 1", n)
				}
				time.Sleep(100 * time.Microsecond)
				holders.Add(-1)
				release()
			}
		})
	}
	callers.Wait()
	for _, m := range replicas {
		wantNoneHeld(t, m)
	}
}

func TestMutexes_ContextEndsAcrossReplicas(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := shared.NewMutexes(cachetest.Join(t, server.Config())), shared.NewMutexes(cachetest.Join(t, server.Config()))
	release := acquire(t, a, "zone")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.Acquire(ctx, "zone"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Acquire = %v while another replica holds it, want %v", err, context.DeadlineExceeded)
	}
	wantNoneHeld(t, b)
	release()
	acquire(t, b, "zone")()
}

// Without a server no replica acquires a name, even if the server is lost while one waits.
func Test14_6_AcquireFailsWithoutTheStore(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := shared.NewMutexes(cachetest.Join(t, server.Config())), shared.NewMutexes(cachetest.Join(t, server.Config()))
	releaseA := acquire(t, a, "zone")
	waited := make(chan error)
	go func() {
		_, err := b.Acquire(t.Context(), "zone")
		waited <- err
	}()
	cachetest.Until(t, "b waits", func() bool { return b.Callers("zone") == 1 })
	server.Kill()
	if err := <-waited; !errors.Is(err, shared.ErrNoExclusion) {
		t.Errorf("Acquire = %v when the server is lost, want %v", err, shared.ErrNoExclusion)
	}
	releaseA()
	if _, err := a.Acquire(t.Context(), "zone"); !errors.Is(err, shared.ErrNoExclusion) {
		t.Errorf("Acquire = %v without a server, want %v", err, shared.ErrNoExclusion)
	}
	held, err := a.Order(t.Context(), "zone")
	if err != nil {
		t.Fatalf("Order = %v without a server, want nil", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := a.Order(ctx, "zone"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Order = %v while the same replica holds it, want %v", err, context.DeadlineExceeded)
	}
	held.Release()
	wantNoneHeld(t, a)
	wantNoneHeld(t, b)
}

// A waiter gives up after AcquireTimeout.
func Test14_12_AcquireHasABound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := shared.NewMutexes(nil)
		release, began := acquire(t, m, "zone"), time.Now()
		if _, err := m.Acquire(t.Context(), "zone"); !errors.Is(err, shared.ErrBusy) || time.Since(began) != shared.AcquireTimeout {
			t.Errorf("Acquire = %v after %v, want %v after %v", err, time.Since(began), shared.ErrBusy, shared.AcquireTimeout)
		}
		release()
		acquire(t, m, "zone")()
		wantNoneHeld(t, m)
	})
}
