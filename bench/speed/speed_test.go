package main

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"wisphub-graphql/bench/launch/launchtest"
)

// built is the path of the facade, built once for all tests.
var built string

func TestMain(m *testing.M) {
	if slices.Contains(os.Args, childFlag) { // one of the servers
		main()
		return
	}
	launchtest.Main(m, &built)
}

// small makes a run short.
func small(args ...string) []string {
	return append([]string{"-binary", built, "-clients", "200", "-for", "20ms", "-users", "5", "-rate", "200"}, args...)
}

// wantRun expects a run to succeed and to print all parts. What the figures are says nothing on a
// busy machine.
func wantRun(t *testing.T, args []string, parts ...string) string {
	t.Helper()
	var report bytes.Buffer
	if err := run(t.Context(), args, &report, io.Discard); err != nil {
		t.Fatalf("speed = %v\n%s", err, report.String())
	}
	for _, want := range parts {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report has no %q:\n%s", want, report.String())
		}
	}
	return report.String()
}

// Test16_8_Runs expects every work in every lane to be measured, and every answer to be right.
func Test16_8_Runs(t *testing.T) {
	t.Parallel()
	report := wantRun(t, small("-loop", "closed", "-connections", "2", "-markdown"),
		"Machine: ", "200 clients, 2 connections, closed loop", "| bare net/http, ready bytes | ", "| gqlgen as generated | ",
		"| repeated | ", "| never repeated | ", "| never repeated, sharing off | ", "| repeated, × bare | ≤ 1.5: ",
		"| never repeated, sharing off, × gqlgen | ≤ 0.9: ")
	if strings.Contains(report, "| – |") {
		t.Errorf("a work was not measured:\n%s", report)
	}
}

// Test16_8_RunsOpenLoop expects the open loop to run alone and beside all that it may run beside.
func Test16_8_RunsOpenLoop(t *testing.T) {
	t.Parallel()
	wantRun(t, small("-loop", "open", "-works", "2", "-lanes", "fresh", "-markdown"),
		"Open loop, 5 users, 200 requests/s", "| 200 | nothing | 50 rows", "| 200 | a refresh of all clients | 50 rows",
		"| 200 | 50 writes in a burst | 50 rows")
}

// Test16_8_RunsMemory expects the refreshes to be counted.
func Test16_8_RunsMemory(t *testing.T) {
	t.Parallel()
	report := wantRun(t, small("-memory", "-refreshes", "1"), "growth")
	_, row, _ := strings.Cut(report, "\n200 ")
	if fields := strings.Fields(row); len(fields) < 3 || fields[2] != "1" {
		t.Errorf("the row is %q, want one refresh", row)
	}
}

func Test16_8_InvalidFlags(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{
		"-works=6", "-lanes=none", "-loop=half", "-connections=0", "-clients=60001", "-for=0s", "-users=0", "-rate=0", "-refreshes=0",
		"-set=name", "-no-such", "word",
	} {
		if err := run(t.Context(), []string{flag}, io.Discard, io.Discard); err == nil {
			t.Errorf("speed %s = nil, want an error", flag)
		}
	}
}
