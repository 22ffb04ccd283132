package launch

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// Busiest returns the highest number of times in any window. The times must be sorted; the end of a
// window does not belong to it.
func Busiest(times []time.Time, window time.Duration) int {
	highest, first := 0, 0
	for last, at := range times {
		for at.Sub(times[first]) >= window {
			first++
		}
		highest = max(highest, last-first+1)
	}
	return highest
}

// Percentile returns the duration that the given share of the durations does not exceed, 0 without
// durations. They must be sorted.
func Percentile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	count := int(math.Ceil(share * float64(len(sorted))))
	return sorted[max(count, 1)-1]
}

// MostFrequent returns the keys with the highest counts, at most limit of them.
func MostFrequent(counts map[string]int, limit int) []string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return keys[:min(limit, len(keys))]
}

// Rounded rounds a latency for a report.
func Rounded(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
