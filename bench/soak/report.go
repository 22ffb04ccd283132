package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"wisphub-graphql/bench/launch"
)

// maxMessages is the maximum number of different errors that a report lists.
const maxMessages = 8

// report prints the results and returns an error that names each failed check.
func (s *soak) report(w io.Writer) error {
	r := s.results(s.upstream.Calls())
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, values ...any) {
		fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, values...))
	}
	line("ran for", "%v", s.duration.Round(time.Second))
	s.reportQueries(r, line)
	s.reportReplicas(line)
	s.reportUpstream(r, line)
	if err := table.Flush(); err != nil {
		return err
	}
	failures := s.failedChecks(r)
	if len(failures) == 0 {
		fmt.Fprintln(w, "all checks passed")
		return nil
	}
	return errors.Join(failures...)
}

// printer adds a line to the report.
type printer func(name, format string, values ...any)

func (s *soak) reportQueries(r results, line printer) {
	line("queries", "%d, %d errors; %d while cold, %d errors; %d lost in the kill; %d unsent without a replica",
		r.queries, r.errors, r.cold, r.coldErrors, r.killed, r.unsent)
	for _, k := range slices.Sorted(maps.Keys(r.byKind)) {
		line("  "+string(k), "%d, %d errors", r.byKind[k].queries, r.byKind[k].errors)
	}
	line("latency when warm", "p50 %v, p95 %v, p99 %v, max %v",
		launch.Rounded(r.percentile(0.5)), launch.Rounded(r.percentile(0.95)), launch.Rounded(r.percentile(0.99)), launch.Rounded(r.percentile(1)))
	line("lists too short", "%d of %d", r.short, r.lists)
	line("directory", "%d distinct asOf, largest gap %v, oldest served %v",
		r.refreshes, r.maxGap.Round(time.Millisecond), r.maxAge.Round(time.Millisecond))
	for _, message := range launch.MostFrequent(r.messages, maxMessages) {
		line("  error", "%d × %s", r.messages[message], message)
	}
}

func (s *soak) reportReplicas(line printer) {
	for _, w := range s.recorder.warmUps {
		line(fmt.Sprintf("replica %d", w.replica), "first list %v after the start", w.duration.Round(time.Millisecond))
	}
	for _, r := range s.replicas {
		for _, p := range r.processes {
			if cpu, megabytes, ok := p.Usage(); ok {
				line(fmt.Sprintf("replica %d", r.number), "%v of CPU, %d MB peak memory", cpu.Round(10*time.Millisecond), megabytes)
			}
		}
	}
}

func (s *soak) reportUpstream(r results, line printer) {
	line("upstream calls", "%d, %d in the busiest minute, %d in the busiest hour", r.calls, r.minute, r.hour)
	line("of "+launch.DirectoryPath, "%d, %d in the busiest hour; %.0f per hour at this rate",
		r.directory, r.directoryHour, float64(r.directory)/s.duration.Hours())
	routes := s.upstream.Simulator.Requests()
	for _, route := range launch.MostFrequent(routes, len(routes)) {
		line("  "+route, "%d", routes[route])
	}
}

// failedChecks returns an error for each limit that the results exceed.
func (s *soak) failedChecks(r results) []error {
	failures := slices.Clone(s.exits)
	check := func(ok bool, format string, values ...any) {
		if !ok {
			failures = append(failures, fmt.Errorf("FAILED: "+format, values...))
		}
	}
	limits := s.options.limits
	check(len(r.latencies) > 0, "no warm query was answered, so the run proves nothing")
	check(r.errors <= limits.errors, "%d warm queries failed, want at most %d", r.errors, limits.errors)
	check(limits.coldErrors < 0 || r.coldErrors <= limits.coldErrors,
		"%d cold queries failed, want at most %d", r.coldErrors, limits.coldErrors)
	check(r.short == 0, "%d lists had fewer clients than the upstream, want 0", r.short)
	check(r.percentile(0.99) <= limits.latency, "p99 is %v, want at most %v", launch.Rounded(r.percentile(0.99)), limits.latency)
	check(r.minute <= limits.minute, "%d upstream calls in a minute, want at most %d", r.minute, limits.minute)
	check(r.hour <= limits.hour, "%d upstream calls in an hour, want at most %d", r.hour, limits.hour)
	check(limits.directory == 0 || r.directoryHour <= limits.directory,
		"%d calls of %s in an hour, want at most %d", r.directoryHour, launch.DirectoryPath, limits.directory)
	return failures
}
