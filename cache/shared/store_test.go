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
		t.Errorf("Get(%q) = %d bytes, %v, want %d bytes", key, len(got), err, len(want))
	}
}

func TestStore_NamespacesAreSeparate(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a := cachetest.Join(t, server.Config())
	cfg := server.Config()
	cfg.Namespace = cachetest.Namespace + ":value" // its keys could equal those of the other
	b := cachetest.Open(t, cfg)
	cachetest.Until(t, "the other namespace is up", b.Up)

	messages := make(chan string, 10)
	b.Subscribe(shared.TopicValues, func(text string) { messages <- text })
	for _, key := range []string{"x", "value:x"} {
		if err := a.Set(t.Context(), key, []byte("1"), time.Minute); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Get(t.Context(), "x"); !errors.Is(err, shared.ErrNoValue) {
			t.Errorf("Get = %q, %v from another namespace, want %v", got, err, shared.ErrNoValue)
		}
	}
	if lease, err := a.Lease(t.Context(), "crawl"); err != nil {
		t.Error(err)
	} else {
		defer lease.Release(t.Context())
	}
	if lease, err := b.Lease(t.Context(), "crawl"); err != nil {
		t.Errorf("Lease = %v beside that of another namespace", err)
	} else {
		lease.Release(t.Context())
	}
	if a, b := a.Replicas(), b.Replicas(); a != 1 || b != 1 {
		t.Errorf("Replicas() = %d and %d in two namespaces, want 1 each", a, b)
	}
	if len(messages) > 0 {
		t.Errorf("received %q from another namespace, want nothing", <-messages)
	}
}

func TestStore_Closed(t *testing.T) {
	t.Parallel()
	s := cachetest.Join(t, cachetest.StartServer(t).Config())
	s.Close()
	s.Close() // no effect
	if s.Up() {
		t.Error("Up() = true after Close, want false")
	}
	if _, err := s.Get(t.Context(), key); !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Get = %v after Close, want %v", err, shared.ErrStoreLost)
	}
	if _, err := s.Lease(t.Context(), "crawl"); !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Lease = %v after Close, want %v", err, shared.ErrStoreLost)
	}
}
