package background

import (
	"context"
	"sync"
)

// Coalescer runs a function for many callers, one run at a time. Callers that come while it runs share
// the next run. It is safe for concurrent use.
type Coalescer struct {
	do func() error

	mu      sync.Mutex
	running bool // guarded by mu
	next    *run // has not begun; nil if no caller has asked for it; guarded by mu
}

// run is one call of the function.
type run struct {
	ended chan struct{}
	err   error // valid once ended is closed
}

// NewCoalescer returns a Coalescer of do, which is required and must end by itself.
func NewCoalescer(do func() error) *Coalescer { return &Coalescer{do: do} }

// Begin arranges for a run that begins after this call, and returns at once. Wait returns the run's
// error, or that of a context that ends earlier. It may be left out.
func (c *Coalescer) Begin() (wait func(ctx context.Context) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next == nil {
		c.next = &run{ended: make(chan struct{})}
	}
	if !c.running {
		c.running = true
		go c.runAll()
	}
	return c.next.wait
}

// runAll ends when no caller waits for another run.
func (c *Coalescer) runAll() {
	for r := c.take(); r != nil; r = c.take() {
		r.err = c.do()
		close(r.ended)
	}
}

// take returns the next run, nil for none.
func (c *Coalescer) take() *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.next
	c.next, c.running = nil, r != nil
	return r
}

func (r *run) wait(ctx context.Context) error {
	select {
	case <-r.ended:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
