// Command soak checks the project's promises as a caller sees them, in real time. It runs the built
// binary against a simulated WispHub Net, lets users poll it, and counts upstream calls as WispHub
// does. It fails when a limit is exceeded. Everything runs on loopback and stops by itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/bench/launch"
	"wisphub-graphql/wisphub/wisphubtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run soaks and reports. When ctx ends, it stops early and reports what it has.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.binary == "" {
		if o.binary, err = launch.Build(ctx, dir); err != nil {
			return err
		}
	}
	upstream, err := launch.StartUpstream(wisphubtest.Config{
		Clients: o.clients, Tickets: -1, Seed: 1,
		Faults: wisphubtest.Faults{Latency: o.latency, Jitter: o.latency, HangRate: o.hang, ErrorRate: o.errors},
	})
	if err != nil {
		return err
	}
	defer upstream.Close()
	s := &soak{options: o, upstream: upstream, client: newClient(o.users)}
	if err := s.startReplicas(dir); err != nil {
		s.stopReplicas()
		return err
	}
	fmt.Fprintln(stdout, o)
	s.run(ctx)
	return s.report(stdout)
}

// newClient returns a client that keeps one connection per user, as their browsers would.
func newClient(users int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: users}, // no proxy: everything is on loopback
		Timeout:   queryTimeout,
	}
}

// soak is one run.
type soak struct {
	options  options
	upstream *launch.Upstream
	replicas []*replica
	client   *http.Client
	recorder recorder
	duration time.Duration
	exits    []error // replicas that failed to start again or exited unexpectedly
}

// run lets the users poll until the time is over or ctx ends, then stops the replicas.
func (s *soak) run(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.options.length)
	defer cancel()
	start := time.Now()
	var group sync.WaitGroup
	group.Go(func() { s.upstream.Outage(ctx, s.options.outageAfter, s.options.outageFor) })
	group.Go(func() { s.killReplica(ctx) })
	for number := range s.options.users {
		group.Go(func() { s.newUser(number).poll(ctx) })
	}
	group.Wait()
	s.duration = time.Since(start)
	s.client.CloseIdleConnections()
	s.exits = append(s.exits, s.stopReplicas()...)
}

// killReplica kills the first replica and starts it again, once.
func (s *soak) killReplica(ctx context.Context) {
	if s.options.killAfter <= 0 || background.Sleep(ctx, s.options.killAfter) != nil {
		return
	}
	first := s.replicas[0]
	if err := first.kill(); err != nil {
		s.exits = append(s.exits, err)
	}
	if background.Sleep(ctx, s.options.killFor) != nil {
		return
	}
	if err := first.start(); err != nil {
		s.exits = append(s.exits, err)
	}
}
