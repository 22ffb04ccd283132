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

// joinShortLeases joins a replica whose leases last 600 ms.
func joinShortLeases(t *testing.T, server *cachetest.Server) *shared.Store {
	t.Helper()
	s := cachetest.Open(t, withTimes(server.Config(), 2*time.Second, 10*time.Second, 600*time.Millisecond))
	cachetest.Until(t, "the store is up", s.Up)
	return s
}

func acquireLease(t *testing.T, s *shared.Store) *shared.Lease {
	t.Helper()
	l, err := s.Lease(t.Context(), lease)
	if err != nil {
		t.Fatalf("Lease = %v, want nil", err)
	}
	return l
}

func wantNoLease(t *testing.T, s *shared.Store, want error) {
	t.Helper()
	if _, err := s.Lease(t.Context(), lease); !errors.Is(err, want) {
		t.Errorf("Lease = %v, want %v", err, want)
	}
}

func wantHeld(t *testing.T, l *shared.Lease) {
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

func TestLease_OneHolder(t *testing.T) {
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
						t.Errorf("Lease = %v, want nil or %v", err, shared.ErrLeaseHeld)
						return
					}
					if n := holders.Add(1); n != 1 {
						t.Errorf("%d replicas hold the lease, want 1", n)
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
		t.Errorf("the lease was acquired %d times, want at least 10", taken.Load())
	}
}

func TestLease_IsRenewed(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinShortLeases(t, server), joinShortLeases(t, server)
	l := acquireLease(t, a)
	for start := time.Now(); time.Since(start) < 1500*time.Millisecond; time.Sleep(20 * time.Millisecond) {
		wantNoLease(t, b, shared.ErrLeaseHeld)
	}
	wantHeld(t, l)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Release(ended); err != nil {
		t.Errorf("Release = %v", err)
	}
	acquireLease(t, b).Release(t.Context())
	wantHeld(t, l) // released, not lost
}

func TestLease_HolderCrashes(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinShortLeases(t, server), joinShortLeases(t, server)
	l := acquireLease(t, a)
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
		t.Errorf("the lease was free after %v, want it to outlive its holder", took)
	}
}

func TestLease_EndIsPublished(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := cachetest.Join(t, server.Config()), cachetest.Join(t, server.Config())
	var own, other recorder
	a.Subscribe(shared.TopicLeases, own.add)
	b.Subscribe(shared.TopicLeases, other.add)

	if err := acquireLease(t, a).Release(t.Context()); err != nil {
		t.Errorf("Release = %v", err)
	}
	wantMessages(t, &other, lease)
	pause := 400 * time.Millisecond
	failed := time.Now()
	if err := acquireLease(t, a).Fail(t.Context(), pause); err != nil {
		t.Errorf("Fail = %v", err)
	}
	wantMessages(t, &other, lease, lease)
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
	wantMessages(t, &own, lease) // only b's
}

func TestLease_LostLeaseChangesNothing(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinShortLeases(t, server), joinShortLeases(t, server)
	var messages recorder
	b.Subscribe(shared.TopicLeases, messages.add)
	first, second := acquireLease(t, a), (*shared.Lease)(nil)
	if _, err := server.Do("DEL", cachetest.Namespace+":lease:"+lease); err != nil { // simulates a server that forgets
		t.Fatal(err)
	}
	second = acquireLease(t, b)
	wantLeaseLost(t, first)
	if err := first.Release(t.Context()); err != nil {
		t.Errorf("Release = %v of a lost lease", err)
	}
	if err := first.Fail(t.Context(), time.Minute); err != nil {
		t.Errorf("Fail = %v of a lost lease", err)
	}
	wantNoLease(t, a, shared.ErrLeaseHeld)
	wantHeld(t, second)
	second.Release(t.Context())
	if got := messages.all(); len(got) > 0 {
		t.Errorf("messages = %q about a lost lease, want none", got)
	}
}

func TestLease_SurvivesShortLoss(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Open(t, withTimes(server.Config(), 100*time.Millisecond, 10*time.Second, 6*time.Second))
	cachetest.Until(t, "the store is up", s.Up)
	l := acquireLease(t, s)
	server.Freeze()
	cachetest.Until(t, "the loss is detected", func() bool { return !s.Up() })
	server.Thaw()
	cachetest.Until(t, "the store is back", s.Up)
	wantNoLease(t, s, shared.ErrLeaseHeld)
	wantHeld(t, l)
	l.Release(t.Context())
}

func TestLease_LostWithServer(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := joinShortLeases(t, server)
	taken := time.Now()
	l := acquireLease(t, s)
	server.Kill()
	wantLeaseLost(t, l)
	if took := time.Since(taken); took < 500*time.Millisecond || took > time.Second {
		t.Errorf("the lease was lost after %v, want the 600 ms of a lease", took)
	}
	if err := l.Release(t.Context()); !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Release = %v without a server, want %v", err, shared.ErrStoreLost)
	}
}

func TestLease_ReleaseWritesValue(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinShortLeases(t, server), joinShortLeases(t, server)
	var values, leases, revoked recorder
	b.Subscribe(shared.TopicValues, values.add)
	b.Subscribe(shared.TopicLeases, leases.add)
	b.Subscribe(shared.TopicRevoked, revoked.add)
	ctx := t.Context()
	for _, value := range []string{"1", strings.Repeat("2", 64<<10+1), ""} {
		if err := acquireLease(t, a).ReleaseAndSet(ctx, []byte(value), time.Minute); err != nil {
			t.Errorf("ReleaseAndSet(%d bytes) = %v", len(value), err)
		}
		wantValue(t, b, lease, value)
	}
	if err := acquireLease(t, b).ReleaseAndDelete(ctx); err != nil {
		t.Errorf("ReleaseAndDelete = %v", err)
	}
	wantNoValue(t, a)
	if err := acquireLease(t, a).ReleaseAndSet(ctx, make([]byte, 64<<20+1), time.Minute); !errors.Is(err, shared.ErrValueTooLarge) {
		t.Errorf("ReleaseAndSet(64 MiB and a byte) = %v, want %v", err, shared.ErrValueTooLarge)
	}
	wantNoValue(t, a)
	wantMessages(t, &leases, lease, lease, lease, lease)
	wantMessages(t, &values, lease, lease, lease)

	// A holder that lost the lease neither sets nor deletes.
	late := acquireLease(t, a)
	if err := a.Revoke(ctx, lease); err != nil {
		t.Errorf("Revoke = %v", err)
	}
	wantMessages(t, &revoked, lease)
	if err := late.ReleaseAndSet(ctx, []byte("late"), time.Minute); err != nil {
		t.Errorf("ReleaseAndSet of a revoked lease = %v", err)
	}
	wantNoValue(t, a)
	late = acquireLease(t, a)
	a.Revoke(ctx, lease)
	if err := acquireLease(t, b).ReleaseAndSet(ctx, []byte("3"), time.Minute); err != nil {
		t.Errorf("ReleaseAndSet = %v", err)
	}
	if err := late.ReleaseAndDelete(ctx); err != nil {
		t.Errorf("ReleaseAndDelete of a revoked lease = %v", err)
	}
	wantValue(t, a, lease, "3")
	a.Revoke(ctx, lease)
	wantNoValue(t, a)
	if err := acquireLease(t, a).Fail(ctx, time.Minute); err != nil {
		t.Errorf("Fail = %v", err)
	}
	a.Revoke(ctx, lease)
	acquireLease(t, b).Release(ctx) // Revoke ended the pause
}

func wantNoValue(t *testing.T, s *shared.Store) {
	t.Helper()
	if got, err := s.Get(t.Context(), lease); !errors.Is(err, shared.ErrNoValue) {
		t.Errorf("Get = %.20q, %v, want %v", got, err, shared.ErrNoValue)
	}
}
