package cache_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

// asked returns a cache whose loads last a second, and a function that answers whether the load under way is awaited.
func asked(t *testing.T) (c *cache.Cache[string, int], awaited func() bool) {
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

func wantAwaited(t *testing.T, awaited func() bool, want bool, when string) {
	t.Helper()
	if got := awaited(); got != want {
		t.Errorf("HasWaiters = %t %s, want %t", got, when, want)
	}
}

func TestAwaitedOfNoLoad(t *testing.T) {
	t.Parallel()
	if !cache.HasWaiters(t.Context()) {
		t.Error("HasWaiters = false of a context that is no load's, want true")
	}
	if cache.HasWaiters(cache.Background(t.Context())) {
		t.Error("HasWaiters = true of an unawaited context, want false")
	}
}

func TestAwaitedFromTheFirstInstruction(t *testing.T) {
	t.Parallel()
	for range 200 {
		var seen bool
		c := cache.New(options(), func(ctx context.Context, _ string) (int, error) {
			seen = cache.HasWaiters(ctx)
			return 1, nil
		})
		if _, err := c.Get(t.Context(), key); err != nil || !seen {
			t.Fatalf("HasWaiters = %t at the begin of a load that Get waits for (%v), want true", seen, err)
		}
		c.Close()
	}
}

func TestAwaitedWhileSomebodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, awaited := asked(t)
		first, leave := context.WithCancel(t.Context())
		go c.Get(first, key)
		wantAwaited(t, awaited, true, "with one who waits")
		second, leaveToo := context.WithCancel(t.Context())
		go c.Get(second, key)
		synctest.Wait()
		leave()
		wantAwaited(t, awaited, true, "with another who waits")
		leaveToo()
		wantAwaited(t, awaited, false, "when all have left")
	})
}

func TestRefreshBehindIsAwaitedByThoseWhoJoin(t *testing.T) {
	t.Parallel()
	for name, unawaited := range map[string]bool{"begun by a person": false, "begun by nobody": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, awaited := asked(t)
				ctx := t.Context()
				if unawaited {
					ctx = cache.Background(ctx)
				}
				c.Set(key, 1)
				time.Sleep(ttl)
				if _, err := c.Get(ctx, key); err != nil {
					t.Fatal(err)
				}
				wantAwaited(t, awaited, false, "of a refresh behind")
				go c.Refresh(cache.Background(t.Context()), key)
				wantAwaited(t, awaited, false, "when nobody has joined")
				joined, leave := context.WithCancel(t.Context())
				go c.Refresh(joined, key)
				wantAwaited(t, awaited, true, "when somebody has joined")
				leave()
				wantAwaited(t, awaited, false, "when that one has left")
			})
		})
	}
}

// The first who asked may be nobody, and leave: those who still wait count.
func TestAwaitedByThePersonWhoJoinedNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, awaited := asked(t)
		first, leave := context.WithCancel(cache.Background(t.Context()))
		go c.Get(first, key)
		wantAwaited(t, awaited, false, "with nobody who waits")
		go c.Get(t.Context(), key)
		wantAwaited(t, awaited, true, "with a person who waits")
		leave()
		wantAwaited(t, awaited, true, "when nobody has left")
	})
}

func TestNestedLoadIsAwaitedAsTheOuterOneIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner, awaited := asked(t)
		outer := cache.New(options(), func(ctx context.Context, _ string) (int, error) {
			got, err := inner.Get(ctx, key)
			return got.Value, err
		})
		defer outer.Close()
		go outer.Get(cache.Background(t.Context()), key)
		wantAwaited(t, awaited, false, "of a load that nobody's load waits for")
		person, leave := context.WithCancel(t.Context())
		go outer.Get(person, key)
		wantAwaited(t, awaited, true, "when a person waits for the outer load")
		leave()
		wantAwaited(t, awaited, false, "when that one has left")
		go inner.Get(t.Context(), key)
		wantAwaited(t, awaited, true, "when a person waits for the inner load")
	})
}
