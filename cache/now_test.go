package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

func Test16_3_GetNow(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.FailureTTL = 20 * time.Second
	tests := map[string]struct {
		prepare func(src *source, c *cache.Cache[string, int])
		after   time.Duration
		want    int
		stale   bool
		err     error
		loads   int // that GetNow starts
	}{
		"missing": {func(*source, *cache.Cache[string, int]) {}, 0, 0, false, cache.ErrNotInMemory, 0},
		"fresh":   {func(_ *source, c *cache.Cache[string, int]) { c.Set(key, 7) }, ttl - 1, 7, false, nil, 0},
		"stale":   {func(_ *source, c *cache.Cache[string, int]) { c.Set(key, 7) }, ttl, 7, true, nil, 1},
		"dead":    {func(_ *source, c *cache.Cache[string, int]) { c.Set(key, 7) }, staleLimit, 0, false, cache.ErrNotInMemory, 0},
		"expired": {func(_ *source, c *cache.Cache[string, int]) {
			c.Set(key, 7)
			time.Sleep(time.Second)
			c.Expire()
		}, 0, 7, true, nil, 1},
		"not found":      {func(src *source, c *cache.Cache[string, int]) { fail(src, c, errGone) }, notFound - 1, 0, false, errGone, 0},
		"not found once": {func(src *source, c *cache.Cache[string, int]) { fail(src, c, errGone) }, notFound, 0, false, cache.ErrNotInMemory, 0},
		"failed":         {func(src *source, c *cache.Cache[string, int]) { fail(src, c, errDown) }, 20*time.Second - 1, 0, false, errDown, 0},
		"failed once":    {func(src *source, c *cache.Cache[string, int]) { fail(src, c, errDown) }, 20 * time.Second, 0, false, cache.ErrNotInMemory, 0},
		"closed":         {func(_ *source, c *cache.Cache[string, int]) { c.Set(key, 7); c.Close() }, ttl, 7, true, nil, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				src, c := open(t, opts)
				src.slow(0)
				tt.prepare(src, c)
				time.Sleep(tt.after)
				loads, hits, began := src.count(), c.Stats().Hits, time.Now()
				got, err := c.GetNow(t.Context(), key)
				if got.Value != tt.want || got.Stale != tt.stale || !errors.Is(err, tt.err) || time.Since(began) > 0 {
					t.Errorf("GetNow() = %+v, %v after %v, want %d, stale %t, %v at once", got, err, time.Since(began), tt.want, tt.stale, tt.err)
				}
				if held := !errors.Is(err, cache.ErrNotInMemory); (c.Stats().Hits == hits+1) != held {
					t.Errorf("%d hits, want one more than %d: %t", c.Stats().Hits, hits, held)
				}
				synctest.Wait()
				wantLoads(t, src, loads+tt.loads)
			})
		})
	}
}

// fail makes a load fail without delay.
func fail(src *source, c *cache.Cache[string, int], err error) {
	src.set(0, err)
	_, _ = c.Get(context.Background(), key)
	src.set(1, nil)
}

// A refresh that GetNow starts has the values of its context, as one of Get has.
func Test16_3_GetNow_RefreshHasContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type user struct{}
		seen := make(chan any, 1)
		c := cache.New(options(), func(ctx context.Context, _ string) (int, error) {
			seen <- ctx.Value(user{})
			return 2, nil
		})
		t.Cleanup(c.Close)
		c.Set(key, 1)
		time.Sleep(ttl)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), user{}, "ana"))
		if _, err := c.GetNow(ctx, key); err != nil {
			t.Fatal(err)
		}
		cancel()
		if got := <-seen; got != "ana" {
			t.Errorf("the refresh ran for %v, want ana", got)
		}
		synctest.Wait()
		wantGet(t, c, 2, false)
	})
}

func Test16_2_Changes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(t *testing.T, src *source, c *cache.Cache[string, int])
		counts bool
	}{
		"set":            {func(_ *testing.T, _ *source, c *cache.Cache[string, int]) { c.Set(key, 2) }, true},
		"set as of":      {func(_ *testing.T, _ *source, c *cache.Cache[string, int]) { c.SetAsOf(key, 2, time.Now()) }, true},
		"set as of past": {func(_ *testing.T, _ *source, c *cache.Cache[string, int]) { c.SetAsOf(key, 2, time.Now().Add(-ttl)) }, false},
		"invalidate":     {func(_ *testing.T, _ *source, c *cache.Cache[string, int]) { c.Invalidate(key) }, true},
		"expire":         {func(_ *testing.T, _ *source, c *cache.Cache[string, int]) { c.Expire() }, true},
		"refresh": {func(t *testing.T, _ *source, c *cache.Cache[string, int]) {
			_, _ = c.Refresh(t.Context(), key)
		}, true},
		"first load": {func(t *testing.T, _ *source, c *cache.Cache[string, int]) {
			_, _ = c.Get(t.Context(), "another")
		}, true},
		"refresh finds nothing": {func(t *testing.T, src *source, c *cache.Cache[string, int]) {
			src.set(0, errGone)
			_, _ = c.Refresh(t.Context(), key)
		}, true},
		"refresh fails": {func(t *testing.T, src *source, c *cache.Cache[string, int]) {
			src.set(0, errDown)
			_, _ = c.Refresh(t.Context(), key)
		}, false},
		"hit":           {func(t *testing.T, _ *source, c *cache.Cache[string, int]) { _, _ = c.Get(t.Context(), key) }, false},
		"nothing known": {func(t *testing.T, _ *source, c *cache.Cache[string, int]) { _, _ = c.GetNow(t.Context(), "another") }, false},
		"failure evicts": {func(t *testing.T, src *source, c *cache.Cache[string, int]) {
			src.set(0, errDown)
			_, _ = c.Get(t.Context(), "another")
			_, _ = c.Get(t.Context(), "a third")
		}, true},
		"failure without eviction": {func(t *testing.T, src *source, c *cache.Cache[string, int]) {
			src.set(0, errDown)
			_, _ = c.Get(t.Context(), "another")
		}, false},
	}
	opts := options()
	opts.MaxEntries, opts.FailureTTL = 2, time.Second
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				src, c := open(t, opts)
				src.slow(0)
				c.Set(key, 1)
				time.Sleep(time.Second)
				before := c.Changes()
				tt.change(t, src, c)
				synctest.Wait()
				if after := c.Changes(); (after != before) != tt.counts {
					t.Errorf("Changes() = %d after %d, want a change: %t", after, before, tt.counts)
				}
			})
		})
	}
}

func Test16_2_Changes_Restore(t *testing.T) {
	t.Parallel()
	folder := openFolder(t, t.TempDir(), "demo")
	_, saved := openPersistent(t, options())
	saved.Set(key, 1)
	save(t, saved, folder, 0)
	_, c := openPersistent(t, options())
	before := c.Changes()
	wantRestored(t, c, folder, 1)
	if c.Changes() == before {
		t.Error("Changes() is the same after Restore")
	}
}
