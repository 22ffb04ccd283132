package main

import (
	"context"
	"errors"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/bench/launch"
)

// openMeasurement is what one open loop showed.
type openMeasurement struct {
	beside            string
	work              work
	clients           int
	rate, users       int
	requests          int // that were answered
	refused           int
	actions           int           // what happened beside, that many times
	cpu               time.Duration // of the server, all that it did
	elapsed           time.Duration
	p50, p99, slowest time.Duration
	peak              int64 // megabytes; 0 when unknown
	calls             int   // of WispHub
}

// openWorks are the works of the open loop: those that a dashboard asks for again and again.
const openWorks = 3

// measureOpen runs one open loop against the facade, with requests that are never repeated.
func (s *stage) measureOpen(ctx context.Context, w work, b beside) (openMeasurement, error) {
	m := openMeasurement{beside: b.name, work: w, clients: s.clients, rate: s.options.rate, users: s.options.users}
	server := s.servers[facadeServer]
	if b.ready != nil {
		if err := b.ready(ctx, server); err != nil {
			return m, err
		}
	}
	callers, err := newCrowd(server, w, true, s.options.users)
	if err != nil {
		return m, err
	}
	defer callers.close()
	if err := callers.greet(ctx); err != nil {
		return m, err
	}
	if err := callers.openFor(ctx, s.options.rate, s.options.duration/4, nil); err != nil {
		return m, err
	}
	callers.take()
	before, err := s.reading(ctx, server)
	if err != nil {
		return m, err
	}
	var act func(ctx context.Context) error
	if b.act != nil {
		act = func(ctx context.Context) error { m.actions++; return b.act(ctx, server) }
	}
	duration := s.options.duration
	if b.once {
		duration = min(duration, time.Second)
	}
	if err := callers.openFor(ctx, s.options.rate, duration, act); err != nil {
		return m, err
	}
	after, err := s.reading(ctx, server)
	if err != nil {
		return m, err
	}
	latencies, refused := callers.take()
	m.requests, m.refused, m.cpu, m.elapsed = len(latencies), refused, after.cpu-before.cpu, after.at.Sub(before.at)
	m.p50, m.p99, m.slowest = launch.Percentile(latencies, 0.5), launch.Percentile(latencies, 0.99), launch.Percentile(latencies, 1)
	m.peak, m.calls = after.peak, after.calls-before.calls
	return m, nil
}

// openFor runs an open loop, and act beside it once a second. The loop ends when the time is over
// and act has returned.
func (all crowd) openFor(ctx context.Context, rate int, duration time.Duration, act func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	during, failed := &window{ended: make(chan struct{})}, make(chan error, 1)
	go func() {
		defer during.close()
		failed <- actUntil(ctx, time.Now().Add(duration), act)
	}()
	err := all.open(ctx, rate, during)
	cancel() // after an error, nothing else ends act
	if acted := <-failed; err == nil || errors.Is(err, context.Canceled) {
		err = acted
	}
	return err
}

// actUntil calls act at least once, and once a second until an instant. Then it waits for the instant.
func actUntil(ctx context.Context, end time.Time, act func(context.Context) error) error {
	for act != nil {
		next := time.Now().Add(time.Second)
		if err := act(ctx); err != nil {
			return err
		}
		if next.After(end) {
			break
		}
		if err := background.Sleep(ctx, time.Until(next)); err != nil {
			return err
		}
	}
	return background.Sleep(ctx, time.Until(end))
}
