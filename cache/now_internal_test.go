package cache

import (
	"sync"
	"testing"
	"time"
)

// A change is counted after readers can see it: what is read after the count is never older.
func Test16_2_Changes_CountedWhenVisible(t *testing.T) {
	t.Parallel()
	const writes, readers = 50_000, 4
	c := New(Options{Name: "n", TTL: time.Hour, LoadTimeout: time.Minute}, noLoad)
	t.Cleanup(c.Close)
	if c.Set("n", 1); c.Changes() != 1 {
		t.Fatalf("Changes() = %d after one Set, want 1", c.Changes())
	}
	var group sync.WaitGroup
	group.Go(func() {
		for value := 2; value <= writes; value++ {
			c.Set("n", value)
		}
	})
	for range readers {
		group.Go(func() {
			for counted := uint64(0); counted < writes; {
				counted = c.Changes()
				if rec, _ := c.records.Peek("n"); uint64(rec.value) < counted {
					t.Errorf("%d is read after %d counted writes", rec.value, counted)
					return
				}
			}
		})
	}
	group.Wait()
}
