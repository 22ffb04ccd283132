// Package background runs goroutines that have an end, and waits that have one too.
package background

import (
	"context"
	"sync"
	"time"
)

// Group runs goroutines until Close, which waits for them. The zero value is ready and it is safe for concurrent use.
type Group struct {
	mu      sync.Mutex // a Go beside Wait must not add to running
	closed  bool
	running sync.WaitGroup
}

// Go runs do on a goroutine of its own. After Close it runs nothing and returns false.
func (g *Group) Go(do func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.running.Go(do)
	return true
}

// Close refuses further goroutines and waits for those that run. It does not end them: cancel what they wait for first.
// Close may be called more than once.
func (g *Group) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.running.Wait()
}

// Sleep waits for d, or returns early with the context's error. A d of zero or less returns at once.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
