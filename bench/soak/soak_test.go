package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// binary is the facade, built once for all tests.
var binary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "soak-test-")
	if err != nil {
		panic(err)
	}
	if binary, err = build(context.Background(), folder); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		_ = os.RemoveAll(folder)
		os.Exit(status)
	}))
}

// soakFor runs a small soak with further flags and returns its report.
func soakFor(t *testing.T, ctx context.Context, args ...string) (string, error) {
	t.Helper()
	var report bytes.Buffer
	small := []string{
		"-binary", binary, "-clients", "60", "-users", "10", "-every", "200ms", "-for", "2s",
		"-hang", "0", "-errors", "0", "-latency", "5ms", "-max-latency", "10s",
	}
	err := run(ctx, append(small, args...), &report, io.Discard)
	return report.String(), err
}

// wantHolds takes any number of spaces for one: the report is a table.
func wantHolds(t *testing.T, text string, parts ...string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

func TestSoak(t *testing.T) {
	t.Parallel()
	report, err := soakFor(t, t.Context(), "-max-directory-calls", "1", "-set", "LOG_FORMAT=json")
	if err != nil {
		t.Errorf("soak = %v", err)
	}
	wantHolds(t, report,
		"clients 60; ", ", 0 errors;", "p99 ", "lists too short 0 of ", "1 distinct asOf",
		"upstream calls 1, 1 in the busiest minute, 1 in the busiest hour", "GET /api/clientes/",
		"every promise was kept",
	)
}

func TestBrokenLimits(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		"-max-minute=0":   "1 upstream calls in a minute, want at most 0",
		"-max-hour=0":     "1 upstream calls in an hour, want at most 0",
		"-max-latency=0s": "want at most 0s",
	} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			report, err := soakFor(t, t.Context(), flag)
			if err == nil || strings.Contains(report, "every promise was kept") {
				t.Fatalf("soak = %v, want a broken promise:\n%s", err, report)
			}
			wantHolds(t, err.Error(), "BROKEN: ", want)
		})
	}
}

// Behind an upstream that never answers well no error is a warm one, and yet nothing is proved.
func TestNothingProved(t *testing.T) {
	t.Parallel()
	report, err := soakFor(t, t.Context(), "-errors", "1", "-max-cold-errors", "0")
	if err == nil {
		t.Fatalf("soak = nil, want a broken promise:\n%s", report)
	}
	wantHolds(t, err.Error(), "no query was answered warm", "queries failed when cold, want at most 0")
	wantHolds(t, report, "UPSTREAM_UNAVAILABLE")
}

func TestKilledReplica(t *testing.T) {
	t.Parallel()
	report, err := soakFor(t, t.Context(), "-replicas", "2",
		"-kill-replica-after", "500ms", "-kill-for", "300ms", "-for", "4s")
	if err != nil {
		t.Errorf("soak = %v", err)
	}
	wantHolds(t, report, "replica 1 is killed", "replica 2 ")
	if lives := strings.Count(report, "its first list"); lives != 3 {
		t.Errorf("%d lives of 2 replicas, want 3:\n%s", lives, report)
	}
}

func TestStopsEarly(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	report, err := soakFor(t, ctx, "-for", "1h")
	if err != nil {
		t.Errorf("soak = %v", err)
	}
	wantHolds(t, report, "every promise was kept")
}

func TestReplicaThatDoesNotStart(t *testing.T) {
	t.Parallel()
	if _, err := soakFor(t, t.Context(), "-set", "JWT_SECRET_KEY=short"); err == nil {
		t.Error("soak = nil with a bad configuration, want an error")
	} else {
		wantHolds(t, err.Error(), "replica 1: the binary did not start", "JWT_SECRET_KEY")
	}
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-clients=0", "-hang=2", "-users=0", "-every=0s", "-set=name", "-no-such", "word"} {
		if _, err := soakFor(t, t.Context(), flag); err == nil {
			t.Errorf("soak %s = nil, want an error", flag)
		}
	}
}
