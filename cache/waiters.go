package cache

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// requester is what a Get is made for: a foreground caller, background work, or
// another load, which has waiters of its own.
type requester interface {
	hasWaiters() bool
	// addCallers adds the names of the foreground callers, for which the value does not matter.
	addCallers(names map[string]bool)
}

type (
	requesterKey struct{}
	foreground   struct{ name string } // "" for none
	inBackground struct{}
)

func (foreground) hasWaiters() bool   { return true }
func (inBackground) hasWaiters() bool { return false }

func (f foreground) addCallers(names map[string]bool) {
	if f.name != "" {
		names[f.name] = true
	}
}

func (inBackground) addCallers(map[string]bool) {}

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

// WithCaller returns a context whose Gets are made by the named foreground caller.
func WithCaller(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, requesterKey{}, foreground{name})
}

// Callers returns the names of the foreground callers who wait now for the load to which ctx, or a
// parent of it, belongs, in order and without repetition. It may change while the load runs. For a
// context outside of any load it is the name given to [WithCaller].
func Callers(ctx context.Context) []string {
	names := make(map[string]bool)
	requesterOf(ctx).addCallers(names)
	return slices.Sorted(maps.Keys(names))
}

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
	for r := range w.requesters() {
		if r.hasWaiters() {
			return true
		}
	}
	return false
}

func (w *waiters) addCallers(names map[string]bool) {
	for r := range w.requesters() {
		r.addCallers(names)
	}
}

// requesters returns a copy, to be asked without the lock: other loads have locks of their own.
func (w *waiters) requesters() map[requester]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.all)
}
