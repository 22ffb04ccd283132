package main

import (
	"errors"
	"testing"
	"time"
)

func seconds(offsets ...float64) []time.Time {
	var times []time.Time
	for _, offset := range offsets {
		times = append(times, time.Unix(0, int64(offset*1e9)))
	}
	return times
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	var r results
	if got := r.percentile(0.99); got != 0 {
		t.Errorf("percentile(0.99) without queries = %v, want 0", got)
	}
	for n := range 200 {
		r.latencies = append(r.latencies, time.Duration(n+1))
	}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 100, 0.99: 198, 1: 200} {
		if got := r.percentile(share); got != want {
			t.Errorf("percentile(%v) = %d, want %d", share, got, want)
		}
	}
}

func TestResults(t *testing.T) {
	t.Parallel()
	at := seconds(0, 10, 40)
	s := soak{options: options{clients: 60}}
	for _, sample := range []sample{
		{kind: listKind, list: clientList{60, at[0]}, latency: time.Second},
		{kind: listKind, list: clientList{60, at[1]}, latency: 3, warm: true, age: 2},
		{kind: listKind, list: clientList{59, at[2]}, latency: 2, warm: true, age: 1},
		{kind: searchKind, list: clientList{7, at[2]}, latency: 1, warm: true},
		{err: errors.New("late"), latency: 4, warm: true, age: time.Hour},
		{err: errors.New("late")},
		{err: errors.New("EOF"), warm: true, killed: true, latency: time.Hour},
	} {
		s.recorder.add(sample)
	}
	r := s.results(at, at[:1])
	if r.queries != 7 || r.cold != 2 || r.coldErrors != 1 || r.errors != 1 ||
		r.killed != 1 || r.messages["late"] != 2 || r.messages["EOF"] != 0 {
		t.Errorf("results() = %+v, want 7 queries, 2 cold (1 error), 1 warm error, 1 killed", r)
	}
	if r.lists != 3 || r.short != 1 || r.refreshes != 3 || r.maxGap != 30*time.Second || r.maxAge != 2 {
		t.Errorf("results() = %+v, want 3 lists (1 short), 3 refreshes, gap 30s, age 2ns", r)
	}
	if got, want := r.byKind[listKind], (kindResults{3, 0}); got != want {
		t.Errorf("results() = %+v lists, want %+v", got, want)
	}
	if len(r.latencies) != 4 || r.percentile(1) != 4 ||
		r.calls != 3 || r.minute != 3 || r.directory != 1 || r.directoryHour != 1 {
		t.Errorf("results() = %+v, want 4 latencies up to 4ns, 3 calls (1 for the directory)", r)
	}
}
