package launch

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

// DirectoryPath is the path that the facade reads the client directory from.
const DirectoryPath = "/api/clientes/"

// Upstream is a simulated WispHub Net on loopback that records when each call arrives. The
// simulator itself keeps only the last 10,000 calls. It is safe for concurrent use.
type Upstream struct {
	Address    string
	Simulator  *wisphubtest.Server
	ServiceIDs []int // of all clients
	server     *http.Server
	faults     wisphubtest.Faults // when there is no outage

	mu        sync.Mutex  // guards the fields below
	arrivals  []time.Time // of all calls, sorted
	directory []time.Time // of the calls of DirectoryPath, sorted
	failing   string      // a path whose calls fail, "" for none
}

// StartUpstream starts a provider. The caller must call Close.
func StartUpstream(cfg wisphubtest.Config) (*Upstream, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("upstream: %w", err)
	}
	u := &Upstream{
		Address:   "http://" + listener.Addr().String(),
		Simulator: wisphubtest.New(cfg),
		faults:    cfg.Faults,
	}
	u.ServiceIDs = u.Simulator.IDs()
	u.server = &http.Server{Handler: u, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = u.server.Serve(listener) }() // if it fails, every query fails
	return u, nil
}

// Env returns the settings that a facade needs for this provider, and a free port of loopback.
func (u *Upstream) Env() []string {
	return []string{
		"WISPHUB_NET_HOST=" + u.Address,
		"WISPHUB_NET_KEY=" + wisphubtest.Key,
		"JWT_SECRET_KEY=a-secret-for-tests-in-bench-only-0123456789",
		"LISTEN_ADDR=127.0.0.1:0",
	}
}

func (u *Upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if u.record(r) {
		http.Error(w, "<h1>Server Error (500)</h1>", http.StatusInternalServerError)
		return
	}
	u.Simulator.ServeHTTP(w, r)
}

// Fail makes all calls of one path fail from now on, such as "/api/clientes/26/saldo/".
func (u *Upstream) Fail(path string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.failing = path
}

// record records every call, even one that hangs or is refused, because WispHub counts those, too.
// It reports whether the call must fail.
func (u *Upstream) record(r *http.Request) (fails bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now() // under the lock, so that the times are sorted
	u.arrivals = append(u.arrivals, now)
	if r.URL.Path == DirectoryPath {
		u.directory = append(u.directory, now)
	}
	return u.failing != "" && r.URL.Path == u.failing
}

// Calls returns the times of the calls so far.
func (u *Upstream) Calls() (all, directory []time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.arrivals), slices.Clone(u.directory)
}

// Outage answers 503 to every new call for a while, once. An after of 0 means no outage.
func (u *Upstream) Outage(ctx context.Context, after, duration time.Duration) {
	if after <= 0 || background.Sleep(ctx, after) != nil {
		return
	}
	u.Simulator.SetFaults(wisphubtest.Faults{Down: true})
	if background.Sleep(ctx, duration) == nil {
		u.Simulator.SetFaults(u.faults)
	}
}

// Close stops the server and the simulator.
func (u *Upstream) Close() {
	u.Simulator.Close()
	_ = u.server.Close() // an error has no consequence at the end
}
