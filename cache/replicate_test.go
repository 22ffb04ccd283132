package cache_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

var decimal = cache.Codec[int]{
	Encode: func(n int) ([]byte, error) { return strconv.AppendInt(nil, int64(n), 10), nil },
	Decode: func(data []byte) (int, error) { return strconv.Atoi(string(data)) },
}

// quick returns a source for real time, which answers 1 after 50 ms. Replicas that share it must not read at once.
func quick(t *testing.T) *source {
	return &source{report: t.Errorf, value: 1, delay: 50 * time.Millisecond, live: make(map[string]context.Context)}
}

type load = func(context.Context, string) (int, error)

// joinShort joins a store whose leases last 600 ms.
func joinShort(t *testing.T, server *cachetest.Server) *shared.Store {
	t.Helper()
	cfg := server.Config()
	cfg.LeaseTTL, cfg.LockTTL = 600*time.Millisecond, 600*time.Millisecond
	return cachetest.Join(t, cfg)
}

// replica returns a cache over its own connection to the store, whose leases last 600 ms.
func replica(t *testing.T, server *cachetest.Server, opts cache.Options, load load) (*shared.Store, *cache.Cache[string, int]) {
	t.Helper()
	store := joinShort(t, server)
	c := cache.New(opts, load)
	c.Persist(decimal, store)
	t.Cleanup(c.Close)
	return store, c
}

// pair returns two replicas that read from one source.
func pair(t *testing.T, opts cache.Options) (src *source, a, b *cache.Cache[string, int]) {
	t.Helper()
	server := cachetest.StartServer(t)
	src = quick(t)
	_, a = replica(t, server, opts, src.load)
	_, b = replica(t, server, opts, src.load)
	return src, a, b
}

// untilHeld waits until memory holds value.
func untilHeld(t *testing.T, c *cache.Cache[string, int], value int) cache.Entry[int] {
	t.Helper()
	var got cache.Entry[int]
	cachetest.Until(t, "memory holds "+strconv.Itoa(value), func() bool {
		entry, ok := c.Peek(key)
		got = entry
		return ok && entry.Value == value
	})
	return got
}

func refresh(t *testing.T, c *cache.Cache[string, int], want int) {
	t.Helper()
	if got, err := c.Refresh(t.Context(), key); err != nil || got.Value != want || got.Stale {
		t.Errorf("Refresh(%q) = %+v, %v, want a fresh %d", key, got, err, want)
	}
}

func TestReplicasLoadOnce(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	src := quick(t)
	var replicas []*cache.Cache[string, int]
	for range 3 {
		_, c := replica(t, server, options(), src.load)
		replicas = append(replicas, c)
	}
	var callers sync.WaitGroup
	for _, c := range replicas {
		for range 50 {
			callers.Go(func() { wantGet(t, c, 1, false) })
		}
	}
	callers.Wait()
	wantLoads(t, src, 1)
	asOf := untilHeld(t, replicas[0], 1).AsOf.Round(0)
	for _, c := range replicas[1:] {
		if got := untilHeld(t, c, 1).AsOf.Round(0); !got.Equal(asOf) {
			t.Errorf("as of %v on one replica and %v on another", asOf, got)
		}
	}
}

func TestReplicaTakesOverARefresh(t *testing.T) {
	t.Parallel()
	src, a, b := pair(t, options())
	wantGet(t, a, 1, false)
	wantGet(t, b, 1, false)
	wantLoads(t, src, 1)

	src.set(2, nil)
	refresh(t, b, 2) // though a holds a fresh one
	handed := time.Now()
	untilHeld(t, a, 2)
	if took := time.Since(handed); took > time.Second {
		t.Errorf("the other replica had the value after %v, want it within a second", took)
	}
	wantLoads(t, src, 2)
}

// Who refreshes behind the scenes need not read what another has just read.
func TestReplicasRefreshOnce(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.TTL = 400 * time.Millisecond
	src, a, b := pair(t, opts)
	for _, c := range []*cache.Cache[string, int]{a, b} {
		if _, err := c.Get(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	src.set(2, nil)
	cachetest.Until(t, "the value is stale", func() bool {
		entry, _ := b.Peek(key)
		return entry.Stale
	})
	a.Get(t.Context(), key)
	b.Get(t.Context(), key)
	untilHeld(t, a, 2)
	untilHeld(t, b, 2)
	wantLoads(t, src, 2)
}

func TestReplicaThatFailsPausesTheOthers(t *testing.T) {
	t.Parallel()
	src, a, b := pair(t, options())
	src.set(0, errDown)
	wantGetErr(t, a, errDown)
	cachetest.Until(t, "the other has heard", func() bool {
		_, err := b.Get(t.Context(), key)
		return err != nil && !errors.Is(err, errDown)
	})
	wantLoads(t, src, 1)
}

func TestReplicaServesItsOldValueWhileAnotherFails(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.TTL = 300 * time.Millisecond
	server := cachetest.StartServer(t)
	src := quick(t)
	var unheard atomic.Int32
	opts.OnRefreshError = func(any, error) { unheard.Add(1) }
	_, a := replica(t, server, opts, src.load)
	_, b := replica(t, server, opts, src.load)
	a.Get(t.Context(), key)
	b.Get(t.Context(), key)
	src.set(0, errDown)
	if _, err := a.Refresh(t.Context(), key); !errors.Is(err, errDown) {
		t.Fatalf("Refresh = %v, want %v", err, errDown)
	}
	cachetest.Until(t, "the other has given up too", func() bool {
		if got, err := b.Get(t.Context(), key); err != nil || got.Value != 1 {
			t.Fatalf("Get = %+v, %v, want the old 1", got, err)
		}
		return unheard.Load() > 0
	})
	wantLoads(t, src, 2)
}

// What one has not found the others look for themselves, and what they had read before is found no more.
func TestReplicasDoNotShareNotFound(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.NotFoundTTL = time.Millisecond
	server := cachetest.StartServer(t)
	src := quick(t)
	_, a := replica(t, server, opts, src.load)
	wantGet(t, a, 1, false)
	src.set(0, errGone)
	if _, err := a.Refresh(t.Context(), key); !errors.Is(err, errGone) {
		t.Fatalf("Refresh = %v, want %v", err, errGone)
	}
	_, b := replica(t, server, opts, src.load)
	for i, c := range []*cache.Cache[string, int]{b, a} {
		time.Sleep(2 * opts.NotFoundTTL)
		wantGetErr(t, c, errGone)
		wantLoads(t, src, 3+i)
	}
}

func TestInvalidateReachesReplicas(t *testing.T) {
	t.Parallel()
	src, a, b := pair(t, options())
	wantGet(t, a, 1, false)
	wantGet(t, b, 1, false)
	src.set(2, nil)
	a.Invalidate(key)
	cachetest.Until(t, "the other has forgotten", func() bool { _, ok := b.Peek(key); return !ok })
	wantGet(t, b, 2, false)
	wantGet(t, a, 2, false)
	wantLoads(t, src, 2)
}

// The old attempt and the new one, or another replica's, must not wait for each other, and what the old one has read must
// not come back.
func TestInvalidateRestartsALoadUnderALease(t *testing.T) {
	t.Parallel()
	for _, here := range []bool{true, false} {
		server := cachetest.StartServer(t)
		var loads atomic.Int32
		began, end := make(chan struct{}), make(chan struct{})
		stubborn := func(context.Context, string) (int, error) {
			if loads.Add(1) == 1 {
				close(began)
				<-end // whatever the context says
				return 1, nil
			}
			return 2, nil
		}
		_, a := replica(t, server, options(), stubborn)
		_, b := replica(t, server, options(), stubborn)
		var waiter sync.WaitGroup
		waiter.Go(func() { wantGet(t, a, 2, false) })
		<-began
		start := time.Now()
		if here {
			a.Invalidate(key)
		} else {
			b.Invalidate(key)
		}
		waiter.Wait()
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("the new attempt took %v, want no waiting for the old", took)
		}
		close(end)
		a.Close() // once the old attempt has ended
		wantGet(t, b, 2, false)
		wantLoaded(t, &loads, 2)
	}
}

func wantLoaded(t *testing.T, loads *atomic.Int32, want int32) {
	t.Helper()
	if got := loads.Load(); got != want {
		t.Errorf("%d loads, want %d", got, want)
	}
}

// A value that Set, Close or Invalidate made pointless is no failure: nobody has to pause.
func TestOvertakenLoadHandsItsLeaseBack(t *testing.T) {
	t.Parallel()
	for name, overtake := range map[string]func(c *cache.Cache[string, int]){
		"Set":        func(c *cache.Cache[string, int]) { c.Set(key, 9) },
		"Invalidate": func(c *cache.Cache[string, int]) { c.Invalidate(key) },
		"Close":      func(c *cache.Cache[string, int]) { c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := cachetest.StartServer(t)
			began := make(chan struct{})
			_, a := replica(t, server, options(), func(ctx context.Context, _ string) (int, error) {
				close(began)
				<-ctx.Done()
				return 0, ctx.Err()
			})
			_, b := replica(t, server, options(), quick(t).load)
			ctx, giveUp := context.WithCancel(t.Context())
			var waiter sync.WaitGroup
			waiter.Go(func() { a.Get(ctx, key) })
			<-began
			giveUp()
			waiter.Wait()
			overtake(a)
			start := time.Now()
			wantGet(t, b, 1, false)
			// The news that the lease is free may get lost, and then the next look, after 1.5 s, finds it so. It lasts for 15 s.
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("the next load ended after %v, want no waiting for the lease", took)
			}
		})
	}
}

func TestSetThenRefreshWaitsForNoLease(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	var loads atomic.Int32
	a := cache.New(options(), func(ctx context.Context, _ string) (int, error) {
		if loads.Add(1) == 1 {
			<-ctx.Done()
			time.Sleep(100 * time.Millisecond) // so that the lease is held when the next load wants it
			return 1, nil
		}
		return 2, nil
	})
	defer a.Close()
	a.Persist(decimal, cachetest.Join(t, server.Config())) // whose leases last long, and are seldom looked after
	go a.Get(t.Context(), key)
	cachetest.Until(t, "the load has begun", func() bool { return loads.Load() == 1 })
	a.Set(key, 9)
	start := time.Now()
	refresh(t, a, 2)
	if took := time.Since(start); took > time.Second {
		t.Errorf("Refresh took %v, want no waiting for the lease", took)
	}
}

func TestLoadThatEndsItsGoroutineHandsItsLeaseBack(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){"Goexit": runtime.Goexit, "panic": func() { panic("load") }} {
		server := cachetest.StartServer(t)
		_, a := replica(t, server, options(), func(context.Context, string) (int, error) { end(); return 0, nil })
		if _, err := a.Get(t.Context(), key); err == nil {
			t.Errorf("%s: Get = nil, want an error", name)
		}
		s := joinShort(t, server)
		cachetest.Until(t, "the lease has been handed back by "+name, func() bool {
			_, err := s.Lease(t.Context(), `plans/"`+key+`"`)
			return errors.Is(err, shared.ErrLeaseFailed)
		})
	}
}

// What a load that does not heed its context brings, after Set or Close has ended it, is not shown to others.
func TestOvertakenLoadPublishesNothing(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	began, end := make(chan struct{}), make(chan struct{})
	_, a := replica(t, server, options(), func(context.Context, string) (int, error) {
		close(began)
		<-end
		return 1, nil
	})
	go a.Get(t.Context(), key)
	<-began
	a.Set(key, 9)
	close(end)
	a.Close() // when the load has ended
	s := cachetest.Join(t, server.Config())
	if got, err := s.Get(t.Context(), stored); !errors.Is(err, shared.ErrNoValue) {
		t.Errorf("Load = %q, %v, want nothing published", got, err)
	}
}
