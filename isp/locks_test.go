package isp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
)

// joinStore returns one more replica on the server, as soon as it is up.
func joinStore(t *testing.T, server *cachetest.Server) *cache.Shared {
	t.Helper()
	shared, err := cache.OpenShared(cache.SharedConfig{URL: server.URL(), Namespace: "demo", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shared.Close)
	untilTrue(t, "the store is up", shared.Up)
	return shared
}

// untilTrue waits for what must come true.
func untilTrue(t *testing.T, what string, true func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !true(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

func takeLock(t *testing.T, l *locks, name string) (release func()) {
	t.Helper()
	release, err := l.take(t.Context(), name)
	if err != nil {
		t.Errorf("take(%q) = %v", name, err)
		return func() {}
	}
	return release
}

// users returns how many hold or wait for the name.
func (l *locks) users(name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q := l.queue[name]; q != nil {
		return q.users
	}
	return 0
}

func wantNoQueues(t *testing.T, l *locks) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) > 0 {
		t.Errorf("%d names are remembered that nobody wants, want none", len(l.queue))
	}
}

func TestLocksKeepOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLocks(nil)
		var order []int // guarded by the lock itself
		for i := range 10 {
			go func() {
				release := takeLock(t, l, "zone")
				time.Sleep(time.Second)
				order = append(order, i)
				release()
			}()
			synctest.Wait()
		}
		began := time.Now()
		other := takeLock(t, l, "another zone")
		if time.Since(began) > 0 {
			t.Errorf("another name waited for %v", time.Since(began))
		}
		other()
		time.Sleep(5*time.Second + time.Second/2) // the last comes when half of them have left
		last := takeLock(t, l, "zone")
		if took := time.Since(began); took != 10*time.Second || !slices.Equal(order, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("the last has its turn after %v, behind %v; want all ten in their order, a second each", took, order)
		}
		last()
		wantNoQueues(t, l)
	})
}

func TestLocksAreWaitedForUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLocks(nil)
		release := takeLock(t, l, "zone")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if leave, err := l.take(ctx, "zone"); !errors.Is(err, context.DeadlineExceeded) || leave != nil {
			t.Errorf("take = %v, want %v", err, context.DeadlineExceeded)
		}
		release()
		takeLock(t, l, "zone")()
		wantNoQueues(t, l)
	})
}

// Many callers, of whom some give up, for the race detector.
func TestLocksHaveOneHolder(t *testing.T) {
	t.Parallel()
	l := newLocks(nil)
	var counters [3]int // each guarded by its lock
	var taken atomic.Int64
	var callers sync.WaitGroup
	for i := range 60 {
		callers.Go(func() {
			for round := range 50 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(round*i)*time.Microsecond)
				if release, err := l.take(ctx, fmt.Sprint("zone ", i%3)); err == nil {
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
	wantNoQueues(t, l)
}

func TestLocksOfReplicas(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	replicas := []*locks{newLocks(joinStore(t, server)), newLocks(joinStore(t, server))}
	var holders atomic.Int32
	var callers sync.WaitGroup
	for i := range 20 {
		callers.Go(func() {
			for range 5 {
				release := takeLock(t, replicas[i%2], "zone")
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
	for _, l := range replicas {
		wantNoQueues(t, l)
	}
}

func TestLocksOfReplicasEndWithTheContext(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := newLocks(joinStore(t, server)), newLocks(joinStore(t, server))
	release := takeLock(t, a, "zone")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.take(ctx, "zone"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("take = %v while another replica holds it, want %v", err, context.DeadlineExceeded)
	}
	wantNoQueues(t, b)
	release()
	takeLock(t, b, "zone")()
}

// Without a store each replica has its own turns, also when it is lost while one waits for another replica.
func TestLocksWithoutTheStore(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := newLocks(joinStore(t, server)), newLocks(joinStore(t, server))
	releaseA := takeLock(t, a, "zone")
	taken := make(chan func())
	go func() { taken <- takeLock(t, b, "zone") }()
	untilTrue(t, "b waits", func() bool { return b.users("zone") == 1 })
	server.Kill()
	releaseB := <-taken
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := b.take(ctx, "zone"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("take = %v while the same replica holds it, want %v", err, context.DeadlineExceeded)
	}
	releaseA()
	releaseB()
	takeLock(t, a, "zone")()
	wantNoQueues(t, a)
	wantNoQueues(t, b)
}
