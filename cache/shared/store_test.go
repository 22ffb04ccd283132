package shared_test

import (
	"errors"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

func wantValue(t *testing.T, s *shared.Store, key, want string) {
	t.Helper()
	got, err := s.Get(t.Context(), key)
	if err != nil || string(got) != want {
		t.Errorf("Load(%q) = %d bytes, %v, want the %d that were stored", key, len(got), err, len(want))
	}
}

func TestSharedNamespaces(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a := cachetest.Join(t, server.Config())
	cfg := server.Config()
	cfg.Namespace = cachetest.Namespace + ":value" // whose keys could look like those of the other
	b := cachetest.Open(t, cfg)
	cachetest.Until(t, "the other cachetest.Namespace is up", b.Up)

	heard := make(chan string, 10)
	b.Subscribe(shared.TopicValues, func(text string) { heard <- text })
	for _, key := range []string{"x", "value:x"} {
		if err := a.Set(t.Context(), key, []byte("1"), time.Minute); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Get(t.Context(), "x"); !errors.Is(err, shared.ErrNoValue) {
			t.Errorf("Load = %q, %v from another cachetest.Namespace, want %v", got, err, shared.ErrNoValue)
		}
	}
	if lease, err := a.Lease(t.Context(), "crawl"); err != nil {
		t.Error(err)
	} else {
		defer lease.Release(t.Context())
	}
	if lease, err := b.Lease(t.Context(), "crawl"); err != nil {
		t.Errorf("Lease = %v beside that of another cachetest.Namespace", err)
	} else {
		lease.Release(t.Context())
	}
	if a, b := a.Replicas(), b.Replicas(); a != 1 || b != 1 {
		t.Errorf("Replicas() = %d and %d in two namespaces, want 1 each", a, b)
	}
	if len(heard) > 0 {
		t.Errorf("heard of %q from another cachetest.Namespace", <-heard)
	}
}

func TestSharedClosed(t *testing.T) {
	t.Parallel()
	s := cachetest.Join(t, cachetest.StartServer(t).Config())
	s.Close()
	s.Close() // does nothing
	if s.Up() {
		t.Error("Up() = true after Close, want false")
	}
	if _, err := s.Get(t.Context(), key); !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Load = %v after Close, want %v", err, shared.ErrStoreLost)
	}
	if _, err := s.Lease(t.Context(), "crawl"); !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Lease = %v after Close, want %v", err, shared.ErrStoreLost)
	}
}
