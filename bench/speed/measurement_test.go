package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func Test16_8_Ratios(t *testing.T) {
	t.Parallel()
	at := func(l string, w, clients, connections, requests int, cpu time.Duration) measurement {
		lane, err := laneNamed(l)
		if err != nil {
			t.Fatal(err)
		}
		return measurement{lane: lane, work: works[w-1], clients: clients, connections: connections, requests: requests, cpu: cpu, elapsed: time.Second}
	}
	all := measurements{
		at("bare", 1, 2000, 1, 10, time.Second), at("bare", 2, 2000, 32, 10, time.Second), at("bare", 1, 20_000, 32, 10, time.Second),
		at("bare", 1, 2000, 32, 1000, 20*time.Millisecond), at("gqlgen", 1, 2000, 32, 1000, 100*time.Millisecond),
		at("repeated", 1, 2000, 32, 2000, 60*time.Millisecond), at("unshared", 1, 2000, 32, 500, 47*time.Millisecond),
	}
	repeated, unshared := all[5], all[6]
	if got := repeated.perRequest(); got != 30 {
		t.Errorf("perRequest = %v µs, want 30", got)
	}
	for yardstick, want := range map[string]string{"bare": "1.5", "gqlgen": "0.3", "fresh": "–"} {
		if got := all.ratioText(repeated, yardstick); got != want {
			t.Errorf("ratio to %s = %s, want %s", yardstick, got, want)
		}
	}
	if got := all.ratioText(unshared, "gqlgen"); got != "0.94" {
		t.Errorf("ratio = %s, want 0.94", got)
	}
	var report bytes.Buffer
	all.markdownGoals(&report, options{works: works[:1], clients: []int{20_000, 2000}, connections: []int{1, 32}})
	for _, want := range []string{"| repeated, × bare | ≤ 1.5: 1.5 |", "| never repeated, sharing off, × gqlgen | ≤ 0.9: **0.94** |"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the goals have no %q:\n%s", want, report.String())
		}
	}
}
