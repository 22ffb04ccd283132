package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
)

func TestEntry_OwnTTL(t *testing.T) {
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
					t.Errorf("Get = %+v, %v just before %v, want it fresh without a load", got, err, tt.fresh)
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

func TestExpire_MakesAllValuesStale(t *testing.T) {
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
		wantLoads(t, src, 0) // only a Get starts a refresh
		wantGet(t, c, 5, true)
		time.Sleep(2 * time.Second)
		wantGet(t, c, 1, false)
		wantLoads(t, src, 1)
	})
}

// A load that began before Expire may return a value from before it.
func TestExpire_DuringLoad(t *testing.T) {
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

func TestExpire_KeepsNotFound(t *testing.T) {
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

func TestGet_RemembersFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		loads := 0
		c := cache.New(cache.Options{TTL: ttl, LoadTimeout: timeout, FailureTTL: 5 * time.Second},
			func(context.Context, string) (int, error) {
				if loads++; loads == 1 {
					return 0, errDown
				}
				return 1, nil
			})
		defer c.Close()
		for range 3 {
			if _, err := c.Get(t.Context(), key); !errors.Is(err, errDown) {
				t.Errorf("Get = %v, want the remembered failure", err)
			}
		}
		if _, known := c.Peek(key); known || c.Stats().Entries != 0 || loads != 1 {
			t.Errorf("Peek = %t, %d entries, %d loads after a failure, want false, 0 and 1", known, c.Stats().Entries, loads)
		}
		time.Sleep(5 * time.Second)
		if entry, err := c.Get(t.Context(), key); err != nil || entry.Value != 1 {
			t.Errorf("Get = %+v, %v after FailureTTL, want 1", entry, err)
		}
	})
}

// lasting is a value with a TTL of its own.
type lasting struct{ For time.Duration }

func (l lasting) OwnTTL() time.Duration { return l.For }

func TestReplicas_ValueOwnTTL(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	opts := options()
	opts.TTL, opts.StaleLimit = 20*time.Millisecond, 100*time.Millisecond
	var loads atomic.Int32
	open := func() *cache.Cache[string, lasting] {
		c := cache.New(opts, func(context.Context, string) (lasting, error) {
			loads.Add(1)
			return lasting{time.Minute}, nil
		})
		c.Persist(cache.Codec[lasting]{
			Encode: func(l lasting) ([]byte, error) { return fmt.Append(nil, int64(l.For)), nil },
			Decode: func(data []byte) (lasting, error) {
				n, err := strconv.ParseInt(string(data), 10, 64)
				return lasting{time.Duration(n)}, err
			},
		}, joinShortLeases(t, server))
		t.Cleanup(c.Close)
		return c
	}
	a, b := open(), open()
	first, err := a.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	cachetest.Until(t, "the value is older than StaleLimit", func() bool { return time.Since(first.AsOf) > 2*opts.StaleLimit })
	for _, c := range []*cache.Cache[string, lasting]{a, b} {
		if got, err := c.Get(t.Context(), key); err != nil || got.Stale {
			t.Errorf("Get = %+v, %v, want it fresh for a minute", got, err)
		}
	}
	wantLoaded(t, &loads, 1)
}
