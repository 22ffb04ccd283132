package main

import (
	"slices"
	"time"

	"wisphub-graphql/bench/launch"
)

// kindResults are the answers to the queries of one kind: all, and those that failed, cold ones included.
type kindResults struct{ queries, errors int }

// results summarise a run. A query is warm when its replica had answered a list before.
type results struct {
	queries, unsent, killed int            // all; without a running replica; lost in the kill
	cold, coldErrors        int            // queries that were not warm
	errors                  int            // errors of warm queries
	messages                map[string]int // number of errors by message, cold and warm
	latencies               []time.Duration
	byKind                  map[kind]kindResults
	lists, short            int // lists without a search; those with too few clients
	maxAge                  time.Duration
	refreshes               int           // distinct values of asOf
	maxGap                  time.Duration // between two values of asOf
	calls, minute, hour     int           // upstream calls: all, in the busiest minute and hour
	directory               int           // upstream calls for the directory
	directoryHour           int           // those in the busiest hour
}

// results summarises a run with the times of the upstream calls: all, and those for the directory.
func (s *soak) results(all, directory []time.Time) results {
	samples := s.recorder.samples
	r := results{queries: len(samples), unsent: s.recorder.unsent, messages: make(map[string]int), byKind: make(map[kind]kindResults)}
	asOf := make(map[time.Time]bool)
	for _, sample := range samples {
		r.add(sample)
		if sample.err != nil || sample.list.asOf.IsZero() {
			continue
		}
		asOf[sample.list.asOf.UTC()] = true
		r.maxAge = max(r.maxAge, sample.age)
		if sample.kind == listKind {
			r.lists++
			r.short += boolToInt(sample.list.total < s.options.clients)
		}
	}
	slices.Sort(r.latencies)
	r.refreshes, r.maxGap = len(asOf), largestGap(asOf)
	r.calls, r.minute, r.hour = len(all), launch.Busiest(all, time.Minute), launch.Busiest(all, time.Hour)
	r.directory, r.directoryHour = len(directory), launch.Busiest(directory, time.Hour)
	return r
}

// add counts a query. The latency of a failed query counts, too.
func (r *results) add(s sample) {
	if s.killed {
		r.killed++
		return
	}
	of := r.byKind[s.kind]
	r.byKind[s.kind] = kindResults{of.queries + 1, of.errors + boolToInt(s.err != nil)}
	if s.err != nil {
		r.messages[s.err.Error()]++
	}
	if !s.warm {
		r.cold++
		r.coldErrors += boolToInt(s.err != nil)
		return
	}
	r.errors += boolToInt(s.err != nil)
	r.latencies = append(r.latencies, s.latency)
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// percentile returns the latency that the given share of the warm queries does not exceed, 0
// without warm queries.
func (r results) percentile(share float64) time.Duration {
	return launch.Percentile(r.latencies, share)
}

// largestGap returns the longest time between two successive times, 0 with fewer than two.
func largestGap(times map[time.Time]bool) time.Duration {
	sorted := make([]time.Time, 0, len(times))
	for at := range times {
		sorted = append(sorted, at)
	}
	slices.SortFunc(sorted, time.Time.Compare)
	var largest time.Duration
	for i := 1; i < len(sorted); i++ {
		largest = max(largest, sorted[i].Sub(sorted[i-1]))
	}
	return largest
}
