package cache_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache"
)

// Test15_10_FolderLock counts in a file through two folders, as two processes would.
func Test15_10_FolderLock(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	const each = 25
	var group sync.WaitGroup
	for range 2 {
		folder, err := cache.OpenFolder(path, "tenant")
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			for range each {
				unlock, err := folder.Lock(t.Context(), "count")
				if err != nil {
					t.Error(err)
					return
				}
				text, _ := folder.Read("count") // the first time there is none
				count, _ := strconv.Atoi(string(text))
				if err := folder.Write("count", strconv.AppendInt(nil, int64(count+1), 10)); err != nil {
					t.Error(err)
				}
				unlock()
			}
		})
	}
	group.Wait()
	folder, err := cache.OpenFolder(path, "tenant")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := folder.Read("count"); string(text) != strconv.Itoa(2*each) || err != nil {
		t.Errorf("count = %s, %v, want %d", text, err, 2*each)
	}
}

// Test15_10_FolderLockEnds expects a deadline to end the wait, a link to be refused, and a deleted
// folder to be made again.
func Test15_10_FolderLockEnds(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "folder")
	folder, err := cache.OpenFolder(path, "tenant")
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := folder.Lock(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := folder.Lock(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Lock of a held lock = %v, want %v", err, context.DeadlineExceeded)
	}
	unlock()
	if err := os.Symlink(filepath.Join(path, "elsewhere"), filepath.Join(path, "b.lock")); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Lock(t.Context(), "b"); err == nil {
		t.Error("Lock of a link = nil, want an error")
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if unlock, err = folder.Lock(t.Context(), "a"); err != nil {
		t.Fatalf("Lock in a deleted folder = %v, want nil", err)
	}
	unlock()
}
