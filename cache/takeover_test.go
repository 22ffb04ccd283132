package cache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// slowOptions are for loads of which two at once are to be avoided.
func slowOptions() cache.Options {
	opts := options()
	opts.LoadTimeout, opts.LostWait = time.Minute, time.Minute
	return opts
}

// loadingPair returns two replicas of which the first loads until proceed, and the second waits
// for it.
func loadingPair(t *testing.T, opts cache.Options) (
	server *cachetest.Server, stores [2]*shared.Store, b *cache.Cache[string, int], began chan int, proceed chan struct{},
) {
	t.Helper()
	server = cachetest.StartServer(t)
	load, began, proceed := blockingLoader()
	var a *cache.Cache[string, int]
	stores[0], a = replica(t, server, opts, load)
	stores[1], b = replica(t, server, opts, load)
	go a.Get(t.Context(), key)
	<-began
	go b.Get(t.Context(), key)
	cachetest.Until(t, "the other waits", func() bool { return b.Waiting(key) })
	time.Sleep(100 * time.Millisecond) // it has found the lease held
	return server, stores, b, began, proceed
}

// pause suspends the server until both replicas have lost it and the lease is over.
func pause(t *testing.T, server *cachetest.Server, stores [2]*shared.Store) {
	t.Helper()
	server.Freeze()
	for _, store := range stores {
		cachetest.Until(t, "the store is lost", func() bool { return !store.Up() })
	}
	time.Sleep(time.Second)
}

func wantOneLoad(t *testing.T, began chan int) {
	t.Helper()
	select {
	case <-began:
		t.Error("both replicas load")
	default:
	}
}

// While the store is paused, and afterwards, one replica loads.
func Test14_11_PausedStoreOneLoads(t *testing.T) {
	t.Parallel()
	server, stores, b, began, proceed := loadingPair(t, slowOptions())
	pause(t, server, stores)
	server.Thaw()
	for _, store := range stores {
		cachetest.Until(t, "the store is back", store.Up)
	}
	time.Sleep(time.Second) // longer than a lease
	wantOneLoad(t, began)
	proceed <- struct{}{}
	untilValue(t, b, 1)
}

// A value that was loaded while the store was paused is published when it is back.
func Test14_11_LoadedWhilePaused(t *testing.T) {
	t.Parallel()
	server, stores, b, began, proceed := loadingPair(t, slowOptions())
	pause(t, server, stores)
	proceed <- struct{}{}
	time.Sleep(100 * time.Millisecond)
	server.Thaw()
	untilValue(t, b, 1)
	wantOneLoad(t, began)
}

// The wait for a replica that was loading has a bound: it may have been lost with the store.
func Test14_11_LostStoreIsWaitedForSoLong(t *testing.T) {
	t.Parallel()
	opts := slowOptions()
	opts.LostWait = 3 * time.Second
	server, _, b, began, proceed := loadingPair(t, opts)
	start := time.Now()
	server.Kill()
	proceed <- struct{}{} // for both: the first holds its value and cannot publish it
	proceed <- struct{}{}
	untilValue(t, b, 2)
	if took := time.Since(start); took < opts.LostWait-time.Second || took > opts.LostWait+3*time.Second {
		t.Errorf("the other loaded after %v, want about %v", took, opts.LostWait)
	}
	<-began
}

// datedValue was read since a time.
type datedValue time.Time

func (d datedValue) ReadSince() time.Time { return time.Time(d) }

// A value that goes on from what was read earlier is as old as that.
func Test14_11_DatedValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		since := time.Now().Add(-10 * time.Second)
		c := cache.New(cache.Options{TTL: time.Minute, LoadTimeout: time.Minute}, func(context.Context, string) (datedValue, error) {
			return datedValue(since), nil
		})
		defer c.Close()
		got, err := c.Get(t.Context(), key)
		if err != nil || !got.AsOf.Equal(since) {
			t.Errorf("Get() = as of %v, %v, want %v", got.AsOf, err, since)
		}
	})
}
