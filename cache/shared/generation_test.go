package shared_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// joinRegrouping opens a store whose locks cannot be had for regroup after the server is emptied.
func joinRegrouping(t *testing.T, server *cachetest.Server, regroup time.Duration) *shared.Store {
	t.Helper()
	cfg := server.Config()
	cfg.Regroup, cfg.Heartbeat = regroup, 20*time.Millisecond
	return cachetest.Join(t, cfg)
}

// wantAcquiredAfter acquires a name and fails the test unless that takes as long as regrouping.
func wantAcquiredAfter(t *testing.T, m *shared.Mutexes, what string, regroup time.Duration) {
	t.Helper()
	start := time.Now()
	acquire(t, m, "zone")()
	if took := time.Since(start); took < regroup/2 || took > regroup+2*time.Second {
		t.Errorf("Acquire took %v %s, want about %v", took, what, regroup)
	}
}

// An empty server gives no lock until the replicas had time to store again what they know.
func Test14_6_NoLockWhileReplicasRegroup(t *testing.T) {
	t.Parallel()
	const regroup = 600 * time.Millisecond
	server := cachetest.StartServer(t)
	s := joinRegrouping(t, server, regroup)
	m := shared.NewMutexes(s)
	wantAcquiredAfter(t, m, "at an empty server", regroup)
	wantAcquiredAfter(t, m, "later", 0)
	if _, err := server.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	wantAcquiredAfter(t, m, "after a flush", regroup)
	// As after a restart that brings back the values of an earlier run of the server.
	if _, err := server.Do("SET", cachetest.Namespace+":generation:", "1:abc:old"); err != nil {
		t.Fatal(err)
	}
	wantAcquiredAfter(t, m, "after a restart with old values", regroup)
	// As after the server's clock was set back.
	if _, err := server.Do("SET", cachetest.Namespace+":generation:", "99999999999999999:abc:old"); err != nil {
		t.Fatal(err)
	}
	wantAcquiredAfter(t, m, "with a generation of the future", regroup)
	server.Kill()
	server.Restart()
	cachetest.Until(t, "the store is back", s.Up)
	wantAcquiredAfter(t, m, "after a restart", regroup)
}

// A caller who cannot wait for the end of the regrouping is told at once.
func Test14_6_NoWaitBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	s := joinRegrouping(t, cachetest.StartServer(t), time.Hour)
	m := shared.NewMutexes(s)
	start := time.Now()
	if _, err := m.Acquire(t.Context(), "zone"); !errors.Is(err, shared.ErrNoExclusion) || time.Since(start) > 2*time.Second {
		t.Errorf("Acquire = %v after %v, want %v at once", err, time.Since(start), shared.ErrNoExclusion)
	}
	held, err := m.Order(t.Context(), "zone")
	if err != nil {
		t.Fatalf("Order = %v while the replicas regroup, want nil", err)
	}
	held.Release()
	wantNoneHeld(t, m)
}

// Each replica is told once when the server has lost its values.
func Test14_6_EmptiedServerIsNoticed(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Open(t, func() shared.Config {
		cfg := server.Config()
		cfg.Heartbeat = 20 * time.Millisecond
		return cfg
	}())
	var emptied recorder
	s.Subscribe(shared.TopicEmptied, emptied.add)
	wantMessages(t, &emptied, "")
	time.Sleep(200 * time.Millisecond) // ten heartbeats
	wantMessages(t, &emptied, "")
	if _, err := server.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	wantMessages(t, &emptied, "", "")
	server.Kill()
	server.Restart()
	wantMessages(t, &emptied, "", "", "")
}

func TestBatch_Changes(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	send := func(add func(b *shared.Batch)) {
		t.Helper()
		b := s.NewBatch()
		add(b)
		if err := b.Send(t.Context()); err != nil {
			t.Errorf("Send = %v", err)
		}
	}
	send(func(b *shared.Batch) {
		b.Set("a", []byte("1"), time.Minute)
		b.SetNew("a", []byte("2"), time.Minute)
		b.SetNew("b", []byte("3"), time.Minute)
		b.DeleteIf("b", []byte("4"))
		b.Put("table", "x", []byte("5"), time.Minute)
		b.Put("table", "y", []byte("6"), time.Minute)
		b.Remove("table", "y")
	})
	wantValue(t, s, "a", "1")
	wantValue(t, s, "b", "3")
	if got, err := s.Entries(t.Context(), "table"); err != nil || len(got) != 1 || got["x"] != "5" {
		t.Errorf("Entries = %v, %v, want only x", got, err)
	}
	if got, err := s.Entries(t.Context(), "no table"); err != nil || len(got) != 0 {
		t.Errorf("Entries of no table = %v, %v, want none", got, err)
	}
	send(func(b *shared.Batch) { b.DeleteIf("b", []byte("3")) })
	if _, err := s.Get(t.Context(), "b"); !errors.Is(err, shared.ErrNoValue) {
		t.Errorf("Get = %v after DeleteIf, want %v", err, shared.ErrNoValue)
	}
	if answer, err := server.Do("PTTL", cachetest.Namespace+":table:table"); err != nil || len(answer) != 6 {
		t.Errorf("PTTL of the table = %s, %v, want a minute", answer, err)
	}
	server.Kill()
	if err := s.NewBatch().Send(t.Context()); !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Send = %v without a server, want %v", err, shared.ErrStoreLost)
	}
}

// Nothing is changed unless all locks are held at that moment.
func Test14_6_CommitNeedsAllLocks(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	m := shared.NewMutexes(s)
	commit := func(value string, locks ...*shared.Held) error {
		b := s.NewBatch()
		b.Set(key, []byte(value), time.Minute)
		return b.Commit(context.Background(), locks...)
	}
	held := func(name string) *shared.Held {
		lock, err := m.Acquire(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(lock.Release)
		return lock
	}
	first, second := held("first"), held("second")
	if err := commit("1", first, nil, second); err != nil {
		t.Errorf("Commit = %v with all locks, want nil", err)
	}
	if _, err := server.Do("DEL", cachetest.Namespace+":lease:second"); err != nil {
		t.Fatal(err)
	}
	if err := commit("2", first, second); !errors.Is(err, shared.ErrNotHeld) {
		t.Errorf("Commit = %v without a lock, want %v", err, shared.ErrNotHeld)
	}
	if err := commit("3", first); err != nil {
		t.Errorf("Commit = %v with its lock, want nil", err)
	}
	b := s.NewBatch()
	b.GiveUp(first)
	if err := b.Send(t.Context()); err != nil {
		t.Error(err)
	}
	if err := commit("4", first); !errors.Is(err, shared.ErrNotHeld) {
		t.Errorf("Commit = %v after GiveUp, want %v", err, shared.ErrNotHeld)
	}
	wantValue(t, s, key, "3")
}
