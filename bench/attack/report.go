package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"wisphub-graphql/bench/launch"
)

const (
	// maxSlowdown is how many times slower a kind of caller may be under attack.
	maxSlowdown = 4
	// latencyFloor is a latency that is never too slow, because on a busy machine smaller ones are
	// noise.
	latencyFloor = 20 * time.Millisecond
	maxMemory    = 300 // MB
	// minSamples is how many samples the 99th percentile needs. With fewer it is the one or two
	// slowest requests, so that the median is compared instead, with a floor of its own.
	minSamples = 150
	rareFloor  = 100 * time.Millisecond
	maxParts   = 4
)

// result is the outcome of one attack.
type result struct {
	attack         attack
	calm, attacked *phase
}

// slowest is how much slower one kind of caller was under attack.
type slowest struct {
	kind           string
	calm, attacked time.Duration
	ratio          float64 // of the latencies, raised to what is never too slow
}

// worst returns the kind of caller that was slowed down most.
func (r result) worst() (worst slowest) {
	for _, kind := range r.calm.samples.kinds() {
		calm, attacked := r.calm.samples.of(kind), r.attacked.samples.of(kind)
		share, floor := 0.99, latencyFloor
		if min(len(calm.latencies), len(attacked.latencies)) < minSamples {
			share, floor = 0.5, rareFloor
		}
		of := slowest{kind: kind, calm: calm.percentile(share), attacked: attacked.percentile(share)}
		of.ratio = float64(of.attacked) / float64(max(of.calm, floor/maxSlowdown))
		if worst.kind == "" || of.ratio > worst.ratio {
			worst = of
		}
	}
	return worst
}

// failed returns how many requests of legitimate callers failed in both phases.
func (r result) failed() (total int) {
	for _, p := range []*phase{r.calm, r.attacked} {
		for _, kind := range p.samples.kinds() {
			total += p.samples.of(kind).failed()
		}
	}
	return total
}

// verdict returns an error that says what the attack achieved, nil when nothing.
func (r result) verdict() error {
	var errs []error
	if worst := r.worst(); worst.ratio > maxSlowdown {
		errs = append(errs, fmt.Errorf("a %s is %.1f times as slow, want at most %d times", worst.kind, worst.ratio, maxSlowdown))
	}
	if failed := r.failed(); failed > 0 {
		errs = append(errs, fmt.Errorf("%d requests of legitimate callers failed, want 0", failed))
	}
	if r.attacked.peak > maxMemory {
		errs = append(errs, fmt.Errorf("the facade took %d MB, want at most %d", r.attacked.peak, maxMemory))
	}
	if len(r.attacked.samples.byKind) == 0 {
		errs = append(errs, errors.New("no legitimate caller was measured, so the run proves nothing"))
	}
	return errors.Join(errs...)
}

// failures returns an error for each attack that succeeded.
func failures(results []result) (errs []error) {
	for _, r := range results {
		if err := r.verdict(); err != nil {
			errs = append(errs, fmt.Errorf("FAILED: %s: %s", r.attack.name, strings.ReplaceAll(err.Error(), "\n", "; ")))
		}
	}
	return errs
}

// print prints all that was measured.
func (r result) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s: %s\n", r.attack.name, r.attack.about)
	r.calm.print(w, "calm")
	r.attacked.print(w, "attacked")
	worst := r.worst()
	fmt.Fprintf(w, "  slowdown %.1f (%s)\n", worst.ratio, worst.kind)
	if err := r.verdict(); err != nil {
		fmt.Fprintf(w, "  FAILED: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}

func (p *phase) print(w io.Writer, name string) {
	for _, kind := range p.samples.kinds() {
		of := p.samples.of(kind)
		fmt.Fprintf(w, "  %-9s %-10s p50 %9v  p99 %9v  slowest %9v  %d requests, %d failed\n", name, kind, launch.Rounded(of.percentile(0.5)),
			launch.Rounded(of.percentile(0.99)), launch.Rounded(of.percentile(1)), len(of.latencies)+of.failed(), of.failed())
		for _, text := range launch.MostFrequent(of.failures, maxParts) {
			fmt.Fprintf(w, "    %d × %s\n", of.failures[text], text)
		}
	}
	fmt.Fprintf(w, "  %-9s %s of memory; upstream calls: %s\n", name, memory(p.peak), counts(p.upstream))
	if len(p.answers) > 0 {
		fmt.Fprintf(w, "  %-9s answers to the attackers: %s\n", name, counts(p.answers))
	}
}

// printTable prints a Markdown table of all attacks.
func printTable(w io.Writer, results []result) {
	fmt.Fprintln(w, "\n| attack | slowed most | calm | attacked | slowdown | reader p50/p99, calm | attacked | failures | peak memory "+
		"| upstream calls, calm | attacked | answers to the attackers | held |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range results {
		worst, held := r.worst(), "yes"
		if r.verdict() != nil {
			held = "**no**"
		}
		reader := func(p *phase) string {
			of := p.samples.of("reader")
			return fmt.Sprintf("%v / %v", launch.Rounded(of.percentile(0.5)), launch.Rounded(of.percentile(0.99)))
		}
		fmt.Fprintf(w, "| %s | %s | %v | %v | %.1f | %s | %s | %d | %s | %d | %d | %s | %s |\n", r.attack.name, worst.kind,
			launch.Rounded(worst.calm), launch.Rounded(worst.attacked), worst.ratio, reader(r.calm), reader(r.attacked), r.failed(),
			memory(r.attacked.peak), sum(r.calm.upstream), sum(r.attacked.upstream), counts(r.attacked.answers), held)
	}
}

func memory(megabytes int64) string {
	if megabytes == 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d MB", megabytes)
}

// counts returns the sum and the most frequent parts.
func counts(of map[string]int) string {
	var parts []string
	for _, name := range launch.MostFrequent(of, maxParts) {
		parts = append(parts, fmt.Sprintf("%s × %d", name, of[name]))
	}
	if len(of) > maxParts {
		parts = append(parts, "…")
	}
	return strings.TrimSuffix(fmt.Sprintf("%d: %s", sum(of), strings.Join(parts, ", ")), ": ")
}

func sum(of map[string]int) (total int) {
	for _, count := range of {
		total += count
	}
	return total
}
