package cache_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

func TestReplicas_LoadOnce(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	src := realTimeSource(t)
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
	asOf := untilValue(t, replicas[0], 1).AsOf.Round(0)
	for _, c := range replicas[1:] {
		if got := untilValue(t, c, 1).AsOf.Round(0); !got.Equal(asOf) {
			t.Errorf("AsOf = %v on one replica and %v on another, want the same", asOf, got)
		}
	}
}

func TestReplicas_ApplyRefresh(t *testing.T) {
	t.Parallel()
	src, a, b := pair(t, options())
	wantGet(t, a, 1, false)
	wantGet(t, b, 1, false)
	wantLoads(t, src, 1)

	src.set(2, nil)
	refresh(t, b, 2) // while a holds a fresh value
	refreshed := time.Now()
	untilValue(t, a, 2)
	if took := time.Since(refreshed); took > time.Second {
		t.Errorf("the other replica had the value after %v, want at most a second", took)
	}
	wantLoads(t, src, 2)
}

// A background refresh must use what another replica has just loaded.
func TestReplicas_RefreshOnce(t *testing.T) {
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
	untilValue(t, a, 2)
	untilValue(t, b, 2)
	wantLoads(t, src, 2)
}

func TestReplicas_FailurePausesAll(t *testing.T) {
	t.Parallel()
	src, a, b := pair(t, options())
	src.set(0, errDown)
	wantGetErr(t, a, errDown)
	cachetest.Until(t, "the other replica pauses", func() bool {
		_, err := b.Get(t.Context(), key)
		return err != nil && !errors.Is(err, errDown)
	})
	wantLoads(t, src, 1)
}

func TestReplicas_ServeOldValueDuringFailure(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.TTL = 300 * time.Millisecond
	server := cachetest.StartServer(t)
	src := realTimeSource(t)
	var unreported atomic.Int32
	opts.OnRefreshError = func(any, error) { unreported.Add(1) }
	_, a := replica(t, server, opts, src.load)
	_, b := replica(t, server, opts, src.load)
	a.Get(t.Context(), key)
	b.Get(t.Context(), key)
	src.set(0, errDown)
	if _, err := a.Refresh(t.Context(), key); !errors.Is(err, errDown) {
		t.Fatalf("Refresh = %v, want %v", err, errDown)
	}
	cachetest.Until(t, "the refresh of the other replica has failed too", func() bool {
		if got, err := b.Get(t.Context(), key); err != nil || got.Value != 1 {
			t.Fatalf("Get = %+v, %v, want the old 1", got, err)
		}
		return unreported.Load() > 0
	})
	wantLoads(t, src, 2)
}

// A not-found error is not published, and removes the published value.
func TestReplicas_NotFoundIsNotShared(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.NotFoundTTL = time.Millisecond
	server := cachetest.StartServer(t)
	src := realTimeSource(t)
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

func TestReplicas_Invalidate(t *testing.T) {
	t.Parallel()
	src, a, b := pair(t, options())
	wantGet(t, a, 1, false)
	wantGet(t, b, 1, false)
	src.set(2, nil)
	a.Invalidate(key)
	cachetest.Until(t, "the other replica has forgotten the key", func() bool { _, ok := b.Peek(key); return !ok })
	wantGet(t, b, 2, false)
	wantGet(t, a, 2, false)
	wantLoads(t, src, 2)
}

// A new attempt must not wait for the old one, here or on another replica, and the
// value of the old one must not come back.
func TestReplicas_InvalidateRestartsLoadUnderLease(t *testing.T) {
	t.Parallel()
	for _, here := range []bool{true, false} {
		server := cachetest.StartServer(t)
		var loads atomic.Int32
		began, end := make(chan struct{}), make(chan struct{})
		stubborn := func(context.Context, string) (int, error) {
			if loads.Add(1) == 1 {
				close(began)
				<-end // ignores its context
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
			t.Errorf("the new attempt took %v, want no wait for the old one", took)
		}
		close(end)
		a.Close() // waits until the old attempt has ended
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

// A load made pointless by Set, Close or Invalidate is no failure: no replica pauses.
func TestReplicas_OvertakenLoadReleasesLease(t *testing.T) {
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
			_, b := replica(t, server, options(), realTimeSource(t).load)
			ctx, leave := context.WithCancel(t.Context())
			var waiter sync.WaitGroup
			waiter.Go(func() { a.Get(ctx, key) })
			<-began
			leave()
			waiter.Wait()
			overtake(a)
			start := time.Now()
			wantGet(t, b, 1, false)
			// If the message about the release is missed, the next retry finds the lease free.
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("the next load took %v, want no wait for the lease", took)
			}
		})
	}
}

func TestReplicas_RefreshAfterSet(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	var loads atomic.Int32
	a := cache.New(options(), func(ctx context.Context, _ string) (int, error) {
		if loads.Add(1) == 1 {
			<-ctx.Done()
			time.Sleep(100 * time.Millisecond) // so that the next load finds the lease held
			return 1, nil
		}
		return 2, nil
	})
	defer a.Close()
	a.Persist(decimal, cachetest.Join(t, server.Config())) // long leases, which are rarely retried
	go a.Get(t.Context(), key)
	cachetest.Until(t, "the load has begun", func() bool { return loads.Load() == 1 })
	a.Set(key, 9)
	start := time.Now()
	refresh(t, a, 2)
	if took := time.Since(start); took > time.Second {
		t.Errorf("Refresh took %v, want no wait for the lease", took)
	}
}

func TestReplicas_ExitingLoaderReleasesLease(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){"Goexit": runtime.Goexit, "panic": func() { panic("load") }} {
		server := cachetest.StartServer(t)
		_, a := replica(t, server, options(), func(context.Context, string) (int, error) { end(); return 0, nil })
		if _, err := a.Get(t.Context(), key); err == nil {
			t.Errorf("%s: Get = nil, want an error", name)
		}
		s := joinShortLeases(t, server)
		cachetest.Until(t, "the lease is released after "+name, func() bool {
			_, err := s.Lease(t.Context(), `plans/"`+key+`"`)
			return errors.Is(err, shared.ErrLeaseFailed)
		})
	}
}

// The value of a loader that ignores its context is not published after Set or Close.
func TestReplicas_OvertakenLoadPublishesNothing(t *testing.T) {
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
	a.Close() // waits until the load has ended
	s := cachetest.Join(t, server.Config())
	if got, err := s.Get(t.Context(), stored); !errors.Is(err, shared.ErrNoValue) {
		t.Errorf("Get = %q, %v, want no published value", got, err)
	}
}
