package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

func TestRefresh_FailureKeepsLastValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		start := time.Now()
		c.Set(key, 1)
		src.set(0, errDown)
		for age := ttl; age < staleLimit; age += ttl {
			time.Sleep(time.Until(start.Add(age)))
			got, err := c.Get(t.Context(), key)
			if err != nil || got.Value != 1 || !got.Stale || !got.AsOf.Equal(start) {
				t.Fatalf("Get(%q) = %+v, %v at age %v, want a stale 1 as of %v", key, got, err, age, start)
			}
		}
		time.Sleep(time.Until(start.Add(staleLimit)))
		wantGetErr(t, c, errDown)
	})
}

func TestRefresh_RetriesAfterPause(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ ttl, pause time.Duration }{
		"a tenth of the TTL": {time.Minute, 6 * time.Second},
		"at least a second":  {2 * time.Second, time.Second},
		"at most one minute": {time.Hour, time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				opts := options()
				opts.TTL, opts.StaleLimit = tt.ttl, 24*time.Hour
				src, c := open(t, opts)
				src.slow(0)
				src.set(0, errDown)
				c.Set(key, 1)
				time.Sleep(tt.ttl)
				wantGet(t, c, 1, true)
				synctest.Wait()
				wantLoads(t, src, 1)

				time.Sleep(tt.pause - 1)
				wantGet(t, c, 1, true)
				synctest.Wait()
				wantLoads(t, src, 1)

				time.Sleep(time.Nanosecond)
				wantGet(t, c, 1, true)
				synctest.Wait()
				wantLoads(t, src, 2)
			})
		})
	}
}

func TestRefresh_PauseDoubles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		src.slow(0)
		src.set(0, errDown)
		c.Set(key, 1)
		time.Sleep(ttl)
		for loads, pause := range []time.Duration{6, 12, 24, 48, 60, 60} {
			wantGet(t, c, 1, true)
			synctest.Wait()
			wantLoads(t, src, loads+1)
			time.Sleep(pause*time.Second - 1)
			wantGet(t, c, 1, true)
			synctest.Wait()
			wantLoads(t, src, loads+1)
			time.Sleep(time.Nanosecond)
		}
		src.set(2, nil)
		wantGet(t, c, 1, true)
		synctest.Wait()
		wantGet(t, c, 2, false)
	})
}

func TestRefresh_PauseEndsAtStaleLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		opts := options()
		opts.StaleLimit = ttl + time.Second // the pause is six
		src, c := open(t, opts)
		src.slow(0)
		src.set(0, errDown)
		c.Set(key, 1)
		time.Sleep(ttl)
		wantGet(t, c, 1, true)
		time.Sleep(time.Second)
		wantGetErr(t, c, errDown)
	})
}

func TestRefresh_NotFoundReplacesValue(t *testing.T) {
	t.Parallel()
	for _, remembered := range []time.Duration{0, notFound} {
		synctest.Test(t, func(t *testing.T) {
			opts := options()
			opts.NotFoundTTL = remembered
			src, c := open(t, opts)
			c.Set(key, 1)
			src.set(0, errGone)
			time.Sleep(ttl)
			wantGet(t, c, 1, true)
			time.Sleep(2 * time.Second)
			if got, ok := c.Peek(key); ok {
				t.Errorf("Peek(%q) = %+v, true after a not-found refresh, want false", key, got)
			}
			wantGetErr(t, c, errGone)
		})
	}
}

func TestOnRefreshError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		act  func(ctx context.Context, c *cache.Cache[string, int])
		want int
	}{
		"no waiters": {errDown, func(context.Context, *cache.Cache[string, int]) {}, 1},
		"a caller joins": {errDown, func(ctx context.Context, c *cache.Cache[string, int]) {
			c.Refresh(ctx, key)
		}, 0},
		"a caller joins and leaves": {errDown, func(ctx context.Context, c *cache.Cache[string, int]) {
			ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			c.Refresh(ctx, key)
		}, 1},
		"not found": {errGone, func(context.Context, *cache.Cache[string, int]) {}, 0},
		"overtaken": {errDown, func(_ context.Context, c *cache.Cache[string, int]) {
			c.Set(key, 2)
		}, 0},
		"closed": {errDown, func(_ context.Context, c *cache.Cache[string, int]) { c.Close() }, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var got []error
				opts := options()
				opts.OnRefreshError = func(k any, err error) {
					if k != key {
						t.Errorf("OnRefreshError key = %v, want %q", k, key)
					}
					got = append(got, err)
				}
				src, c := open(t, opts)
				c.Set(key, 1)
				src.set(0, tt.err)
				time.Sleep(ttl)
				wantGet(t, c, 1, true)
				tt.act(t.Context(), c)
				time.Sleep(timeout)
				synctest.Wait()
				if len(got) != tt.want || len(got) > 0 && !errors.Is(got[0], errDown) {
					t.Errorf("OnRefreshError received %v, want %d errors", got, tt.want)
				}
			})
		})
	}
}

func TestRefresh_LoadsFreshValueAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		c.Set(key, 1)
		src.set(2, nil)
		got, err := c.Refresh(t.Context(), key)
		if err != nil || got.Value != 2 || got.Stale {
			t.Errorf("Refresh(%q) = %+v, %v, want a fresh 2", key, got, err)
		}
		wantGet(t, c, 2, false)
		wantLoads(t, src, 1)
	})
}

func TestRefresh_FailureKeepsFreshValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		start := time.Now()
		c.Set(key, 1)
		src.set(0, errDown)
		if got, err := c.Refresh(t.Context(), key); !errors.Is(err, errDown) {
			t.Errorf("Refresh(%q) = %+v, %v, want %v", key, got, err, errDown)
		}
		time.Sleep(time.Until(start.Add(ttl - 1)))
		wantGet(t, c, 1, false)
		synctest.Wait()
		wantLoads(t, src, 1) // a failure does not start an earlier refresh
	})
}

func TestRefresh_JoinsRunningLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		c.Set(key, 1)
		src.set(2, nil)
		time.Sleep(ttl)
		wantGet(t, c, 1, true)
		time.Sleep(time.Second / 2)
		start := time.Now()
		got, err := c.Refresh(t.Context(), key)
		if waited := time.Since(start); err != nil || got.Value != 2 || waited != time.Second/2 {
			t.Errorf("Refresh(%q) = %+v, %v after %v, want 2 after the rest of the second", key, got, err, waited)
		}
		wantLoads(t, src, 1)
	})
}
