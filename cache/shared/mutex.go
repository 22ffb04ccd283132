package shared

import (
	"context"
	"errors"
	"sync"
)

// Mutexes are locks by name. One caller of all replicas holds a name at a time,
// or one of this replica while the store is lost. Callers of one replica acquire
// a name in the order of their calls. It is safe for concurrent use.
type Mutexes struct {
	store *Store // nil without replicas

	mu     sync.Mutex
	queues map[string]*queue // of each name that is held or waited for; guarded by mu
}

// queue holds the callers of this replica that want one name.
type queue struct {
	held    chan struct{} // full while a caller holds the name
	callers int           // that hold or wait; guarded by Mutexes.mu
}

// NewMutexes returns mutexes shared by all replicas of store. A nil store means
// a single replica.
func NewMutexes(store *Store) *Mutexes {
	return &Mutexes{store: store, queues: map[string]*queue{}}
}

// Acquire waits until the caller holds the name. The caller must call release
// once; it may take a moment. The only error is ctx's.
//
// A caller that holds a name when the store is lost keeps it in this replica
// only.
func (m *Mutexes) Acquire(ctx context.Context, name string) (release func(), err error) {
	releaseLocal, err := m.acquireLocal(ctx, name)
	if err != nil || m.store == nil {
		return releaseLocal, err
	}
	lease, err := m.store.Lock(ctx, name)
	switch {
	case err == nil:
		return func() {
			_ = lease.Release(ctx) // if it fails the lease expires
			releaseLocal()         // last, so that the next caller finds the lease free
		}, nil
	case errors.Is(err, ErrStoreLost):
		return releaseLocal, nil
	default:
		releaseLocal()
		return nil, err
	}
}

// acquireLocal acquires the name among the callers of this replica.
func (m *Mutexes) acquireLocal(ctx context.Context, name string) (release func(), err error) {
	if err := ctx.Err(); err != nil { // the select below would choose at random
		return nil, err
	}
	q := m.join(name)
	select {
	case q.held <- struct{}{}:
		return func() {
			<-q.held
			m.leave(name, q)
		}, nil
	case <-ctx.Done():
		m.leave(name, q)
		return nil, ctx.Err()
	}
}

// join returns the queue of a name, with one caller more.
func (m *Mutexes) join(name string) *queue {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.queues[name]
	if q == nil {
		q = &queue{held: make(chan struct{}, 1)}
		m.queues[name] = q
	}
	q.callers++
	return q
}

// leave removes one caller, and the queue with the last one.
func (m *Mutexes) leave(name string, q *queue) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if q.callers--; q.callers == 0 {
		delete(m.queues, name)
	}
}

// Len returns how many names are held or waited for in this replica.
func (m *Mutexes) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queues)
}
