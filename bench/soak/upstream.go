package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/wisphub/wisphubtest"
)

// directoryPath is the path that the facade reads the client directory from.
const directoryPath = "/api/clientes/"

// upstream is a simulated WispHub Net on loopback that records when each call arrives. The
// simulator itself keeps only the last 10,000 calls.
type upstream struct {
	address    string
	simulator  *wisphubtest.Server
	serviceIDs []int // of all clients
	server     *http.Server
	faults     wisphubtest.Faults // when there is no outage

	mu        sync.Mutex  // guards the fields below
	arrivals  []time.Time // of all calls, sorted
	directory []time.Time // of the calls of directoryPath, sorted
}

func startUpstream(o options) (*upstream, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("upstream: %w", err)
	}
	faults := wisphubtest.Faults{Latency: o.latency, Jitter: o.latency, HangRate: o.hang, ErrorRate: o.errors}
	u := &upstream{
		address:   "http://" + listener.Addr().String(),
		simulator: wisphubtest.New(wisphubtest.Config{Clients: o.clients, Tickets: -1, Seed: 1, Faults: faults}),
		faults:    faults,
	}
	u.serviceIDs = u.simulator.IDs()
	u.server = &http.Server{Handler: u, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = u.server.Serve(listener) }() // if it fails, every query fails
	return u, nil
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.record(r)
	u.simulator.ServeHTTP(w, r)
}

// record records every call, even one that hangs or is refused, because WispHub counts those, too.
func (u *upstream) record(r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now() // under the lock, so that the times are sorted
	u.arrivals = append(u.arrivals, now)
	if r.URL.Path == directoryPath {
		u.directory = append(u.directory, now)
	}
}

// calls returns the times of the calls so far.
func (u *upstream) calls() (all, directory []time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.arrivals), slices.Clone(u.directory)
}

// outage answers 503 to every new call for a while, once. An after of 0 means no outage.
func (u *upstream) outage(ctx context.Context, after, duration time.Duration) {
	if after <= 0 || background.Sleep(ctx, after) != nil {
		return
	}
	u.simulator.SetFaults(wisphubtest.Faults{Down: true})
	if background.Sleep(ctx, duration) == nil {
		u.simulator.SetFaults(u.faults)
	}
}

// Close stops the server and the simulator.
func (u *upstream) Close() {
	u.simulator.Close()
	_ = u.server.Close() // an error has no consequence at the end
}

// busiest returns the highest number of times in any window. The times must be sorted; the end of a
// window does not belong to it.
func busiest(times []time.Time, window time.Duration) int {
	highest, first := 0, 0
	for last, at := range times {
		for at.Sub(times[first]) >= window {
			first++
		}
		highest = max(highest, last-first+1)
	}
	return highest
}
