package cache

import (
	"context"
	"errors"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/cache/shared"
)

// Dated is a value that was read before its load began, at least in part: the
// load went on from what another replica had read.
type Dated interface{ ReadSince() time.Time }

// readSince returns since when a value that a load has returned was being read.
func readSince(value any, began time.Time) time.Time {
	if dated, ok := value.(Dated); ok && dated.ReadSince().Before(began) {
		return dated.ReadSince()
	}
	return began
}

// holderWatch is what a load that waits for another replica knows about it.
type holderWatch struct {
	seen      bool      // another replica has held the lease
	lostAt    time.Time // when the store was first found lost since then
	notBefore time.Time // until then the lease is left to the other replica
}

// takeLease acquires the lease of a load. While the store is lost, another
// replica that was loading a first value is taken to go on, for Options.LostWait
// at most. When the store is back, that replica has the time of a lease to
// acquire it again.
func (c *Cache[K, V]) takeLease(ctx context.Context, key K, w *holderWatch) (*shared.Lease, error) {
	now := time.Now()
	_, served := c.Peek(key)
	waits := w.seen && c.opts.LostWait > 0 && !served
	if waits && c.store.Up() && now.Before(w.notBefore) {
		return nil, shared.ErrLeaseHeld
	}
	// Without ctx, which could end after the server has granted the lease.
	lease, err := c.store.Lease(context.WithoutCancel(ctx), c.sharedName(key))
	switch {
	case errors.Is(err, shared.ErrLeaseHeld):
		*w = holderWatch{seen: true}
	case errors.Is(err, shared.ErrStoreLost) && waits:
		if w.lostAt.IsZero() {
			w.lostAt = now
		}
		w.notBefore = time.Now().Add(c.store.LeaseTTL())
		if now.Sub(w.lostAt) < c.opts.LostWait {
			return nil, shared.ErrLeaseHeld
		}
	}
	return lease, err
}

// keepLease acquires the lease again when it is lost while the loader runs: a
// store that was paused has forgotten it, and the other replicas would load too.
// Stop ends that; then lease is the last one.
func (c *Cache[K, V]) keepLease(ctx context.Context, key K, lease **shared.Lease) (stop func()) {
	if c.opts.LostWait <= 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-(*lease).Lost():
			case <-ctx.Done():
				return
			}
			next := c.leaseAgain(ctx, key)
			if next == nil {
				return
			}
			*lease = next
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// leaseAgain acquires the lease of key as soon as the store is back. It returns
// nil when another replica was faster, or ctx has ended.
func (c *Cache[K, V]) leaseAgain(ctx context.Context, key K) *shared.Lease {
	for {
		lease, err := c.store.Lease(context.WithoutCancel(ctx), c.sharedName(key))
		switch {
		case err == nil:
			return lease
		case !errors.Is(err, shared.ErrStoreLost):
			return nil
		case background.Sleep(ctx, c.store.LeaseTTL()/20) != nil:
			return nil
		}
	}
}

// publishLater notes a value that could not be published because the store is
// lost.
func (c *Cache[K, V]) publishLater(key K) {
	if c.opts.LostWait <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unpublished == nil {
		c.unpublished = map[K]bool{}
	}
	c.unpublished[key] = true
}

// publishUnpublished publishes the values that were noted, unless newer ones
// have been published.
func (c *Cache[K, V]) publishUnpublished() {
	c.mu.Lock()
	keys := c.unpublished
	c.unpublished = nil
	c.mu.Unlock()
	for key := range keys {
		rec, known := c.records.Peek(key)
		if !known || !rec.servable(time.Now()) || c.fetch(c.replicating, key, rec.asOf) != nil {
			continue
		}
		value, err := c.sealed(key, rec)
		if err == nil {
			err = c.store.Set(c.replicating, c.sharedName(key), value, time.Until(rec.deadAt))
		}
		if errors.Is(err, shared.ErrStoreLost) {
			c.publishLater(key)
		}
	}
}
