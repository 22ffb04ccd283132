package cache

import (
	"context"
	"maps"
	"sync"
)

// requester is what a Get is made for: a foreground caller, background work, or
// another load, which has waiters of its own.
type requester interface{ hasWaiters() bool }

type (
	requesterKey struct{}
	foreground   struct{}
	inBackground struct{}
)

func (foreground) hasWaiters() bool   { return true }
func (inBackground) hasWaiters() bool { return false }

func requesterOf(ctx context.Context) requester {
	if r, ok := ctx.Value(requesterKey{}).(requester); ok {
		return r
	}
	return foreground{}
}

// HasWaiters reports whether a foreground caller waits for the load to which
// ctx, or a parent of it, belongs. The answer may change while the load runs. A
// load that only another load waits for has waiters if that one has. For a
// context outside of any load HasWaiters returns true.
func HasWaiters(ctx context.Context) bool { return requesterOf(ctx).hasWaiters() }

// Background returns a context whose Gets do not count as waiters: their result
// is not urgent.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, requesterKey{}, inBackground{})
}

// waiters counts the waiters of a load by requester. The zero value is empty.
type waiters struct {
	mu  sync.Mutex // guards all; no other lock is taken while holding it
	all map[requester]int
}

func (w *waiters) add(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = make(map[requester]int)
	}
	w.all[requesterOf(ctx)]++
}

func (w *waiters) remove(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := requesterOf(ctx)
	if w.all[r]--; w.all[r] == 0 {
		delete(w.all, r)
	}
}

// count includes background work.
func (w *waiters) count() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, count := range w.all {
		n += count
	}
	return n
}

func (w *waiters) hasWaiters() bool {
	w.mu.Lock()
	all := maps.Clone(w.all) // called below without the lock: other loads have locks of their own
	w.mu.Unlock()
	for r := range all {
		if r.hasWaiters() {
			return true
		}
	}
	return false
}
