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

func TestBusiest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		times []time.Time
		want  int
	}{
		"none":               {nil, 0},
		"one":                {seconds(5), 1},
		"the end is outside": {seconds(0, 60), 1},
		"just inside":        {seconds(0, 59.999), 2},
		"across a minute":    {seconds(0, 50, 70, 100, 109), 4},
	} {
		if got := busiest(test.times, time.Minute); got != test.want {
			t.Errorf("%s: busiest() = %d, want %d", name, got, test.want)
		}
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	var f figures
	if got := f.percentile(0.99); got != 0 {
		t.Errorf("percentile() of nothing = %v, want 0", got)
	}
	for n := range 200 {
		f.latencies = append(f.latencies, time.Duration(n+1))
	}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 100, 0.99: 198, 1: 200} {
		if got := f.percentile(share); got != want {
			t.Errorf("percentile(%v) = %d, want %d", share, got, want)
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	at := seconds(0, 10, 40)
	s := soak{options: options{clients: 60}, upstream: &upstream{arrivals: at, directory: at[:1]}}
	for _, sample := range []sample{
		{list: clientList{60, at[0]}, took: time.Second},
		{list: clientList{60, at[1]}, took: 3, warm: true, age: 2},
		{list: clientList{59, at[2]}, took: 2, warm: true, age: 1},
		{list: clientList{7, at[2]}, took: 1, warm: true, searched: true},
		{err: errors.New("late"), took: 4, warm: true, age: time.Hour},
		{err: errors.New("late")},
		{err: errors.New("EOF"), warm: true, cut: true, took: time.Hour},
	} {
		s.recorder.add(sample)
	}
	f := s.figures()
	if f.queries != 7 || f.cold != 2 || f.coldErrors != 1 || f.errors != 1 ||
		f.cut != 1 || f.messages["late"] != 2 || f.messages["EOF"] != 0 {
		t.Errorf("queries are counted wrong: %+v", f)
	}
	if f.lists != 3 || f.short != 1 || f.renewals != 3 || f.gap != 30*time.Second || f.oldest != 2 {
		t.Errorf("lists are counted wrong: %+v", f)
	}
	if len(f.latencies) != 4 || f.percentile(1) != 4 ||
		f.calls != 3 || f.minute != 3 || f.directory != 1 || f.directoryHour != 1 {
		t.Errorf("latencies or calls are counted wrong: %+v", f)
	}
}
