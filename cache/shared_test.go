package cache_test

import (
	"bytes"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
)

const namespace = "demo"

// journal is a log that tests read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	spills.Check(string(p))
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func sharedConfig(url string) cache.SharedConfig {
	return cache.SharedConfig{URL: url, Namespace: namespace, Logger: slog.New(slog.DiscardHandler)}
}

// openShared returns a store that is not waited for, closed with the test.
func openShared(t *testing.T, cfg cache.SharedConfig) *cache.Shared {
	t.Helper()
	s, err := cache.OpenShared(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// join returns one more replica on the server, as soon as it is up.
func join(t *testing.T, server *cachetest.Server) *cache.Shared {
	t.Helper()
	s := openShared(t, sharedConfig(server.URL()))
	until(t, "the store is up", s.Up)
	return s
}

// until waits for what must come true.
func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !true() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func wantValue(t *testing.T, s *cache.Shared, key, want string) {
	t.Helper()
	got, err := s.Load(t.Context(), key)
	if err != nil || string(got) != want {
		t.Errorf("Load(%q) = %d bytes, %v, want the %d that were stored", key, len(got), err, len(want))
	}
}

func TestSharedNamespaces(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a := join(t, server)
	cfg := sharedConfig(server.URL())
	cfg.Namespace = namespace + ":value" // whose keys could look like those of the other
	b := openShared(t, cfg)
	until(t, "the other namespace is up", b.Up)

	heard := make(chan string, 10)
	b.Subscribe(cache.TopicValues, func(text string) { heard <- text })
	for _, key := range []string{"x", "value:x"} {
		if err := a.Store(t.Context(), key, []byte("1"), time.Minute); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Load(t.Context(), "x"); !errors.Is(err, cache.ErrNoValue) {
			t.Errorf("Load = %q, %v from another namespace, want %v", got, err, cache.ErrNoValue)
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
	if len(heard) > 0 {
		t.Errorf("heard of %q from another namespace", <-heard)
	}
}

func TestSharedClosed(t *testing.T) {
	t.Parallel()
	s := join(t, cachetest.StartServer(t))
	s.Close()
	s.Close() // does nothing
	if s.Up() {
		t.Error("Up() = true after Close, want false")
	}
	if _, err := s.Load(t.Context(), key); !errors.Is(err, cache.ErrStoreLost) {
		t.Errorf("Load = %v after Close, want %v", err, cache.ErrStoreLost)
	}
	if _, err := s.Lease(t.Context(), "crawl"); !errors.Is(err, cache.ErrStoreLost) {
		t.Errorf("Lease = %v after Close, want %v", err, cache.ErrStoreLost)
	}
}
