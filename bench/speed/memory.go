package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/bench/launch"
)

// memoryMeasurement is how much memory the facade takes, and how it changes.
type memoryMeasurement struct {
	clients          int
	steady           phase // no refresh
	first, second    phase // half of the refreshes each
	refreshes, calls int
	refused          int // requests
}

// phase is a part of a measurement of memory, in megabytes.
type phase struct{ resident, peak int64 }

// growth returns the resident memory at the end of the refreshes as a multiple of that after half
// of them, 0 when it is unknown.
func (m memoryMeasurement) growth() float64 {
	if m.first.resident == 0 {
		return 0
	}
	return float64(m.second.resident) / float64(m.first.resident)
}

const (
	// steadyFor is how many times longer than -for the part without refreshes takes.
	steadyFor = 5
	// fewRows is one user in so many. The others do not ask for 2,000 rows.
	fewRows = 50
)

// measureMemory starts a facade of its own, whose data is old after a second.
func measureMemory(ctx context.Context, o options, dir string, clients int) (m memoryMeasurement, err error) {
	m.clients = clients
	wisphub, err := startChild("wisphub", strconv.Itoa(clients))
	if err != nil {
		return m, err
	}
	defer func() { _ = wisphub.Kill() }()
	for _, part := range []func(*server) error{
		func(s *server) error { return m.measureSteady(ctx, o, s) },
		func(s *server) error { return m.measureRefreshes(ctx, o, s) },
	} {
		if err := withFacade(ctx, o, dir, wisphub, part); err != nil {
			return m, err
		}
	}
	m.calls, err = upstreamCalls(ctx, wisphub)
	return m, err
}

// withFacade starts a facade that has loaded its data, for one part.
func withFacade(ctx context.Context, o options, dir string, wisphub *launch.Process, part func(*server) error) error {
	server, err := startFacade(o, facadeServer, dir, wisphub)
	if err != nil {
		return err
	}
	defer server.stop()
	ids, err := server.serviceIDs(ctx, 1000)
	if err != nil {
		return err
	}
	server.serviceID = ids[len(ids)/2]
	if err := server.learn(works, nil); err != nil {
		return err
	}
	return part(server)
}

func (m *memoryMeasurement) measureSteady(ctx context.Context, o options, s *server) error {
	callers, err := newMixedCrowd(ctx, s, o.users)
	if err != nil {
		return err
	}
	defer callers.close()
	if err := callers.openFor(ctx, o.rate, o.duration, nil); err != nil { // warms up
		return err
	}
	m.steady, err = s.phase(func() error { return callers.openFor(ctx, o.rate, steadyFor*o.duration, nil) })
	_, refused := callers.take()
	m.refused += refused
	return err
}

// measureRefreshes refreshes under load, as often as the facade allows.
func (m *memoryMeasurement) measureRefreshes(ctx context.Context, o options, s *server) error {
	callers, err := newMixedCrowd(ctx, s, o.users)
	if err != nil {
		return err
	}
	defer callers.close()
	refreshAll := func(count int) error {
		return callers.openFor(ctx, o.rate, time.Nanosecond, func(ctx context.Context) error {
			for range count {
				if err := awaitRefresh(ctx, s); err != nil {
					return err
				}
				if err := refresh(ctx, s); err != nil {
					return err
				}
				m.refreshes++
			}
			return background.Sleep(ctx, time.Second)
		})
	}
	half := (o.refreshes + 1) / 2
	if m.first, err = s.phase(func() error { return refreshAll(half) }); err != nil {
		return err
	}
	m.second, err = s.phase(func() error { return refreshAll(o.refreshes - half) })
	_, refused := callers.take()
	m.refused += refused
	return err
}

// phase returns the memory that a server takes during and after something.
func (s *server) phase(during func() error) (p phase, err error) {
	if err := s.process.ResetPeakMemory(); err != nil {
		return p, fmt.Errorf("reset the peak of memory: %w", err)
	}
	if err := during(); err != nil {
		return p, err
	}
	return phase{resident: s.process.Memory(), peak: s.process.PeakMemory()}, nil
}

// newMixedCrowd returns users who ask all works, and few of them the largest.
func newMixedCrowd(ctx context.Context, s *server, users int) (crowd, error) {
	usual := slices.DeleteFunc(slices.Clone(works), func(w work) bool { return w.rows > 1000 })
	large := works[slices.IndexFunc(works, func(w work) bool { return w.rows > 1000 })]
	var all crowd
	for user := range users {
		w := usual[user%len(usual)]
		if user%fewRows == fewRows-1 {
			w = large
		}
		c, err := newCaller(s, w, true, user)
		if err != nil {
			all.close()
			return nil, err
		}
		all = append(all, c)
	}
	if err := all.greet(ctx); err != nil {
		all.close()
		return nil, err
	}
	return all, nil
}
