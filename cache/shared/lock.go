package shared

import (
	"context"
	"errors"
	"time"
)

// Lock is [Store.Lease] for callers that wait, in no particular order. It
// acquires the lease once it is free or, after a failure, once the pause is
// over. It fails with ctx's error when ctx ends, and with an error that is
// [ErrStoreLost] when the server is lost. A crashed holder's lease is free
// after [Config.LockTTL].
//
// A replica receives no messages about its own leases. Callers that wait for a
// holder in the same replica only check again every tenth of LockTTL; use
// [Mutexes], which orders them first.
func (s *Store) Lock(ctx context.Context, name string) (*Lease, error) {
	return s.lock(ctx, name, func(ctx context.Context, name string) (*Lease, error) {
		return s.acquire(ctx, name, s.timing.lockTTL)
	})
}

// lock calls acquire until the lease is free.
func (s *Store) lock(ctx context.Context, name string, acquire acquireFunc) (*Lease, error) {
	ended := make(chan struct{}, 1) // capacity 1: two messages count as one
	stop := s.Subscribe(TopicLeases, func(text string) {
		if text != name {
			return
		}
		select {
		case ended <- struct{}{}:
		default:
		}
	})
	defer stop()
	for {
		l, err := acquireForLock(ctx, name, acquire)
		if !errors.Is(err, ErrLeaseHeld) && !errors.Is(err, ErrLeaseFailed) {
			return l, err
		}
		s.awaitEnd(ctx, ended)
	}
}

type acquireFunc func(ctx context.Context, name string) (*Lease, error)

// acquireForLock leaves no lease behind when ctx ends. The call runs without
// ctx, because the server may still execute a cancelled one.
func acquireForLock(ctx context.Context, name string, acquire acquireFunc) (*Lease, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l, err := acquire(context.WithoutCancel(ctx), name)
	if ctx.Err() == nil {
		return l, err
	}
	if err == nil {
		_ = l.Release(ctx) // if it fails the lease expires
	}
	return nil, ctx.Err()
}

// awaitEnd returns when a new attempt is worthwhile: a lease has ended, the
// server is lost or ctx has ended. It also returns after a tenth of the TTL,
// because messages may be missed.
func (s *Store) awaitEnd(ctx context.Context, ended <-chan struct{}) {
	c := s.current.Load()
	if c == nil {
		return
	}
	retry := time.NewTimer(s.timing.lockTTL / 10)
	defer retry.Stop()
	select {
	case <-ended:
	case <-retry.C:
	case <-c.ctx.Done():
	case <-ctx.Done():
	}
}
