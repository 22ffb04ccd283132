package shared

import (
	"context"
	"errors"
	"sync"
	"time"
)

var (
	// ErrNoExclusion is returned by [Mutexes.Acquire] while replicas cannot exclude
	// each other: the store is lost, or it lost its values a moment ago.
	ErrNoExclusion = errors.New("shared: the replicas cannot coordinate now")

	// ErrBusy is returned by [Mutexes.Acquire] if the name is not free in time.
	ErrBusy = errors.New("shared: another caller holds the lock for too long")
)

// AcquireTimeout is the longest wait of [Mutexes.Acquire]. It exceeds the default
// of [Config.Regroup].
const AcquireTimeout = 10 * time.Second

// Mutexes are locks by name. One caller of all replicas holds a name at a time.
// Callers of one replica acquire a name in the order of their calls. It is safe
// for concurrent use.
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

// Held is a name that a caller holds.
type Held struct {
	lease        *Lease // nil without replicas
	releaseLocal func()
}

// NewMutexes returns mutexes shared by all replicas of store. A nil store means
// a single replica.
func NewMutexes(store *Store) *Mutexes {
	return &Mutexes{store: store, queues: map[string]*queue{}}
}

// Acquire waits until the caller holds the name, at most [AcquireTimeout]. The
// caller must release it. It fails with ctx's error, [ErrBusy] or
// [ErrNoExclusion].
//
// The lock may get lost while it is held, if the server is lost or flushed. What
// must not happen twice has to be recorded by [Batch.Commit] first.
func (m *Mutexes) Acquire(ctx context.Context, name string) (*Held, error) {
	return m.acquire(ctx, name, (*Store).lockExclusive)
}

func (m *Mutexes) acquire(
	ctx context.Context, name string, lock func(*Store, context.Context, string) (*Lease, error),
) (*Held, error) {
	waiting, cancel := context.WithTimeout(ctx, AcquireTimeout)
	defer cancel()
	releaseLocal, err := m.acquireLocal(waiting, name)
	if err != nil {
		return nil, acquireError(ctx, waiting)
	}
	if m.store == nil {
		return &Held{releaseLocal: releaseLocal}, nil
	}
	lease, err := lock(m.store, waiting, name)
	if err != nil {
		releaseLocal()
		return nil, acquireError(ctx, waiting)
	}
	return &Held{lease, releaseLocal}, nil
}

// acquireError says why a name could not be acquired.
func acquireError(ctx, waiting context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case waiting.Err() != nil:
		return ErrBusy
	}
	return ErrNoExclusion
}

// Order is Acquire for writes that are merely ordered: while replicas cannot
// exclude each other, it orders the callers of this replica only.
func (m *Mutexes) Order(ctx context.Context, name string) (*Held, error) {
	return m.acquire(ctx, name, func(s *Store, ctx context.Context, name string) (*Lease, error) {
		lease, err := s.Lock(ctx, name)
		if errors.Is(err, ErrStoreLost) {
			return nil, nil
		}
		return lease, err
	})
}

// Release lets the next caller acquire the name. It may take a moment. Repeating it
// changes nothing. A nil Held holds nothing.
func (h *Held) Release() {
	if h == nil {
		return
	}
	if h.lease != nil {
		_ = h.lease.Release(context.Background()) // if it fails the lease expires
	}
	h.releaseLocal() // last, so that the next caller finds the lease free
}

// acquireLocal acquires the name among the callers of this replica.
func (m *Mutexes) acquireLocal(ctx context.Context, name string) (release func(), err error) {
	if err := ctx.Err(); err != nil { // the select below would choose at random
		return nil, err
	}
	q := m.join(name)
	select {
	case q.held <- struct{}{}:
		return sync.OnceFunc(func() {
			<-q.held
			m.leave(name, q)
		}), nil
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
