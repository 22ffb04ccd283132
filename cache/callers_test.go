package cache_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

// A load has the names of all callers who wait for it, also through another load. A caller who
// leaves is not named any more, and background work has no name.
func Test15_8_Callers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var inside context.Context
		options := cache.Options{Name: "x", TTL: time.Minute, LoadTimeout: time.Minute}
		inner := cache.New(options, func(ctx context.Context, _ int) (int, error) {
			inside = ctx
			time.Sleep(10 * time.Second)
			return 1, nil
		})
		defer inner.Close()
		outer := cache.New(options, func(ctx context.Context, key int) (int, error) {
			entry, err := inner.Get(ctx, key)
			return entry.Value, err
		})
		defer outer.Close()
		get := func(ctx context.Context) {
			go func() { _, _ = outer.Get(ctx, 1) }()
			synctest.Wait()
		}
		want := func(when string, names ...string) {
			t.Helper()
			if got := cache.Callers(inside); !slices.Equal(got, names) {
				t.Errorf("Callers() %s = %v, want %v", when, got, names)
			}
		}
		get(cache.Background(cache.WithCaller(t.Context(), "clock")))
		want("in the background")
		get(cache.WithCaller(t.Context(), "ben"))
		ctx, leave := context.WithCancel(cache.WithCaller(t.Context(), "ana"))
		get(ctx)
		get(cache.WithCaller(t.Context(), "ben"))
		want("of two callers", "ana", "ben")
		leave()
		synctest.Wait()
		want("after one has left", "ben")
		time.Sleep(time.Minute)
		if got := cache.Callers(cache.WithCaller(t.Context(), "ana")); !slices.Equal(got, []string{"ana"}) {
			t.Errorf("Callers() outside of a load = %v, want ana", got)
		}
	})
}
