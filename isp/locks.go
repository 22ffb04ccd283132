package isp

import (
	"context"
	"errors"
	"sync"

	"wisphub-graphql/cache"
)

// locks lets one caller at a time do something under a name: of all replicas while they have their store, else of this one.
// Callers of one replica come in the order in which they asked.
type locks struct {
	shared *cache.Shared // nil for a replica that is alone

	mu    sync.Mutex
	queue map[string]*queue // of each name that somebody holds or waits for; guarded by mu
}

// queue is of those who want one name in this replica.
type queue struct {
	held  chan struct{} // full while somebody holds the name
	users int           // who hold or wait; guarded by the mutex of locks
}

func newLocks(shared *cache.Shared) *locks {
	return &locks{shared: shared, queue: map[string]*queue{}}
}

// take waits for the name's turn. What it returns must be called once, and may take a moment. The only error is ctx's.
//
// A caller who holds the name when the store is lost goes on holding it here only.
func (l *locks) take(ctx context.Context, name string) (release func(), err error) {
	leave, err := l.takeHere(ctx, name)
	if err != nil || l.shared == nil {
		return leave, err
	}
	lease, err := l.shared.Lock(ctx, name)
	switch {
	case err == nil:
		return func() {
			_ = lease.Release(ctx) // or it ends by itself
			leave()                // last, so that who comes next finds the lease free
		}, nil
	case errors.Is(err, cache.ErrStoreLost):
		return leave, nil
	default:
		leave()
		return nil, err
	}
}

// takeHere is take among the callers of this replica.
func (l *locks) takeHere(ctx context.Context, name string) (release func(), err error) {
	if err := ctx.Err(); err != nil { // a name that is free would be given by chance
		return nil, err
	}
	q := l.enter(name)
	select {
	case q.held <- struct{}{}:
		return func() {
			<-q.held
			l.leave(name, q)
		}, nil
	case <-ctx.Done():
		l.leave(name, q)
		return nil, ctx.Err()
	}
}

// enter returns the queue of a name with the caller in it.
func (l *locks) enter(name string) *queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queue[name]
	if q == nil {
		q = &queue{held: make(chan struct{}, 1)}
		l.queue[name] = q
	}
	q.users++
	return q
}

// leave forgets the queue behind the last who leaves it.
func (l *locks) leave(name string, q *queue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(l.queue, name)
	}
}
