package cache_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

func TestWaiters_OutliveFirstCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		first, leave := context.WithCancel(t.Context())
		go func() {
			if _, err := c.Get(first, key); !errors.Is(err, context.Canceled) {
				t.Errorf("Get of the first caller = %v, want %v", err, context.Canceled)
			}
		}()
		synctest.Wait()
		var waiters sync.WaitGroup
		for range 50 {
			waiters.Go(func() { wantGet(t, c, 1, false) })
		}
		synctest.Wait()
		leave()
		waiters.Wait()
		wantLoads(t, src, 1)
		if got := c.Stats(); got.Misses != 51 || got.Hits != 0 {
			t.Errorf("Stats() = %+v, want 51 misses", got)
		}
	})
}

func TestWaiters_OwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		for _, deadline := range []time.Duration{0, time.Millisecond, time.Second / 2} {
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			defer cancel()
			start := time.Now()
			_, err := c.Get(ctx, key)
			if waited := time.Since(start); waited != deadline || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Get waited %v with error %v, want %v and a deadline error", waited, err, deadline)
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
		wantGet(t, c, 1, false) // the load without waiters has stored its value
		wantLoads(t, src, 1)
		if got := c.Stats().Misses; got != 2 {
			t.Errorf("Stats().Misses = %d, want 2, as the Get with an ended context did not wait", got)
		}
	})
}

func TestGet_EndedContextLoadsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Get(ctx, key); !errors.Is(err, context.Canceled) {
			t.Errorf("Get error = %v, want %v", err, context.Canceled)
		}
		wantLoads(t, src, 0)
		c.Set(key, 5)
		if got, err := c.Get(ctx, key); err != nil || got.Value != 5 {
			t.Errorf("Get(%q) = %+v, %v, want 5 from memory", key, got, err)
		}
	})
}

func TestSet_OverridesRunningLoad(t *testing.T) {
	t.Parallel()
	for name, stale := range map[string]bool{"first load": false, "refresh": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				src, c := open(t, options())
				if stale {
					c.Set(key, 0)
					time.Sleep(ttl)
				}
				go c.Get(t.Context(), key)
				synctest.Wait()
				start := time.Now()
				time.AfterFunc(time.Second/2, func() { c.Set(key, 9) })
				got, err := c.Refresh(t.Context(), key)
				if waited := time.Since(start); err != nil || got.Value != 9 || waited != time.Second/2 {
					t.Errorf("Refresh(%q) = %+v, %v after %v, want the 9 of Set at the time of Set", key, got, err, waited)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				wantGet(t, c, 9, false)
				wantLoads(t, src, 1)
			})
		})
	}
}

func TestInvalidate_RestartsLoadWithWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		var waiters sync.WaitGroup
		for range 3 { // they wait since before Invalidate and still get the new value
			waiters.Go(func() { wantGet(t, c, 2, false) })
		}
		time.Sleep(time.Second / 2)
		src.set(2, nil)
		c.Invalidate(key)
		waiters.Go(func() { wantGet(t, c, 2, false) })
		waiters.Wait()
		wantGet(t, c, 2, false)
		wantLoads(t, src, 2)
	})
}

func TestInvalidate_DropsRefreshWithoutWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		c.Set(key, 1)
		time.Sleep(ttl)
		wantGet(t, c, 1, true)
		synctest.Wait()
		c.Invalidate(key)
		time.Sleep(timeout)
		if got, ok := c.Peek(key); ok {
			t.Errorf("Peek(%q) = %+v, true after Invalidate, want false", key, got)
		}
		wantLoads(t, src, 1)
	})
}

// A loader that ignores its context must not restore the old value.
func TestInvalidate_DropsResultOfRunningLoader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var loads atomic.Int32
		c := cache.New(options(), func(context.Context, string) (int32, error) {
			n := loads.Add(1)
			time.Sleep(time.Minute / time.Duration(n)) // the second ends before the first
			return n, nil
		})
		defer c.Close()
		go c.Get(t.Context(), key)
		synctest.Wait()
		c.Invalidate(key)
		time.Sleep(time.Minute - 1)
		for range 2 {
			if got, ok := c.Peek(key); !ok || got.Value != 2 {
				t.Errorf("Peek(%q) = %+v, %t, want 2", key, got, ok)
			}
			time.Sleep(time.Nanosecond)
			synctest.Wait()
		}
	})
}

// TestRaces calls all methods concurrently, in real time, for the race detector.
func TestRaces(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.TTL, opts.StaleLimit, opts.MaxEntries = time.Microsecond, time.Millisecond, 8
	opts.OnRefreshError = func(any, error) {}
	var n atomic.Int64
	c := cache.New(opts, func(_ context.Context, _ int) (int64, error) {
		if n.Add(1)%5 == 0 {
			return 0, errDown
		}
		runtime.Gosched()
		return n.Load(), nil
	})
	var workers sync.WaitGroup
	for w := range 8 {
		workers.Go(func() {
			for i := range 2000 {
				k := (i + w) % 16
				switch i % 16 {
				case 0:
					c.Set(k, n.Add(1))
				case 1:
					c.Invalidate(k)
				case 2:
					c.Refresh(t.Context(), k)
				case 3:
					c.Stats()
				default:
					if _, err := c.Get(t.Context(), k); err != nil && !errors.Is(err, errDown) {
						t.Errorf("Get(%d) error = %v", k, err)
					}
				}
			}
		})
	}
	workers.Wait()
	c.Close()
}
