package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// directoryPath is what the client directory is read from.
const directoryPath = "/api/clientes/"

// upstream is an invented WispHub Net on loopback that notes when each call arrives: the simulator keeps the last 10,000
// only.
type upstream struct {
	address   string
	simulator *wisphubtest.Server
	server    *http.Server
	faults    wisphubtest.Faults // outside of outages

	mu        sync.Mutex  // guards what follows
	arrivals  []time.Time // of all calls, in order
	directory []time.Time // of those of directoryPath
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
	u.server = &http.Server{Handler: u, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = u.server.Serve(listener) }() // should it end early, every query says so
	return u, nil
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.count(r)
	u.simulator.ServeHTTP(w, r)
}

// count notes calls that hang or are refused, too: WispHub counts them.
func (u *upstream) count(r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now() // with the lock held, so that the times are in order
	u.arrivals = append(u.arrivals, now)
	if r.URL.Path == directoryPath {
		u.directory = append(u.directory, now)
	}
}

// calls returns the arrivals so far.
func (u *upstream) calls() (all, directory []time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.arrivals), slices.Clone(u.directory)
}

// outage answers 503 to everything for a while, once. Calls that hang already go on hanging.
func (u *upstream) outage(ctx context.Context, after, length time.Duration) {
	if after <= 0 || !sleep(ctx, after) {
		return
	}
	u.simulator.SetFaults(wisphubtest.Faults{Down: true})
	if sleep(ctx, length) {
		u.simulator.SetFaults(u.faults)
	}
}

func (u *upstream) Close() {
	u.simulator.Close()
	_ = u.server.Close() // nothing is left to save
}

// busiest returns the most times that lie in any window of that length, whose end is outside. The times are in order.
func busiest(times []time.Time, window time.Duration) int {
	most, first := 0, 0
	for last, at := range times {
		for at.Sub(times[first]) >= window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}
