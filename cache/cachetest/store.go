package cachetest

import (
	"testing"
	"time"

	"wisphub-graphql/cache/shared"
)

// Open opens a store without waiting until it is up, and closes it with the test.
func Open(tb testing.TB, cfg shared.Config) *shared.Store {
	tb.Helper()
	s, err := shared.Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Join is Open, and waits until the store is up.
func Join(tb testing.TB, cfg shared.Config) *shared.Store {
	tb.Helper()
	s := Open(tb, cfg)
	Until(tb, "the store is up", s.Up)
	return s
}

// Until waits until condition is true, and fails the test after 10 s.
func Until(tb testing.TB, what string, condition func() bool) {
	tb.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			tb.Fatalf("not within 10 s: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
