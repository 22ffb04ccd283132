package main

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// Test16_8_OpenLoop_NoOmission expects the requests that were due while the server hung to be
// charged with the wait, and the rate not to depend on the server.
func Test16_8_OpenLoop_NoOmission(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		queues := make([]chan time.Time, 3)
		for i := range queues {
			queues[i] = make(chan time.Time, maxBehind)
		}
		during := &window{ended: make(chan struct{})}
		start := time.Now()
		time.AfterFunc(10*time.Second, during.close)
		if err := arrive(t.Context(), queues, 100, during); err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, queue := range queues {
			last := start
			for at := range queue {
				if at.Before(last) || at.After(start.Add(10*time.Second)) {
					t.Fatalf("due at %v after %v, want in order and in the window", at.Sub(start), last.Sub(start))
				}
				last, total = at, total+1
			}
		}
		if total < 900 || total > 1100 {
			t.Errorf("%d requests in 10 s at 100/s, want about 1,000", total)
		}
	})
}

// Test16_8_OpenLoop_LatencyFromDue expects latencies to count from the instant a request was due.
func Test16_8_OpenLoop_LatencyFromDue(t *testing.T) {
	t.Parallel()
	s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "{}")
	})
	s.expected[1] = []byte("{}")
	callers, err := newCrowd(s, works[0], true, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer callers.close()
	due := make(chan time.Time, 2)
	due <- time.Now().Add(-time.Hour)
	due <- time.Now().Add(-time.Minute)
	close(due)
	if err := callers[0].serve(context.Background(), due); err != nil {
		t.Fatal(err)
	}
	if latencies, _ := callers.take(); len(latencies) != 2 || latencies[0] < time.Minute || latencies[1] < time.Hour {
		t.Errorf("latencies = %v, want more than a minute and an hour", latencies)
	}
}
