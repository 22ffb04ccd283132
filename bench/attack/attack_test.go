package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/bench/launch/launchtest"
)

// built is the path of the facade, built once for all tests.
var built string

func TestMain(m *testing.M) {
	if slices.Contains(os.Args, assaultFlag) { // the attackers' process
		main()
		return
	}
	launchtest.Main(m, &built)
}

// Test15_Attack_Runs expects short attacks to run, count and print. How long callers wait says
// nothing on a busy machine, so that a failed check is no failure here.
func Test15_Attack_Runs(t *testing.T) {
	t.Parallel()
	names := []string{"mix", "silent sockets", "accepted documents, WebSocket"}
	args := []string{"-binary", built, "-for", "1s", "-clients", "100"}
	for _, name := range names {
		args = append(args, "-attack", name)
	}
	var report bytes.Buffer
	err := run(t.Context(), args, &report, io.Discard)
	if err != nil && !strings.HasPrefix(err.Error(), "FAILED: ") {
		t.Fatalf("attack = %v\n%s", err, report.String())
	}
	for _, name := range names {
		_, row, found := strings.Cut(report.String(), "| "+name+" |")
		if row, _, _ = strings.Cut(row, "\n"); !found || strings.Contains(row, "| 0s |") {
			t.Errorf("the row of %s is %q, want one with latencies", name, row)
		}
	}
	for _, want := range []string{
		"calm      reader ", "attacked  reader ", "calm      newcomer ", "attacked  subscriber ", "attacked  bot ",
		"of memory; upstream calls: ", "answers to the attackers: ", "422 ×", "opened ×", "next ×", "GET /api/clientes/{id}/saldo/ ×",
		"  slowdown ",
	} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report has no %q:\n%s", want, report.String())
		}
	}
}

// Test15_Attack_List expects the attacks that the issue names.
func Test15_Attack_List(t *testing.T) {
	t.Parallel()
	var list bytes.Buffer
	if err := run(t.Context(), []string{"-list"}, &list, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"mix", "greedy readers", "slow readers, 60", "slow readers, 250", "slow readers, REST", "slow bodies", "known connections",
		"silent connections", "ping flood, 1 socket", "ping flood, 100 sockets", "silent sockets", "refused documents",
		"accepted documents", "document cache", "budget drain", "failing id",
	} {
		if !strings.Contains(list.String(), "\n"+name+" ") && !strings.HasPrefix(list.String(), name+" ") {
			t.Errorf("-list has no %q:\n%s", name, list.String())
		}
	}
}

func Test15_Attack_InvalidFlags(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-for=0s", "-tries=0", "-clients=99", "-attack=none", "-no-such", "word"} {
		if err := run(t.Context(), []string{flag}, io.Discard, io.Discard); err == nil {
			t.Errorf("attack %s = nil, want an error", flag)
		}
	}
}

// newPhase returns a phase with requests of one kind that took the same time each.
func newPhase(requests int, latency time.Duration) *phase {
	p := &phase{peak: 100}
	for range requests {
		p.samples.add("reader", latency, nil)
	}
	return p
}

func Test15_Attack_Verdict(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		calm, attacked *phase
		failed         string // of a request under attack
		peak           int64
		want           string
	}{
		"as fast":           {calm: newPhase(200, 30*time.Millisecond), attacked: newPhase(200, 30*time.Millisecond)},
		"four times":        {calm: newPhase(200, 30*time.Millisecond), attacked: newPhase(200, 120*time.Millisecond)},
		"slower":            {calm: newPhase(200, 30*time.Millisecond), attacked: newPhase(200, 150*time.Millisecond), want: "a reader is 5.0 times as slow"},
		"below the floor":   {calm: newPhase(200, time.Millisecond), attacked: newPhase(200, latencyFloor)},
		"above the floor":   {calm: newPhase(200, time.Millisecond), attacked: newPhase(200, 2*latencyFloor), want: "a reader is 8.0 times as slow"},
		"few, below":        {calm: newPhase(5, time.Millisecond), attacked: newPhase(5, rareFloor)},
		"few, above":        {calm: newPhase(5, time.Millisecond), attacked: newPhase(5, 2*rareFloor), want: "a reader is 8.0 times as slow"},
		"a failed request":  {calm: newPhase(200, time.Millisecond), attacked: newPhase(200, time.Millisecond), failed: "EOF", want: "1 requests of legitimate callers failed"},
		"too much memory":   {calm: newPhase(200, time.Millisecond), attacked: newPhase(200, time.Millisecond), peak: maxMemory + 1, want: "the facade took 301 MB"},
		"nothing to report": {calm: newPhase(0, 0), attacked: newPhase(0, 0), want: "the run proves nothing"},
		"no answer at all":  {calm: newPhase(200, time.Millisecond), attacked: newPhase(0, 0), want: "the run proves nothing"},
	} {
		if test.failed != "" {
			test.attacked.samples.add("reader", 0, errors.New(test.failed))
		}
		if test.peak > 0 {
			test.attacked.peak = test.peak
		}
		err := result{calm: test.calm, attacked: test.attacked}.verdict()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: verdict = %v, want %q", name, err, test.want)
		}
	}
}

// A request that fails all the time has no latency, which must not look fast.
func Test15_Attack_FailuresInTheReport(t *testing.T) {
	t.Parallel()
	r := result{attack: attack{name: "a", about: "b"}, calm: newPhase(200, time.Millisecond), attacked: &phase{}}
	r.attacked.samples.add("reader", time.Second, errors.New("refused"))
	var report bytes.Buffer
	r.print(&report)
	printTable(&report, []result{r})
	for _, want := range []string{"1 requests, 1 failed", "1 × refused", "FAILED: ", "**no**", "unknown of memory"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report has no %q:\n%s", want, report.String())
		}
	}
}

// Test15_Attack_LargeDocuments expects documents as large as the attack says, all different.
func Test15_Attack_LargeDocuments(t *testing.T) {
	t.Parallel()
	first, second := largeDocument(1), largeDocument(2)
	if len(first) < 10_000 || len(first) > 13_000 || first == second {
		t.Errorf("largeDocument has %d bytes, and the next one differs: %t; want about 11,000, true", len(first), first != second)
	}
}
