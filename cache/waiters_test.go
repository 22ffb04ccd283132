package cache_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

// observed returns a cache whose loads take a second, and HasWaiters of the running load.
func observed(t *testing.T) (c *cache.Cache[string, int], hasWaiters func() bool) {
	t.Helper()
	var mu sync.Mutex
	var load context.Context
	c = cache.New(options(), func(ctx context.Context, _ string) (int, error) {
		mu.Lock()
		load = ctx
		mu.Unlock()
		time.Sleep(time.Second)
		return 1, nil
	})
	t.Cleanup(c.Close)
	return c, func() bool {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return cache.HasWaiters(load)
	}
}

func wantHasWaiters(t *testing.T, hasWaiters func() bool, want bool, when string) {
	t.Helper()
	if got := hasWaiters(); got != want {
		t.Errorf("HasWaiters = %t %s, want %t", got, when, want)
	}
}

func TestHasWaiters_NoLoad(t *testing.T) {
	t.Parallel()
	if !cache.HasWaiters(t.Context()) {
		t.Error("HasWaiters = false outside of a load, want true")
	}
	if cache.HasWaiters(cache.Background(t.Context())) {
		t.Error("HasWaiters = true for a background context, want false")
	}
}

func TestHasWaiters_FromTheStart(t *testing.T) {
	t.Parallel()
	for range 200 {
		var seen bool
		c := cache.New(options(), func(ctx context.Context, _ string) (int, error) {
			seen = cache.HasWaiters(ctx)
			return 1, nil
		})
		if _, err := c.Get(t.Context(), key); err != nil || !seen {
			t.Fatalf("HasWaiters = %t at the start of a load that Get waits for (%v), want true", seen, err)
		}
		c.Close()
	}
}

func TestHasWaiters_WhileCallersWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, hasWaiters := observed(t)
		first, leave := context.WithCancel(t.Context())
		go c.Get(first, key)
		wantHasWaiters(t, hasWaiters, true, "with one caller")
		second, leaveToo := context.WithCancel(t.Context())
		go c.Get(second, key)
		synctest.Wait()
		leave()
		wantHasWaiters(t, hasWaiters, true, "with another caller")
		leaveToo()
		wantHasWaiters(t, hasWaiters, false, "after both have left")
	})
}

func TestHasWaiters_CallerJoinsRefresh(t *testing.T) {
	t.Parallel()
	for name, inBackground := range map[string]bool{"by a caller": false, "in the background": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, hasWaiters := observed(t)
				ctx := t.Context()
				if inBackground {
					ctx = cache.Background(ctx)
				}
				c.Set(key, 1)
				time.Sleep(ttl)
				if _, err := c.Get(ctx, key); err != nil {
					t.Fatal(err)
				}
				wantHasWaiters(t, hasWaiters, false, "for a background refresh")
				go c.Refresh(cache.Background(t.Context()), key)
				wantHasWaiters(t, hasWaiters, false, "after background work has joined")
				joined, leave := context.WithCancel(t.Context())
				go c.Refresh(joined, key)
				wantHasWaiters(t, hasWaiters, true, "after a caller has joined")
				leave()
				wantHasWaiters(t, hasWaiters, false, "after the caller has left")
			})
		})
	}
}

// Background work may start the load and leave. The remaining waiters count.
func TestHasWaiters_CallerJoinsBackgroundLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, hasWaiters := observed(t)
		first, leave := context.WithCancel(cache.Background(t.Context()))
		go c.Get(first, key)
		wantHasWaiters(t, hasWaiters, false, "with background work only")
		go c.Get(t.Context(), key)
		wantHasWaiters(t, hasWaiters, true, "with a caller")
		leave()
		wantHasWaiters(t, hasWaiters, true, "after the background work has left")
	})
}

func TestHasWaiters_NestedLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner, hasWaiters := observed(t)
		outer := cache.New(options(), func(ctx context.Context, _ string) (int, error) {
			got, err := inner.Get(ctx, key)
			return got.Value, err
		})
		defer outer.Close()
		go outer.Get(cache.Background(t.Context()), key)
		wantHasWaiters(t, hasWaiters, false, "for a load of background work")
		caller, leave := context.WithCancel(t.Context())
		go outer.Get(caller, key)
		wantHasWaiters(t, hasWaiters, true, "after a caller has joined the outer load")
		leave()
		wantHasWaiters(t, hasWaiters, false, "after the caller has left")
		go inner.Get(t.Context(), key)
		wantHasWaiters(t, hasWaiters, true, "after a caller has joined the inner load")
	})
}
