package shared_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// Test14_9_SwapDependsOnTheValue expects a swap to succeed only if the value is the one that the
// caller has seen, and the sum to follow every change, a flush included.
func Test14_9_SwapDependsOnTheValue(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	other := cachetest.Join(t, server.Config())
	messages := make(chan string, 10)
	other.Subscribe(shared.TopicValues, func(text string) { messages <- text })
	swap := func(old []byte, value string, want bool) {
		t.Helper()
		got, err := s.Swap(t.Context(), key, shared.SumOf(old), []byte(value), time.Minute)
		if err != nil || got != want {
			t.Errorf("Swap(%.9q, %.9q) = %t, %v, want %t", old, value, got, err, want)
		}
	}
	wantSum := func(value []byte) {
		t.Helper()
		if got, err := s.Sum(t.Context(), key); err != nil || got != shared.SumOf(value) {
			t.Errorf("Sum = %q, %v, want %q", got, err, shared.SumOf(value))
		}
	}
	long := strings.Repeat("x", 65<<10)
	wantSum(nil)
	swap([]byte{}, "a", false) // an empty value is not the same as none
	swap(nil, "a", true)
	wantSum([]byte("a"))
	swap(nil, "b", false)
	swap([]byte("b"), "c", false)
	wantValue(t, s, key, "a")
	swap([]byte("a"), long, true)
	wantSum([]byte(long))
	wantValue(t, s, key, long)
	for range 2 {
		select {
		case text := <-messages:
			if text != key {
				t.Errorf("published %q, want %q", text, key)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("a swap was not published")
		}
	}
	if _, err := server.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	wantSum(nil)
	if _, err := s.Swap(t.Context(), key, "", make([]byte, 64<<20+1), time.Minute); !errors.Is(err, shared.ErrValueTooLarge) {
		t.Errorf("Swap(64 MiB and a byte) = %v, want %v", err, shared.ErrValueTooLarge)
	}
}

// Test14_9_SwapLosesNothing expects none of the additions of many writers to be lost.
func Test14_9_SwapLosesNothing(t *testing.T) {
	t.Parallel()
	s := cachetest.Join(t, cachetest.StartServer(t).Config())
	const writers = 20
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range 10 * writers {
				value, err := s.Get(t.Context(), key)
				if err != nil && !errors.Is(err, shared.ErrNoValue) {
					t.Error(err)
					return
				}
				swapped, err := s.Swap(t.Context(), key, shared.SumOf(value), append([]byte("x"), value...), time.Minute)
				if err != nil || swapped {
					return
				}
			}
		})
	}
	group.Wait()
	wantValue(t, s, key, strings.Repeat("x", writers))
}
