package cache_test

import (
	"strconv"
	"sync"
	"testing"

	"wisphub-graphql/cache"
)

// Test14_14_CheckBesideAWrite expects the last writes of a process that stops to succeed while the next
// one starts and cleans the folder.
func Test14_14_CheckBesideAWrite(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	old, err := cache.OpenFolder(path, "demo")
	if err != nil {
		t.Fatal(err)
	}
	var writes sync.WaitGroup
	writes.Go(func() {
		for i := range 300 {
			if err := old.Write("sessions", []byte(strconv.Itoa(i))); err != nil {
				t.Errorf("Write beside Check: %v", err)
				return
			}
		}
	})
	done := make(chan struct{})
	go func() { writes.Wait(); close(done) }()
	for {
		select {
		case <-done:
			return
		default:
			_ = old.Check()
		}
	}
}
