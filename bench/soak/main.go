// Command soak proves the project's promises as a caller sees them, in real time: it runs the real binary against an
// invented WispHub Net, lets users poll it, counts what WispHub would have counted, and fails when a promise is broken.
// Everything is on loopback and ends by itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// module is the binary's import path: a name that works in every folder of the module.
const module = "wisphub-graphql"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run soaks and reports. When ctx ends it stops early, with a report of what was seen.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if o.binary == "" {
		if o.binary, err = build(ctx, folder); err != nil {
			return err
		}
	}
	upstream, err := startUpstream(o)
	if err != nil {
		return err
	}
	defer upstream.Close()
	s := &soak{options: o, upstream: upstream, client: newClient(o.users)}
	if err := s.startReplicas(folder); err != nil {
		s.stopReplicas()
		return err
	}
	fmt.Fprintln(stdout, o)
	s.run(ctx)
	return s.report(stdout)
}

// build makes the binary as a release would, and returns its path.
func build(ctx context.Context, folder string) (string, error) {
	path := filepath.Join(folder, module+".exe") // a name that every system can run
	output, err := exec.CommandContext(ctx, "go", "build", "-o", path, module).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, output)
	}
	return path, nil
}

// newClient keeps a connection a user, as so many browsers would.
func newClient(users int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: users}, // no proxy: everything is on loopback
		Timeout:   answerTimeout,
	}
}

// soak is one run.
type soak struct {
	options  options
	upstream *upstream
	replicas []*replica
	client   *http.Client
	recorder recorder
	began    time.Time
	took     time.Duration
	died     []error // replicas that ended unasked
}

// run lets the users poll until the time is over or ctx ends, and stops the replicas.
func (s *soak) run(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.options.length)
	defer cancel()
	s.began = time.Now()
	var tasks sync.WaitGroup
	tasks.Go(func() { s.upstream.outage(ctx, s.options.outageAfter, s.options.outageFor) })
	tasks.Go(func() { s.kill(ctx) })
	for number := range s.options.users {
		tasks.Go(func() { s.newUser(number).poll(ctx) })
	}
	tasks.Wait()
	s.took = time.Since(s.began)
	s.client.CloseIdleConnections()
	s.died = append(s.died, s.stopReplicas()...)
}

// kill lets the first replica die without warning and start again, once.
func (s *soak) kill(ctx context.Context) {
	if s.options.killAfter <= 0 || !sleep(ctx, s.options.killAfter) {
		return
	}
	first := s.replicas[0]
	if err := first.kill(); err != nil {
		s.died = append(s.died, err)
	}
	if !sleep(ctx, s.options.killFor) {
		return
	}
	if err := first.start(); err != nil {
		s.died = append(s.died, err)
	}
}

// sleep reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
