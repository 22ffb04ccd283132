package main

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"wisphub-graphql/bench/launch"
)

// samples are the results of the legitimate callers in one phase. The zero value is ready; it is
// safe for concurrent use.
type samples struct {
	mu     sync.Mutex // guards the field below
	byKind map[string]*kindSamples
}

// kindSamples are those of one kind of caller.
type kindSamples struct {
	latencies []time.Duration // of the requests that did not fail
	failures  map[string]int  // by text
}

func (s *samples) add(kind string, latency time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKind == nil {
		s.byKind = make(map[string]*kindSamples)
	}
	if s.byKind[kind] == nil {
		s.byKind[kind] = &kindSamples{failures: make(map[string]int)}
	}
	if err != nil {
		s.byKind[kind].failures[err.Error()]++
		return
	}
	s.byKind[kind].latencies = append(s.byKind[kind].latencies, latency)
}

// sort sorts the latencies. Call it when no caller runs any more.
func (s *samples) sort() {
	for _, of := range s.byKind {
		slices.Sort(of.latencies)
	}
}

func (s *samples) kinds() []string { return slices.Sorted(maps.Keys(s.byKind)) }

// of returns the samples of a kind, empty ones when it has none.
func (s *samples) of(kind string) kindSamples {
	if of := s.byKind[kind]; of != nil {
		return *of
	}
	return kindSamples{}
}

func (k kindSamples) percentile(share float64) time.Duration {
	return launch.Percentile(k.latencies, share)
}

func (k kindSamples) failed() (total int) {
	for _, count := range k.failures {
		total += count
	}
	return total
}

// run sends requests until ctx ends, and then waits for the answers.
func (c caller) run(ctx context.Context, into *samples) {
	if c.close != nil {
		defer c.close()
	}
	if c.every == 0 {
		for ctx.Err() == nil {
			c.sample(into)
			time.Sleep(readPause)
		}
		return
	}
	var group sync.WaitGroup
	defer group.Wait()
	first := time.NewTimer(c.every / 4) // so that not all kinds begin together
	defer first.Stop()
	select {
	case <-first.C:
	case <-ctx.Done():
		return
	}
	ticker := time.NewTicker(c.every)
	defer ticker.Stop()
	for {
		group.Go(func() { c.sample(into) })
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// sample measures one request. The end of the phase does not cut it short, because a request that
// hangs must count as failed.
func (c caller) sample(into *samples) {
	ctx, cancel := context.WithTimeout(context.Background(), callerTimeout)
	defer cancel()
	start := time.Now()
	err := c.send(ctx)
	into.add(c.kind, time.Since(start), err)
}
