package cache_test

import (
	"testing"

	"wisphub-graphql/cache/cachetest"
)

func Test14_2_LoadPublished(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	src := realTimeSource(t)
	_, a := replica(t, server, options(), src.load)
	wantGet(t, a, 1, false)
	cachetest.Until(t, "the value is published", func() bool {
		_, b := replica(t, server, options(), src.load)
		return b.LoadPublished(t.Context(), key) == 1
	})
	_, c := replica(t, server, options(), src.load)
	if got := c.LoadPublished(t.Context(), key, "unknown"); got != 1 {
		t.Errorf("LoadPublished = %d, want 1", got)
	}
	if entry, known := c.Peek(key); !known || entry.Value != 1 || entry.Stale {
		t.Errorf("Peek = %+v, %t, want the fresh value of the other replica", entry, known)
	}
	if got := c.LoadPublished(t.Context(), key); got != 0 {
		t.Errorf("LoadPublished = %d with the same value in memory, want 0", got)
	}
	c.Set(key, 7)
	if entry, _ := c.Peek(key); c.LoadPublished(t.Context(), key) != 0 || entry.Value != 7 {
		t.Errorf("Peek = %+v after LoadPublished, want the newer value in memory", entry)
	}
	a.Invalidate(key)
	_, d := replica(t, server, options(), src.load)
	if got := d.LoadPublished(t.Context(), key); got != 0 {
		t.Errorf("LoadPublished = %d of a value that was revoked, want 0", got)
	}
	wantLoads(t, src, 1)
	_, single := open(t, options())
	if got := single.LoadPublished(t.Context(), key); got != 0 {
		t.Errorf("LoadPublished = %d without a store, want 0", got)
	}
}
