package cache

import (
	"context"
	"maps"
	"sync"
)

// demand is who stands behind a context: a person, nobody, or those who wait for a load.
type demand interface{ awaited() bool }

type (
	demandKey struct{}
	person    struct{}
	nobody    struct{}
)

func (person) awaited() bool { return true }
func (nobody) awaited() bool { return false }

func demandOf(ctx context.Context) demand {
	if d, ok := ctx.Value(demandKey{}).(demand); ok {
		return d
	}
	return person{}
}

// HasWaiters reports whether anybody waits for the load whose context ctx is, or is derived from. It may change while the load
// runs. A load that only another load waits for is awaited when that one is. Of a context that is no load's it is true.
func HasWaiters(ctx context.Context) bool { return demandOf(ctx).awaited() }

// Background returns a context whose Gets count as nobody's: what is to be had some time, and not as soon as can be.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, demandKey{}, nobody{})
}

// waiters are those who wait for a load, by who stands behind them. The zero value is none.
type waiters struct {
	mu  sync.Mutex // guards all; nothing else is locked under it
	all map[demand]int
}

func (w *waiters) add(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = make(map[demand]int)
	}
	w.all[demandOf(ctx)]++
}

func (w *waiters) remove(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := demandOf(ctx)
	if w.all[d]--; w.all[d] == 0 {
		delete(w.all, d)
	}
}

func (w *waiters) count() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, several := range w.all {
		n += several
	}
	return n
}

func (w *waiters) awaited() bool {
	w.mu.Lock()
	all := maps.Clone(w.all) // those of other loads are asked without the lock, which may be theirs to ask for
	w.mu.Unlock()
	for d := range all {
		if d.awaited() {
			return true
		}
	}
	return false
}
