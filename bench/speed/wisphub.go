package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"wisphub-graphql/bench/launch"
	"wisphub-graphql/wisphub/wisphubtest"
)

// callsPath tells how many calls the simulated WispHub got. WispHub itself has no such path.
const callsPath = "/bench/calls"

const upstreamLatency = 2 * time.Millisecond

// newWispHub returns a simulated WispHub. Its argument is the number of clients.
func newWispHub(args []string) (http.Handler, error) {
	clients, err := strconv.Atoi(args[0])
	if err != nil {
		return nil, err
	}
	simulator := wisphubtest.New(wisphubtest.Config{
		Clients: clients, Seed: 1, Faults: wisphubtest.Faults{Latency: upstreamLatency},
	})
	var calls atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc(callsPath, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(calls.Load()) // the caller has left
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		simulator.ServeHTTP(w, r)
	})
	return mux, nil
}

// upstreamCalls returns how many calls a simulated WispHub has got.
func upstreamCalls(ctx context.Context, wisphub *launch.Process) (calls int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, wisphub.Address+callsPath, nil)
	if err != nil {
		return 0, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: askTimeout}
	err = launch.Do(client, request, &calls)
	return calls, err
}
