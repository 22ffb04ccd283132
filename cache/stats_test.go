package cache_test

import (
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
)

func TestStats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		src, c := open(t, options())
		if got, want := c.Stats(), (cache.Stats{Name: "plans"}); got != want {
			t.Errorf("Stats() = %+v when empty, want %+v", got, want)
		}

		start := time.Now()
		wantGet(t, c, 1, false) // a miss
		wantGet(t, c, 1, false) // a hit
		c.Peek(key)
		c.Refresh(t.Context(), key)
		src.set(0, errGone)
		for range 3 { // a miss and two hits, no entry
			c.Get(t.Context(), "gone")
		}
		c.Set("other", 2)
		asOf := start.Add(time.Second) // when the refresh began
		wantStats(t, c, cache.Stats{Name: "plans", Entries: 2, Hits: 3, Misses: 2, AsOf: asOf})

		time.Sleep(time.Until(asOf.Add(ttl)))
		wantGet(t, c, 1, true) // a hit, though stale
		wantStats(t, c, cache.Stats{Name: "plans", Entries: 2, Hits: 4, Misses: 2, AsOf: asOf, Stale: true})

		time.Sleep(staleLimit)
		wantStats(t, c, cache.Stats{Name: "plans", Hits: 4, Misses: 2})
	})
}

func wantStats(t *testing.T, c *cache.Cache[string, int], want cache.Stats) {
	t.Helper()
	got := c.Stats()
	same := got.AsOf.Equal(want.AsOf)
	got.AsOf = want.AsOf // its monotonic reading may differ
	if !same || got != want {
		t.Errorf("Stats() = %+v, want %+v", c.Stats(), want)
	}
}
