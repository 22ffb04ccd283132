package shared_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// lockResult is the result of Lock.
type lockResult struct {
	lease *shared.Lease
	err   error
	at    time.Time
}

// lock calls Lock for a held lease and returns once Lock waits.
func lock(t *testing.T, ctx context.Context, s *shared.Store) <-chan lockResult {
	t.Helper()
	result, waiting := make(chan lockResult, 1), s.Subscribers()+1
	go func() {
		l, err := s.Lock(ctx, lease)
		result <- lockResult{l, err, time.Now()}
	}()
	cachetest.Until(t, "Lock waits", func() bool { return s.Subscribers() == waiting })
	return result
}

// wantLocked waits for the lease, releases it and returns the time at which Lock returned.
func wantLocked(t *testing.T, result <-chan lockResult) time.Time {
	t.Helper()
	got := <-result
	if got.err != nil {
		t.Fatalf("Lock = %v, want nil", got.err)
	}
	if err := got.lease.Release(t.Context()); err != nil {
		t.Errorf("Release = %v", err)
	}
	return got.at
}

func TestLock_OneHolder(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	replicas := []*shared.Store{joinShortLeases(t, server), joinShortLeases(t, server)}
	if err := replicas[0].Set(t.Context(), key, []byte("0"), time.Minute); err != nil {
		t.Fatal(err)
	}
	increment := func(s *shared.Store) error {
		l, err := s.Lock(t.Context(), lease)
		if err != nil {
			return err
		}
		text, err := s.Get(t.Context(), key)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(text))
		if err != nil {
			return err
		}
		return errors.Join(s.Set(t.Context(), key, strconv.AppendInt(nil, int64(n+1), 10), time.Minute), l.Release(t.Context()))
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if err := increment(replicas[i%2]); err != nil {
				t.Errorf("increment under Lock = %v", err)
			}
		})
	}
	wg.Wait()
	wantValue(t, replicas[0], key, "20")
	for i, s := range replicas {
		if n := s.Subscribers(); n != 0 {
			t.Errorf("replica %d has %d subscribers, want 0", i, n)
		}
	}
}

// With the default TTL of 8 s Lock retries after 0.8 s only.
func TestLock_WakesWhenLeaseEnds(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := cachetest.Join(t, server.Config()), cachetest.Join(t, server.Config())
	l := acquireLease(t, a)
	waiting := lock(t, t.Context(), b)
	other, err := a.Lease(t.Context(), "another lease")
	if err != nil {
		t.Fatal(err)
	}
	other.Release(t.Context())
	select {
	case got := <-waiting:
		t.Fatalf("Lock = %+v while another caller holds the lease, want it to wait", got)
	case <-time.After(20 * time.Millisecond):
	}
	released := time.Now()
	l.Release(t.Context())
	if took := wantLocked(t, waiting).Sub(released); took > time.Second {
		t.Errorf("Lock took %v after the release, want no delay", took)
	}
}

func TestLock_RetriesWithoutMessage(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinShortLeases(t, server), joinShortLeases(t, server)
	acquireLease(t, a)
	waiting := lock(t, t.Context(), b)
	if _, err := server.Do("DEL", cachetest.Namespace+":lease:"+lease); err != nil {
		t.Fatal(err)
	}
	wantLocked(t, waiting)
}

func TestLock_WaitsForPauseAfterFail(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := joinShortLeases(t, server), joinShortLeases(t, server)
	pause, failed := 300*time.Millisecond, time.Now()
	if err := acquireLease(t, a).Fail(t.Context(), pause); err != nil {
		t.Fatal(err)
	}
	if took := wantLocked(t, lock(t, t.Context(), b)).Sub(failed); took < pause-10*time.Millisecond {
		t.Errorf("Lock took %v, want the pause of %v", took, pause)
	}
}

func TestLock_HolderCrashes(t *testing.T) {
	t.Parallel()
	for name, die := range map[string]func(*shared.Store){"closed": (*shared.Store).Close, "vanished": (*shared.Store).Vanish} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := cachetest.StartServer(t)
			a, b := joinShortLeases(t, server), joinShortLeases(t, server)
			acquireLease(t, a)
			waiting := lock(t, t.Context(), b)
			died := time.Now()
			die(a)
			took := wantLocked(t, waiting).Sub(died)
			if took < 300*time.Millisecond || took > 2*time.Second {
				t.Errorf("Lock took %v after the holder crashed, want about 600 ms", took)
			}
		})
	}
}

func TestLock_ContextEnds(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := cachetest.Join(t, server.Config()), cachetest.Join(t, server.Config())
	l := acquireLease(t, a)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := lock(t, ctx, b)
	ended := time.Now()
	cancel()
	got := <-waiting
	if !errors.Is(got.err, context.Canceled) || got.lease != nil || got.at.Sub(ended) > time.Second {
		t.Errorf("Lock = %v, %v after %v, want %v without delay", got.lease, got.err, got.at.Sub(ended), context.Canceled)
	}
	l.Release(t.Context())
	if got, err := b.Lock(ctx, lease); !errors.Is(err, context.Canceled) {
		t.Errorf("Lock = %v, %v of a free lease with an ended context, want %v", got, err, context.Canceled)
	}
	acquireLease(t, a).Release(t.Context())
}

// The context may end before, during or after the call to the server.
func TestLock_CancelledLeavesNoLease(t *testing.T) {
	t.Parallel()
	s := cachetest.Join(t, cachetest.StartServer(t).Config())
	given := 0
	for range 300 {
		ctx, cancel := context.WithTimeout(t.Context(), rand.N(150*time.Microsecond))
		l, err := s.Lock(ctx, lease)
		cancel()
		switch {
		case err == nil:
			given++
			l.Release(t.Context())
		case !errors.Is(err, context.DeadlineExceeded):
			t.Fatalf("Lock = %v, want the lease or %v", err, context.DeadlineExceeded)
		}
		acquireLease(t, s).Release(t.Context())
	}
	t.Logf("Lock acquired the lease %d times out of 300", given)
}

func TestLock_StoreLost(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*cachetest.Server, *shared.Store){
		"killed": func(server *cachetest.Server, _ *shared.Store) { server.Kill() },
		"closed": func(_ *cachetest.Server, s *shared.Store) { s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := cachetest.StartServer(t)
			a, b := cachetest.Join(t, server.Config()), cachetest.Join(t, server.Config())
			acquireLease(t, a)
			waiting := lock(t, t.Context(), b)
			lost := time.Now()
			lose(server, b)
			got := <-waiting
			if !errors.Is(got.err, shared.ErrStoreLost) || got.lease != nil || got.at.Sub(lost) > time.Second {
				t.Errorf("Lock = %v, %v after %v, want %v without delay", got.lease, got.err, got.at.Sub(lost), shared.ErrStoreLost)
			}
			if got, err := b.Lock(t.Context(), lease); !errors.Is(err, shared.ErrStoreLost) {
				t.Errorf("Lock = %v, %v without a server, want %v", got, err, shared.ErrStoreLost)
			}
		})
	}
}
