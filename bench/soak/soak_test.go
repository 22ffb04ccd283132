package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/bench/launch/launchtest"
)

// binary is the facade, built once for all tests.
var binary string

func TestMain(m *testing.M) { launchtest.Main(m, &binary) }

// runSoak runs a small soak with additional flags and returns its report.
func runSoak(t *testing.T, ctx context.Context, args ...string) (string, error) {
	t.Helper()
	var report bytes.Buffer
	small := []string{
		"-binary", binary, "-clients", "60", "-users", "10", "-every", "200ms", "-for", "2s",
		"-hang", "0", "-errors", "0", "-latency", "5ms", "-max-latency", "10s",
	}
	err := run(ctx, append(small, args...), &report, io.Discard)
	return report.String(), err
}

// wantContains reports missing parts. It compares with single spaces, because the report is a
// table.
func wantContains(t *testing.T, text string, parts ...string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("got %s\nwant it to contain %q", text, part)
		}
	}
}

func TestSoak(t *testing.T) {
	t.Parallel()
	report, err := runSoak(t, t.Context(), "-max-directory-calls", "1", "-set", "LOG_FORMAT=json")
	if err != nil {
		t.Errorf("soak = %v", err)
	}
	wantContains(t, report,
		"clients 60; ", ", 0 errors;", "p99 ", "lists too short 0 of ", "1 distinct asOf",
		"upstream calls 1, 1 in the busiest minute, 1 in the busiest hour", "GET /api/clientes/",
		"all checks passed",
	)
}

func TestSoak_Mix(t *testing.T) {
	t.Parallel()
	report, err := runSoak(t, t.Context(), "-mix", "-for", "4s")
	if err != nil {
		t.Errorf("soak = %v", err)
	}
	wantContains(t, report, "one client", "tickets", "plans", "search", "lists too short 0 of ", "all checks passed")
}

func TestSoak_ExceededLimits(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		"-max-minute=0":   "1 upstream calls in a minute, want at most 0",
		"-max-hour=0":     "1 upstream calls in an hour, want at most 0",
		"-max-latency=0s": "want at most 0s",
	} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			report, err := runSoak(t, t.Context(), flag)
			if err == nil || strings.Contains(report, "all checks passed") {
				t.Fatalf("soak = %v, want a failed check:\n%s", err, report)
			}
			wantContains(t, err.Error(), "FAILED: ", want)
		})
	}
}

// When the upstream always fails, no query is warm, and the run must not pass.
func TestSoak_NoWarmQuery(t *testing.T) {
	t.Parallel()
	report, err := runSoak(t, t.Context(), "-errors", "1", "-max-cold-errors", "0")
	if err == nil {
		t.Fatalf("soak = nil, want a failed check:\n%s", report)
	}
	wantContains(t, err.Error(), "no warm query was answered", "cold queries failed, want at most 0")
	wantContains(t, report, "UPSTREAM_UNAVAILABLE")
}

func TestSoak_KilledReplica(t *testing.T) {
	t.Parallel()
	report, err := runSoak(t, t.Context(), "-replicas", "2",
		"-kill-replica-after", "500ms", "-kill-for", "300ms", "-for", "4s")
	if err != nil {
		t.Errorf("soak = %v", err)
	}
	wantContains(t, report, "replica 1 is killed", "replica 2 ")
	if starts := strings.Count(report, "first list"); starts != 3 {
		t.Errorf("%d first lists of 2 replicas, want 3:\n%s", starts, report)
	}
}

func TestSoak_StopsEarly(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	report, err := runSoak(t, ctx, "-for", "1h")
	if err != nil {
		t.Errorf("soak = %v", err)
	}
	wantContains(t, report, "all checks passed")
}

func TestSoak_ReplicaDoesNotStart(t *testing.T) {
	t.Parallel()
	if _, err := runSoak(t, t.Context(), "-set", "JWT_SECRET_KEY=short"); err == nil {
		t.Error("soak = nil with a bad configuration, want an error")
	} else {
		wantContains(t, err.Error(), "replica 1: the binary did not start", "JWT_SECRET_KEY")
	}
}

func TestSoak_InvalidFlags(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-clients=0", "-hang=2", "-users=0", "-every=0s", "-set=name", "-no-such", "word"} {
		if _, err := runSoak(t, t.Context(), flag); err == nil {
			t.Errorf("soak %s = nil, want an error", flag)
		}
	}
}
