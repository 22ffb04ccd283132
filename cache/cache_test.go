package cache_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

func TestGet_LoadsOnceUntilTTL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		start := time.Now()
		got, err := c.Get(t.Context(), key)
		if err != nil || got.Value != 1 || got.Stale || !got.AsOf.Equal(start) {
			t.Errorf("Get(%q) = %+v, %v, want 1 as of %v, the start of the load", key, got, err, start)
		}
		time.Sleep(time.Until(start.Add(ttl - 1)))
		wantGet(t, c, 1, false)
		synctest.Wait()
		wantLoads(t, src, 1)
	})
}

func TestGet_ServesStaleDuringRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		c.Set(key, 1)
		src.set(2, nil)
		time.Sleep(ttl)
		start := time.Now()
		for range 10 {
			wantGet(t, c, 1, true)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("Get waited %v for a stale value, want 0", waited)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		wantGet(t, c, 2, false)
		wantLoads(t, src, 1)
	})
}

func TestGet_StaleLimit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limit, age time.Duration
		want       int
	}{
		"before the limit":        {staleLimit, staleLimit - 1, 1},
		"at the limit":            {staleLimit, staleLimit, 2},
		"no limit, within TTL":    {0, ttl - 1, 1},
		"no limit, past TTL":      {0, ttl, 2},
		"limit below TTL, within": {ttl / 2, ttl - 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				opts := options()
				opts.StaleLimit = tt.limit
				src, c := open(t, opts)
				c.Set(key, 1)
				src.set(2, nil)
				time.Sleep(tt.age)
				wantPeek := tt.want == 1
				if got, ok := c.Peek(key); ok != wantPeek {
					t.Errorf("Peek(%q) = %+v, %t at age %v, want %t", key, got, ok, tt.age, wantPeek)
				}
				got, err := c.Get(t.Context(), key)
				if err != nil || got.Value != tt.want {
					t.Errorf("Get(%q) = %+v, %v at age %v, want %d", key, got, err, tt.age, tt.want)
				}
			})
		})
	}
}

func TestGet_RetriesFailedFirstLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		src.set(0, errDown)
		wantGetErr(t, c, errDown)
		wantGetErr(t, c, errDown)
		src.set(3, nil)
		wantGet(t, c, 3, false)
		wantLoads(t, src, 3)
	})
}

func TestGet_RemembersNotFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		src.set(0, errGone)
		start := time.Now()
		wantGetErr(t, c, errGone)
		src.set(2, nil)
		time.Sleep(time.Until(start.Add(notFound - 1)))
		wantGetErr(t, c, errGone)
		if got, ok := c.Peek(key); ok {
			t.Errorf("Peek(%q) = %+v, true for a not-found error, want false", key, got)
		}
		time.Sleep(time.Nanosecond)
		wantGet(t, c, 2, false)
		wantLoads(t, src, 2)
	})
}

func TestGet_NoNotFoundTTL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		opts := options()
		opts.NotFoundTTL = 0
		src, c := open(t, opts)
		src.set(0, errGone)
		wantGetErr(t, c, errGone)
		src.set(2, nil)
		wantGet(t, c, 2, false)
	})
}

func TestGet_LoadTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		src.slow(time.Hour)
		start := time.Now()
		_, err := c.Get(t.Context(), key)
		if waited := time.Since(start); waited != timeout {
			t.Errorf("Get waited %v, want %v", waited, timeout)
		}
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "plans") {
			t.Errorf("Get error = %v, want a deadline error with the name of the cache", err)
		}
	})
}

func TestGet_LoaderPanicsOrExits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		load func(context.Context, string) (int, error)
		want string
	}{
		"panic": {func(context.Context, string) (int, error) { panic("boom") }, "load panicked: string"},
		"exit":  {func(context.Context, string) (int, error) { runtime.Goexit(); return 0, nil }, "ended its goroutine"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := cache.New(options(), tt.load)
				defer c.Close()
				_, err := c.Get(t.Context(), key)
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Get error = %v, want one with %q", err, tt.want)
				}
			})
		})
	}
}

type callerKey struct{}

func TestLoad_HasValuesOfFirstCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(options(), func(ctx context.Context, _ string) (any, error) {
			return ctx.Value(callerKey{}), nil
		})
		defer c.Close()
		ctx := context.WithValue(t.Context(), callerKey{}, "ana")
		if got, err := c.Get(ctx, key); err != nil || got.Value != "ana" {
			t.Errorf("Get(%q) = %v, %v, want the caller's value %q", key, got.Value, err, "ana")
		}
	})
}

func TestClose_CancelsLoadsAndServesMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		src.slow(time.Hour)
		c.Set("kept", 7)
		go func() {
			time.Sleep(time.Second)
			c.Close()
		}()
		start := time.Now()
		wantGetErr(t, c, cache.ErrClosed)
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("Get waited %v, want the time until Close", waited)
		}
		wantGetErr(t, c, cache.ErrClosed)
		if _, err := c.Refresh(t.Context(), "kept"); !errors.Is(err, cache.ErrClosed) {
			t.Errorf("Refresh error after Close = %v, want ErrClosed", err)
		}
		time.Sleep(ttl)
		if got, err := c.Get(t.Context(), "kept"); err != nil || got.Value != 7 || !got.Stale {
			t.Errorf("Get(kept) after Close = %+v, %v, want a stale 7", got, err)
		}
		synctest.Wait()
		wantLoads(t, src, 1)
	})
}

func TestClose_WaitsForLoaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ended bool
		c := cache.New(options(), func(ctx context.Context, _ string) (int, error) {
			<-ctx.Done()
			time.Sleep(time.Second) // a slow clean-up
			ended = true
			return 0, ctx.Err()
		})
		go c.Get(t.Context(), key)
		synctest.Wait()
		c.Close()
		if !ended {
			t.Error("Close returned before the loader")
		}
		c.Close() // no effect
	})
}

func TestNew_PanicsWithoutRequiredOption(t *testing.T) {
	t.Parallel()
	load := func(context.Context, string) (int, error) { return 0, nil }
	tests := map[string]struct {
		opts cache.Options
		load func(context.Context, string) (int, error)
	}{
		"TTL":         {cache.Options{LoadTimeout: timeout}, load},
		"LoadTimeout": {cache.Options{TTL: ttl}, load},
		"load":        {cache.Options{TTL: ttl, LoadTimeout: timeout}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Errorf("New without %s did not panic", name)
				}
			}()
			cache.New(tt.opts, tt.load)
		})
	}
}

func TestMaxEntries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		opts := options()
		opts.MaxEntries = 100
		c := cache.New(opts, func(context.Context, int) (int, error) { return 0, nil })
		defer c.Close()
		for i := range 1000 {
			c.Set(i, i)
		}
		if got := c.Stats().Entries; got != 100 {
			t.Errorf("Stats().Entries = %d after 1000 writes, want 100", got)
		}
		if got, ok := c.Peek(999); !ok || got.Value != 999 {
			t.Errorf("Peek(999) = %+v, %t, want the last value written", got, ok)
		}
	})
}
