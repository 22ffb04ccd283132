package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// shownMessages bounds the kinds of errors that a report lists.
const shownMessages = 8

// report prints the figures and returns an error that names each promise broken.
func (s *soak) report(w io.Writer) error {
	f := s.figures()
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, values ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, values...))
	}
	line("ran for", "%v", s.took.Round(time.Second))
	s.reportQueries(f, line)
	s.reportReplicas(line)
	s.reportUpstream(f, line)
	if err := table.Flush(); err != nil {
		return err
	}
	broken := s.broken(f)
	if len(broken) == 0 {
		fmt.Fprintln(w, "every promise was kept")
		return nil
	}
	return errors.Join(broken...)
}

// printer adds a line to the report.
type printer func(name, format string, values ...any)

func (s *soak) reportQueries(f figures, line printer) {
	line("queries", "%d, %d errors; %d while cold, %d errors; %d cut by the kill; %d unsent, no replica being up",
		f.queries, f.errors, f.cold, f.coldErrors, f.cut, f.unsent)
	line("latency when warm", "p50 %v, p95 %v, p99 %v, max %v",
		short(f.percentile(0.5)), short(f.percentile(0.95)), short(f.percentile(0.99)), short(f.percentile(1)))
	line("lists too short", "%d of %d", f.short, f.lists)
	line("directory", "%d distinct asOf, largest gap %v, oldest served %v",
		f.renewals, f.gap.Round(time.Millisecond), f.oldest.Round(time.Millisecond))
	for _, message := range mostFrequent(f.messages, shownMessages) {
		line("  error", "%d × %s", f.messages[message], message)
	}
}

func (s *soak) reportReplicas(line printer) {
	for _, w := range s.recorder.warmUps {
		line(fmt.Sprintf("replica %d", w.replica), "its first list %v after its start", w.took.Round(time.Millisecond))
	}
	for _, r := range s.replicas {
		for _, p := range r.lives {
			if state := p.command.ProcessState; state != nil {
				line(fmt.Sprintf("replica %d", r.number), "%v of CPU, %d MB at its peak",
					(state.UserTime() + state.SystemTime()).Round(10*time.Millisecond), peakMemory(state))
			}
		}
	}
}

func (s *soak) reportUpstream(f figures, line printer) {
	line("upstream calls", "%d, %d in the busiest minute, %d in the busiest hour", f.calls, f.minute, f.hour)
	line("of "+directoryPath, "%d, %d in the busiest hour; %.0f an hour at this rate",
		f.directory, f.directoryHour, float64(f.directory)/s.took.Hours())
	routes := s.upstream.simulator.Requests()
	for _, route := range mostFrequent(routes, len(routes)) {
		line("  "+route, "%d", routes[route])
	}
}

// broken names the promises that the figures do not keep.
func (s *soak) broken(f figures) []error {
	broken := slices.Clone(s.died)
	check := func(ok bool, format string, values ...any) {
		if !ok {
			broken = append(broken, fmt.Errorf("BROKEN: "+format, values...))
		}
	}
	limits := s.options.limits
	check(len(f.latencies) > 0, "no query was answered warm, so nothing is proved")
	check(f.errors <= limits.errors, "%d queries failed when warm, want at most %d", f.errors, limits.errors)
	check(limits.coldErrors < 0 || f.coldErrors <= limits.coldErrors,
		"%d queries failed when cold, want at most %d", f.coldErrors, limits.coldErrors)
	check(f.short == 0, "%d lists were shorter than the upstream's", f.short)
	check(f.percentile(0.99) <= limits.latency, "p99 is %v, want at most %v", short(f.percentile(0.99)), limits.latency)
	check(f.minute <= limits.minute, "%d upstream calls in a minute, want at most %d", f.minute, limits.minute)
	check(f.hour <= limits.hour, "%d upstream calls in an hour, want at most %d", f.hour, limits.hour)
	check(limits.directory == 0 || f.directoryHour <= limits.directory,
		"%d calls of %s in an hour, want at most %d", f.directoryHour, directoryPath, limits.directory)
	return broken
}

// mostFrequent returns at most so many keys, the highest counts first.
func mostFrequent(counts map[string]int, most int) []string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return keys[:min(most, len(keys))]
}

func short(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
