package shared

import (
	"context"
	"errors"
	"sync"
)

// Mutexes lets one caller at a time do something under a name: of all replicas while they have their store, else of this one.
// Callers of one replica come in the order in which they asked.
type Mutexes struct {
	store *Store // nil for a replica that is alone

	mu    sync.Mutex
	queue map[string]*queue // of each name that somebody holds or waits for; guarded by mu
}

// queue is of those who want one name in this replica.
type queue struct {
	held  chan struct{} // full while somebody holds the name
	users int           // who hold or wait; guarded by the mutex of Mutexes
}

func NewMutexes(store *Store) *Mutexes {
	return &Mutexes{store: store, queue: map[string]*queue{}}
}

// acquire waits for the name's turn. What it returns must be called once, and may acquire a moment. The only error is ctx's.
//
// A caller who holds the name when the store is lost goes on holding it here only.
func (m *Mutexes) Acquire(ctx context.Context, name string) (release func(), err error) {
	leave, err := m.acquireLocal(ctx, name)
	if err != nil || m.store == nil {
		return leave, err
	}
	lease, err := m.store.Lock(ctx, name)
	switch {
	case err == nil:
		return func() {
			_ = lease.Release(ctx) // or it ends by itself
			leave()                // last, so that who comes next finds the lease free
		}, nil
	case errors.Is(err, ErrStoreLost):
		return leave, nil
	default:
		leave()
		return nil, err
	}
}

// acquireLocal is acquire among the callers of this replica.
func (m *Mutexes) acquireLocal(ctx context.Context, name string) (release func(), err error) {
	if err := ctx.Err(); err != nil { // a name that is free would be given by chance
		return nil, err
	}
	q := m.enter(name)
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

// enter returns the queue of a name with the caller in it.
func (m *Mutexes) enter(name string) *queue {
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.queue[name]
	if q == nil {
		q = &queue{held: make(chan struct{}, 1)}
		m.queue[name] = q
	}
	q.users++
	return q
}

// leave forgets the queue behind the last who leaves it.
func (m *Mutexes) leave(name string, q *queue) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(m.queue, name)
	}
}

// Len returns how many names are held or waited for in this replica.
func (m *Mutexes) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queue)
}
