package cache_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
)

// openPersistent is open for a cache that Save and Restore can use.
func openPersistent(t *testing.T, opts cache.Options) (*source, *cache.Cache[string, int]) {
	t.Helper()
	src, c := open(t, opts)
	c.Persist(decimal, nil)
	return src, c
}

func save(t *testing.T, c *cache.Cache[string, int], folder *cache.Folder, saved uint64) uint64 {
	t.Helper()
	saved, err := c.Save(folder, saved)
	if err != nil {
		t.Fatalf("Save = %v", err)
	}
	return saved
}

func wantRestored(t *testing.T, c *cache.Cache[string, int], folder *cache.Folder, want int) {
	t.Helper()
	if got, err := c.Restore(folder); err != nil || got != want {
		t.Errorf("Restore = %d, %v, want %d values", got, err, want)
	}
}

func wantHeld(t *testing.T, c *cache.Cache[string, int], key string, want cache.Entry[int]) {
	t.Helper()
	got, ok := c.Peek(key)
	if !ok || got.Value != want.Value || got.Stale != want.Stale || !got.AsOf.Equal(want.AsOf) {
		t.Errorf("Peek(%q) = %+v, %t, want %+v", key, got, ok, want)
	}
}

func TestRestore_ReturnsSavedValues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := openFolder(t, t.TempDir(), "demo")
		_, before := openPersistent(t, options())
		start := time.Now()
		before.Set(key, 7)
		time.Sleep(time.Second)
		before.Set("older", 8)
		before.Set("one\nmore", 9)
		save(t, before, folder, 0)

		src, c := openPersistent(t, options())
		wantRestored(t, c, folder, 3)
		wantHeld(t, c, key, cache.Entry[int]{Value: 7, AsOf: start, Stale: true})
		wantHeld(t, c, "older", cache.Entry[int]{Value: 8, AsOf: start.Add(time.Second), Stale: true})
		wantStats(t, c, cache.Stats{Name: "plans", Entries: 3, AsOf: start, Stale: true})

		wantGet(t, c, 7, true) // stale even within its TTL
		time.Sleep(time.Second)
		synctest.Wait()
		wantGet(t, c, 1, false)
		wantLoads(t, src, 1)
	})
}

func TestRestore_NoFile(t *testing.T) {
	t.Parallel()
	_, c := openPersistent(t, options())
	wantRestored(t, c, openFolder(t, t.TempDir(), "demo"), 0)
}

func TestRestore_ValueOutlivesFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := openFolder(t, t.TempDir(), "demo")
		_, before := openPersistent(t, options())
		before.Set(key, 7)
		save(t, before, folder, 0)
		src, c := openPersistent(t, options())
		wantRestored(t, c, folder, 1)
		src.set(0, errDown)
		for range 3 {
			wantGet(t, c, 7, true)
			time.Sleep(time.Second)
			synctest.Wait()
		}
		wantLoads(t, src, 1) // the retry pause holds
		c.Expire()
		wantGet(t, c, 7, true)
	})
}

func TestSave_WritesOnlyAfterChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := t.TempDir()
		file := filepath.Join(path, "plans.snapshot")
		folder := openFolder(t, path, "demo")
		src, c := openPersistent(t, options())
		saved := save(t, c, folder, 0)
		wantRestored(t, c, folder, 0) // an empty cache writes no file

		for change, writes := range map[string]bool{"set": true, "invalidate": true, "load": true, "expire": false, "fail": false} {
			c.Set(key, 1)
			saved = save(t, c, folder, saved)
			if err := os.WriteFile(file, []byte("as it was"), 0o600); err != nil {
				t.Fatal(err)
			}
			switch change {
			case "set":
				c.Set(key, 2)
			case "invalidate":
				c.Invalidate(key)
			case "load":
				c.Refresh(t.Context(), key)
			case "expire":
				c.Expire()
			case "fail":
				src.set(0, errDown)
				c.Refresh(t.Context(), key)
				src.set(1, nil)
			}
			saved = save(t, c, folder, saved)
			if content, err := os.ReadFile(file); err != nil || (string(content) != "as it was") != writes {
				t.Errorf("after %s: the file = %q, %v, want it rewritten: %t", change, content, err, writes)
			}
			if again := save(t, c, folder, saved); again != saved {
				t.Errorf("Save = %d, want the %d of the last Save without a change", again, saved)
			}
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		save(t, c, folder, saved)
		if _, err := os.Stat(file); err != nil {
			t.Errorf("Save after the file was deleted: Stat = %v, want the file again", err)
		}
	})
}

func TestRestore_OmitsOldValues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := openFolder(t, t.TempDir(), "demo")
		_, before := openPersistent(t, options())
		before.Set("old", 1)
		time.Sleep(time.Minute)
		before.Set(key, 2)
		before.Set("gone", 3)
		before.Invalidate("gone")
		save(t, before, folder, 0)
		time.Sleep(staleLimit - time.Minute)

		_, c := openPersistent(t, options())
		wantRestored(t, c, folder, 1)
		wantGet(t, c, 2, true)
		time.Sleep(time.Minute - time.Second/2) // past the limit, but before the end of the refresh
		if got, ok := c.Peek("old"); ok {
			t.Errorf("Peek = %+v for a value past the limit, want none", got)
		}
	})
}

func TestRestore_MemoryWins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := openFolder(t, t.TempDir(), "demo")
		_, before := openPersistent(t, options())
		before.Set(key, 7)
		save(t, before, folder, 0)
		time.Sleep(time.Second)
		_, c := openPersistent(t, options())
		c.Set(key, 9)
		wantRestored(t, c, folder, 0)
		wantGet(t, c, 9, false)
	})
}

func TestRestore_UnusableFiles(t *testing.T) {
	t.Parallel()
	line := func(size int) string {
		return fmt.Sprintf(`{"key":"x","asOf":%q,"size":%d}`, time.Now().Format(time.RFC3339Nano), size)
	}
	for name, payload := range map[string]string{
		"no line":               "7",
		"no JSON":               "7\n",
		"no key":                `{"asOf":"2026-01-01T00:00:00Z","size":1}` + "\n7",
		"a key of another type": `{"key":7,"asOf":"2026-01-01T00:00:00Z","size":1}` + "\n7",
		"no time":               `{"key":"x","asOf":"never","size":1}` + "\n7",
		"truncated":             line(2) + "\n7",
		"a negative size":       line(-1) + "\n7",
		"an absurd size":        line(1<<62) + "\n7",
		"no number":             line(1) + "\nx",
		"trailing data":         line(1) + "\n7more",
	} {
		folder := openFolder(t, t.TempDir(), "demo")
		write(t, folder, "plans", payload)
		_, c := openPersistent(t, options())
		if got, err := c.Restore(folder); err == nil {
			t.Errorf("%s: Restore = %d, nil, want an error", name, got)
		}
		c.Set(key, 5)
		wantGet(t, c, 5, false)
	}
	path := t.TempDir()
	write(t, openFolder(t, path, "another"), "plans", line(1)+"\n7")
	_, c := openPersistent(t, options())
	if got, err := c.Restore(openFolder(t, path, "demo")); !errors.Is(err, cache.ErrDamaged) || got != 0 {
		t.Errorf("Restore of another tenant's file = %d, %v, want %v", got, err, cache.ErrDamaged)
	}
}

// A value dated in the future, by a wrong clock, counts as read at Restore.
func TestRestore_FutureValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		folder := openFolder(t, t.TempDir(), "demo")
		future := time.Now().Add(24 * time.Hour).Format(time.RFC3339Nano)
		write(t, folder, "plans", fmt.Sprintf(`{"key":%q,"asOf":%q,"size":1}`, key, future)+"\n7")
		_, c := openPersistent(t, options())
		wantRestored(t, c, folder, 1)
		wantHeld(t, c, key, cache.Entry[int]{Value: 7, AsOf: time.Now(), Stale: true})
		wantGet(t, c, 7, true)
		time.Sleep(2 * time.Second)
		wantGet(t, c, 1, false)
	})
}

func TestSave_EncodingError(t *testing.T) {
	t.Parallel()
	_, c := open(t, options())
	codec := decimal
	codec.Encode = func(int) ([]byte, error) { return nil, errDown }
	c.Persist(codec, nil)
	c.Set(key, 1)
	if saved, err := c.Save(openFolder(t, t.TempDir(), "demo"), 0); !errors.Is(err, errDown) || saved != 0 {
		t.Errorf("Save = %d, %v, want 0 and %v", saved, err, errDown)
	}
}

// Save runs during writes, for the race detector, and must write whole files.
func TestSave_DuringWrites(t *testing.T) {
	t.Parallel()
	folder := openFolder(t, t.TempDir(), "demo")
	c := cache.New(options(), func(context.Context, string) (int, error) { return 1, nil })
	defer c.Close()
	c.Persist(decimal, nil)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				c.Set(fmt.Sprint(i%20), i)
				c.Invalidate(fmt.Sprint((i + 10) % 20))
				runtime.Gosched()
			}
		}
	}()
	var saved uint64
	for range 20 {
		saved = save(t, c, folder, saved)
		_, other := openPersistent(t, options())
		if _, err := other.Restore(folder); err != nil {
			t.Errorf("Restore = %v", err)
		}
	}
}

// A restarted replica learns from the others that a restored value is still fresh.
func TestRestore_ValueFreshOnAnotherReplica(t *testing.T) {
	t.Parallel()
	src, a, b := pair(t, options())
	folder := openFolder(t, t.TempDir(), "demo")
	wantGet(t, a, 1, false)
	save(t, a, folder, 0)
	wantRestored(t, b, folder, 1)
	cachetest.Until(t, "the restored value is fresh", func() bool {
		got, err := b.Get(t.Context(), key)
		return err == nil && got.Value == 1 && !got.Stale
	})
	wantLoads(t, src, 1)
}
