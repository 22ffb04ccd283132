package shared_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

const lease = "crawl"

// joinForShortLeases is join for leases that last 600 ms.
func joinForShortLeases(t *testing.T, server *cachetest.Server) *shared.Store {
	t.Helper()
	s := cachetest.Open(t, withTimes(server.Config(), 2*time.Second, 10*time.Second, 600*time.Millisecond))
	cachetest.Until(t, "the store is up", s.Up)
	return s
}

func take(t *testing.T, s *shared.Store) *shared.Lease {
	t.Helper()
	l, err := s.Lease(t.Context(), lease)
	if err != nil {
		t.Fatalf("Lease = %v, want it", err)
	}
	return l
}

func wantNoLease(t *testing.T, s *shared.Store, want error) {
	t.Helper()
	if _, err := s.Lease(t.Context(), lease); !errors.Is(err, want) {
		t.Errorf("Lease = %v, want %v", err, want)
	}
}

func wantHolding(t *testing.T, l *shared.Lease) {
	t.Helper()
	select {
	case <-l.Lost():
		t.Error("the lease is lost, want it held")
	default:
	}
}

func wantLeaseLost(t *testing.T, l *shared.Lease) {
	t.Helper()
	select {
	case <-l.Lost():
	case <-time.After(5 * time.Second):
		t.Error("the lease is held, want it lost")
	}
}

func TestLeaseHasOneHolder(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	var holders, taken atomic.Int32
	var wg sync.WaitGroup
	for range 3 {
		s := cachetest.Join(t, server.Config())
		for range 4 {
			wg.Go(func() {
				for range 100 {
					l, err := s.Lease(t.Context(), lease)
					if errors.Is(err, shared.ErrLeaseHeld) {
						continue
					}
					if err != nil {
						t.Errorf("Lease = %v, want it or %v", err, shared.ErrLeaseHeld)
						return
					}
					if n := holders.Add(1); n != 1 {
						t.Errorf("%d replicas hold the lease", n)
					}
					taken.Add(1)
					time.Sleep(time.Millisecond)
					holders.Add(-1)
					if err := l.Release(t.Context()); err != nil {
						t.Errorf("Release = %v", err)
					}
				}
			})
		}
	}
	wg.Wait()
	if taken.Load() < 10 {
		t.Errorf("the lease was taken %d times, want it again and again", taken.Load())
	}
}

func TestLeaseIsRenewed(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinForShortLeases(t, server), joinForShortLeases(t, server)
	l := take(t, a)
	for start := time.Now(); time.Since(start) < 1500*time.Millisecond; time.Sleep(20 * time.Millisecond) {
		wantNoLease(t, b, shared.ErrLeaseHeld)
	}
	wantHolding(t, l)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Release(ended); err != nil {
		t.Errorf("Release = %v", err)
	}
	take(t, b).Release(t.Context())
	wantHolding(t, l) // whoever released it has not lost it
}

func TestLeaseOfAHolderThatVanished(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinForShortLeases(t, server), joinForShortLeases(t, server)
	l := take(t, a)
	vanished := time.Now()
	a.Vanish()
	wantLeaseLost(t, l)
	cachetest.Until(t, "the lease is free", func() bool {
		l, err := b.Lease(t.Context(), lease)
		if err == nil {
			l.Release(t.Context())
		}
		return err == nil
	})
	if took := time.Since(vanished); took < 300*time.Millisecond {
		t.Errorf("the lease was free after %v, want it to last", took)
	}
}

func TestLeaseEndsAreHeard(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := cachetest.Join(t, server.Config()), cachetest.Join(t, server.Config())
	var own, other ear
	a.Subscribe(shared.TopicLeases, own.hear)
	b.Subscribe(shared.TopicLeases, other.hear)

	if err := take(t, a).Release(t.Context()); err != nil {
		t.Errorf("Release = %v", err)
	}
	wantHeard(t, &other, lease)
	pause := 400 * time.Millisecond
	failed := time.Now()
	if err := take(t, a).Fail(t.Context(), pause); err != nil {
		t.Errorf("Fail = %v", err)
	}
	wantHeard(t, &other, lease, lease)
	wantNoLease(t, b, shared.ErrLeaseFailed)
	wantNoLease(t, a, shared.ErrLeaseFailed)
	cachetest.Until(t, "the pause is over", func() bool {
		l, err := b.Lease(t.Context(), lease)
		if err == nil {
			l.Release(t.Context())
		}
		return err == nil
	})
	if took := time.Since(failed); took < pause-10*time.Millisecond {
		t.Errorf("the pause lasted %v, want %v", took, pause)
	}
	wantHeard(t, &own, lease) // b's, and none of its own
}

func TestLeaseOfAnotherIsLeftAlone(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinForShortLeases(t, server), joinForShortLeases(t, server)
	var told ear
	b.Subscribe(shared.TopicLeases, told.hear)
	first, second := take(t, a), (*shared.Lease)(nil)
	if _, err := server.Do("DEL", cachetest.Namespace+":lease:"+lease); err != nil { // as a store that forgets
		t.Fatal(err)
	}
	second = take(t, b)
	wantLeaseLost(t, first)
	if err := first.Release(t.Context()); err != nil {
		t.Errorf("Release = %v of a lease that is lost", err)
	}
	if err := first.Fail(t.Context(), time.Minute); err != nil {
		t.Errorf("Fail = %v of a lease that is lost", err)
	}
	wantNoLease(t, a, shared.ErrLeaseHeld)
	wantHolding(t, second)
	second.Release(t.Context())
	if got := told.heard(); len(got) > 0 {
		t.Errorf("heard that %q ended, which had been lost before", got)
	}
}

func TestLeaseOutlivesALossThatIsShort(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Open(t, withTimes(server.Config(), 100*time.Millisecond, 10*time.Second, 6*time.Second))
	cachetest.Until(t, "the store is up", s.Up)
	l := take(t, s)
	server.Freeze()
	cachetest.Until(t, "the loss is noticed", func() bool { return !s.Up() })
	server.Thaw()
	cachetest.Until(t, "the store is back", s.Up)
	wantNoLease(t, s, shared.ErrLeaseHeld)
	wantHolding(t, l)
	l.Release(t.Context())
}

func TestLeaseIsLostWithTheStore(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := joinForShortLeases(t, server)
	taken := time.Now()
	l := take(t, s)
	server.Kill()
	wantLeaseLost(t, l)
	if took := time.Since(taken); took < 500*time.Millisecond || took > time.Second {
		t.Errorf("the lease was lost after %v, want the 600 ms of a lease", took)
	}
	if err := l.Release(t.Context()); !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Release = %v without a store, want %v", err, shared.ErrStoreLost)
	}
}

func TestLeaseHandsAValueOver(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinForShortLeases(t, server), joinForShortLeases(t, server)
	var values, leases, revoked ear
	b.Subscribe(shared.TopicValues, values.hear)
	b.Subscribe(shared.TopicLeases, leases.hear)
	b.Subscribe(shared.TopicRevoked, revoked.hear)
	ctx := t.Context()
	for _, value := range []string{"1", strings.Repeat("2", 64<<10+1), ""} {
		if err := take(t, a).ReleaseAndSet(ctx, []byte(value), time.Minute); err != nil {
			t.Errorf("ReleaseWith(%d bytes) = %v", len(value), err)
		}
		wantValue(t, b, lease, value)
	}
	if err := take(t, b).ReleaseAndDelete(ctx); err != nil {
		t.Errorf("ReleaseWithout = %v", err)
	}
	wantNoValue(t, a)
	if err := take(t, a).ReleaseAndSet(ctx, make([]byte, 64<<20+1), time.Minute); !errors.Is(err, shared.ErrValueTooLarge) {
		t.Errorf("ReleaseWith(64 MiB and a byte) = %v, want %v", err, shared.ErrValueTooLarge)
	}
	wantNoValue(t, a)
	wantHeard(t, &leases, lease, lease, lease, lease)
	wantHeard(t, &values, lease, lease, lease)

	// Who no longer has the lease neither stores nor deletes.
	late := take(t, a)
	if err := a.Revoke(ctx, lease); err != nil {
		t.Errorf("Revoke = %v", err)
	}
	wantHeard(t, &revoked, lease)
	if err := late.ReleaseAndSet(ctx, []byte("late"), time.Minute); err != nil {
		t.Errorf("ReleaseWith of a lease revoked = %v", err)
	}
	wantNoValue(t, a)
	late = take(t, a)
	a.Revoke(ctx, lease)
	if err := take(t, b).ReleaseAndSet(ctx, []byte("3"), time.Minute); err != nil {
		t.Errorf("ReleaseWith = %v", err)
	}
	if err := late.ReleaseAndDelete(ctx); err != nil {
		t.Errorf("ReleaseWithout of a lease revoked = %v", err)
	}
	wantValue(t, a, lease, "3")
	a.Revoke(ctx, lease)
	wantNoValue(t, a)
	if err := take(t, a).Fail(ctx, time.Minute); err != nil {
		t.Errorf("Fail = %v", err)
	}
	a.Revoke(ctx, lease)
	take(t, b).Release(ctx) // a pause is over with it
}

func wantNoValue(t *testing.T, s *shared.Store) {
	t.Helper()
	if got, err := s.Get(t.Context(), lease); !errors.Is(err, shared.ErrNoValue) {
		t.Errorf("Load = %.20q, %v, want %v", got, err, shared.ErrNoValue)
	}
}
