package shared_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// Test14_8_StoreIsLostUntilNamed expects nothing to be read or written before the name is known.
func Test14_8_StoreIsLostUntilNamed(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	var known atomic.Bool
	var tries atomic.Int32
	cfg := server.Config()
	cfg.Name = func(context.Context, *shared.Table) (string, error) {
		tries.Add(1)
		if !known.Load() {
			return "", errors.New("not known yet")
		}
		return "provider", nil
	}
	s := cachetest.Open(t, cfg)
	cachetest.Until(t, "the name was asked for twice", func() bool { return tries.Load() > 1 })
	if _, err := s.Lease(t.Context(), "crawl"); !errors.Is(err, shared.ErrStoreLost) || s.Up() {
		t.Errorf("Lease = %v, Up = %t without a name, want %v", err, s.Up(), shared.ErrStoreLost)
	}
	known.Store(true)
	cachetest.Until(t, "the store is up", s.Up)
	if err := s.Set(t.Context(), key, []byte("1"), time.Minute); err != nil {
		t.Fatal(err)
	}
	cfg.Name, cfg.Namespace = nil, "provider"
	wantValue(t, cachetest.Join(t, cfg), key, "1")
}

// Test14_8_StoreMovesToItsNewName expects a store whose name changes to reconnect under that name.
func Test14_8_StoreMovesToItsNewName(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	cfg := withTimes(server.Config(), 50*time.Millisecond, time.Second, time.Second)
	cfg.Name = func(ctx context.Context, names *shared.Table) (string, error) {
		content, err := names.Load(ctx)
		if err == nil && content == nil {
			content = []byte("first")
			_, err = names.Swap(ctx, nil, content)
		}
		return string(content), err
	}
	one, other := cachetest.Join(t, cfg), cachetest.Join(t, cfg)
	cachetest.Until(t, "both see each other", func() bool { return one.Replicas() == 2 && other.Replicas() == 2 })
	if err := one.Set(t.Context(), key, []byte("1"), time.Minute); err != nil {
		t.Fatal(err)
	}
	wantValue(t, other, key, "1")
	if _, err := server.Do("SET", cachetest.Namespace+":names:", "second"); err != nil {
		t.Fatal(err)
	}
	gone := func(s *shared.Store) func() bool {
		return func() bool {
			_, err := s.Get(t.Context(), key)
			return errors.Is(err, shared.ErrNoValue)
		}
	}
	cachetest.Until(t, "one is under the new name", gone(one))
	cachetest.Until(t, "the other is under the new name", gone(other))
	cachetest.Until(t, "both see each other again", func() bool { return one.Replicas() == 2 && other.Replicas() == 2 })
	if _, err := server.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	cachetest.Until(t, "the table is back", func() bool {
		answer, err := server.Do("EXISTS", cachetest.Namespace+":names:")
		return err == nil && answer == ":1"
	})
}
