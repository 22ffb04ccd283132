package shared

import (
	"context"
	"errors"
	"time"
)

// Lock is [Store.Lease] for those who wait for their turn, which comes in no
// particular order: it takes the lease once it is free and, where its last
// holder failed, once the pause is over. It fails with ctx's error when ctx
// ends, and with an error that is [ErrStoreLost] when the store is lost or gets
// lost meanwhile. One whose holder is gone is free after 4 s: somebody waits.
//
// A replica is not told of its own leases: those who wait where the holder is
// only look again every 0.4 s. They should first agree among themselves.
func (s *Store) Lock(ctx context.Context, name string) (*Lease, error) {
	ended := make(chan struct{}, 1) // holds one: told twice or once is the same
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
		l, err := s.leaseWithin(ctx, name)
		if !errors.Is(err, ErrLeaseHeld) && !errors.Is(err, ErrLeaseFailed) {
			return l, err
		}
		s.awaitEnd(ctx, ended)
	}
}

// leaseWithin is Lease that leaves no lease behind when ctx ends, which is why
// the store is asked without ctx: a question that is given up may still be
// answered.
func (s *Store) leaseWithin(ctx context.Context, name string) (*Lease, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l, err := s.leaseFor(context.WithoutCancel(ctx), name, s.timing.lockTTL)
	if ctx.Err() == nil {
		return l, err
	}
	if err == nil {
		_ = l.Release(ctx) // or it ends by itself
	}
	return nil, ctx.Err()
}

// awaitEnd returns when there is a reason to look again: the news that a lease
// has ended, its time, as news may get lost, the loss of the store, or ctx's end.
func (s *Store) awaitEnd(ctx context.Context, ended <-chan struct{}) {
	c := s.current.Load()
	if c == nil {
		return
	}
	look := time.NewTimer(s.timing.lockTTL / 10)
	defer look.Stop()
	select {
	case <-ended:
	case <-look.C:
	case <-c.ctx.Done():
	case <-ctx.Done():
	}
}
