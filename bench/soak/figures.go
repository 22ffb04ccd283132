package main

import (
	"math"
	"slices"
	"time"
)

// figures are what a run comes to.
type figures struct {
	queries, unsent, cut     int
	cold, coldErrors         int
	errors                   int            // of warm queries
	messages                 map[string]int // of all errors
	latencies                []time.Duration
	lists, short             int // without a search; with fewer clients than the upstream has
	oldest                   time.Duration
	renewals                 int // distinct asOf
	gap                      time.Duration
	calls, minute, hour      int // all, in the busiest windows
	directory, directoryHour int
}

func (s *soak) figures() figures {
	samples := s.recorder.samples
	f := figures{queries: len(samples), unsent: s.recorder.skipped, messages: make(map[string]int)}
	asOf := make(map[time.Time]bool)
	for _, sample := range samples {
		f.count(sample)
		if sample.err != nil {
			continue
		}
		asOf[sample.list.asOf.UTC()] = true
		f.oldest = max(f.oldest, sample.age)
		if !sample.searched {
			f.lists++
			f.short += count(sample.list.total < s.options.clients)
		}
	}
	slices.Sort(f.latencies)
	f.renewals, f.gap = len(asOf), largestGap(asOf)
	all, directory := s.upstream.calls()
	f.calls, f.minute, f.hour = len(all), busiest(all, time.Minute), busiest(all, time.Hour)
	f.directory, f.directoryHour = len(directory), busiest(directory, time.Hour)
	return f
}

// count sorts a query by what it says about the facade. One that failed is slow or quick like any other.
func (f *figures) count(s sample) {
	if s.cut {
		f.cut++
		return
	}
	if s.err != nil {
		f.messages[s.err.Error()]++
	}
	if !s.warm {
		f.cold++
		f.coldErrors += count(s.err != nil)
		return
	}
	f.errors += count(s.err != nil)
	f.latencies = append(f.latencies, s.took)
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// percentile returns the latency that so large a share of the warm queries does not exceed, 0 when there are none.
func (f figures) percentile(share float64) time.Duration {
	if len(f.latencies) == 0 {
		return 0
	}
	rank := int(math.Ceil(share * float64(len(f.latencies))))
	return f.latencies[max(rank, 1)-1]
}

// largestGap returns the longest time between two neighbours, 0 when there are fewer than two.
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
