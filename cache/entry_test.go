package cache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

func TestLasts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ lasts, fresh, served time.Duration }{
		"shorter than the TTL":         {time.Second, ttl, staleLimit},
		"below zero":                   {-time.Hour, ttl, staleLimit},
		"longer than the TTL":          {10 * ttl, 10 * ttl, staleLimit},
		"longer than the stale limit":  {2 * staleLimit, 2 * staleLimit, 2 * staleLimit},
		"as long as a duration can be": {1<<63 - 1, 24 * 365 * time.Hour, 24 * 365 * time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				loads := 0
				c := cache.New(options(), func(context.Context, string) (lasting, error) {
					loads++
					return lasting{}, errDown
				})
				defer c.Close()
				start := time.Now()
				c.Set(key, lasting{tt.lasts})
				time.Sleep(tt.fresh - 1)
				if got, err := c.Get(t.Context(), key); err != nil || got.Stale || loads > 0 {
					t.Errorf("Get = %+v, %v at the end of %v, want it fresh without a load", got, err, tt.fresh)
				}
				if tt.served < 24*365*time.Hour {
					time.Sleep(time.Until(start.Add(tt.served)))
					if got, ok := c.Peek(key); ok {
						t.Errorf("Peek = %+v after %v", got, tt.served)
					}
					if got, err := c.Get(t.Context(), key); err == nil || loads != 1 {
						t.Errorf("Get = %+v, %v after %v and %d loads, want one load", got, err, tt.served, loads)
					}
				}
			})
		})
	}
}

func TestExpireMakesEverythingStale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		start := time.Now()
		c.Set(key, 5)
		c.Set("other", 6)
		time.Sleep(time.Second)
		c.Expire()
		wantStats(t, c, cache.Stats{Name: "plans", Entries: 2, AsOf: start, Stale: true})
		synctest.Wait()
		wantLoads(t, src, 0) // before somebody asks
		wantGet(t, c, 5, true)
		time.Sleep(2 * time.Second)
		wantGet(t, c, 1, false)
		wantLoads(t, src, 1)
	})
}

// A load may have read before Expire what it brings after it.
func TestExpireDuringALoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		time.AfterFunc(time.Second/2, c.Expire)
		wantGet(t, c, 1, true)
		src.set(2, nil)
		wantGet(t, c, 1, true)
		time.Sleep(2 * time.Second)
		wantGet(t, c, 2, false)
		wantLoads(t, src, 2)
	})
}

func TestExpireKeepsNotFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		src.set(0, errGone)
		wantGetErr(t, c, errGone)
		c.Expire()
		wantGetErr(t, c, errGone)
		wantLoads(t, src, 1)
	})
}
