package main

import (
	"context"
	"fmt"
	"time"

	"wisphub-graphql/bench/launch"
)

// measurement is what one closed loop showed.
type measurement struct {
	lane        lane
	work        work
	clients     int
	connections int
	size        int // bytes of an answer
	requests    int // that were answered
	refused     int
	cpu         time.Duration // of the server, all requests together
	elapsed     time.Duration
	p50, p99    time.Duration
	peak        int64 // megabytes; 0 when unknown
	calls       int   // of WispHub
}

// perRequest returns the server's processor time of a request in microseconds.
func (m measurement) perRequest() float64 {
	return float64(m.cpu) / float64(time.Microsecond) / float64(max(m.requests, 1))
}

// measurements are those of a run.
type measurements []measurement

// ratio returns the processor time as a multiple of a yardstick's with the same work, clients and
// connections. ok is false when the yardstick was not measured.
func (all measurements) ratio(m measurement, yardstick string) (ratio float64, ok bool) {
	for _, y := range all {
		if y.lane.name == yardstick && y.work.number == m.work.number && y.clients == m.clients && y.connections == m.connections {
			return m.perRequest() / y.perRequest(), y.cpu > 0
		}
	}
	return 0, false
}

// measure runs one closed loop, after a short one that warms up.
func (s *stage) measure(ctx context.Context, l lane, w work, connections int) (measurement, error) {
	server := s.servers[l.server]
	callers, err := newCrowd(server, w, l.fresh, connections)
	if err != nil {
		return measurement{}, err
	}
	defer callers.close()
	if err := callers.closed(ctx, s.options.duration/4); err != nil {
		return measurement{}, err
	}
	callers.take()
	before, err := s.reading(ctx, server)
	if err != nil {
		return measurement{}, err
	}
	if err := callers.closed(ctx, s.options.duration); err != nil {
		return measurement{}, err
	}
	after, err := s.reading(ctx, server)
	if err != nil {
		return measurement{}, err
	}
	latencies, refused := callers.take()
	return measurement{
		lane: l, work: w, clients: s.clients, connections: connections, size: len(server.expected[w.number]),
		requests: len(latencies), refused: refused, cpu: after.cpu - before.cpu, elapsed: after.at.Sub(before.at),
		p50: launch.Percentile(latencies, 0.5), p99: launch.Percentile(latencies, 0.99),
		peak: after.peak, calls: after.calls - before.calls,
	}, nil
}

// reading is what the counters of a server say.
type reading struct {
	at    time.Time
	cpu   time.Duration
	peak  int64 // since the last reading
	calls int
}

// reading reads the counters. The peak of memory starts again.
func (s *stage) reading(ctx context.Context, server *server) (r reading, err error) {
	if r.calls, err = upstreamCalls(ctx, s.wisphub); err != nil {
		return r, fmt.Errorf("count the upstream calls: %w", err)
	}
	r.at, r.cpu, r.peak = time.Now(), server.process.CPU(), server.process.PeakMemory()
	return r, server.process.ResetPeakMemory()
}
