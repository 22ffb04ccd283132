// Command speed measures what an answer costs, beside a bare net/http handler and gqlgen as
// generated, in the same run. It starts all of them, and a simulated WispHub Net, as processes of
// their own on loopback. A wrong answer makes it fail.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"wisphub-graphql/bench/launch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if slices.Contains(os.Args, childFlag) {
		err = runChild(os.Args[1:], os.Stderr)
	} else {
		err = run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run measures what the flags select and prints it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "speed-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.binary == "" {
		if o.binary, err = launch.Build(ctx, dir); err != nil {
			return err
		}
	}
	var found results
	for _, clients := range o.clients {
		err = found.add(ctx, o, dir, clients, stderr)
		if err != nil {
			break
		}
	}
	found.print(stdout, o.markdown)
	return err
}

// results are what a run showed.
type results struct {
	closed measurements
}

// add measures with one number of clients.
func (r *results) add(ctx context.Context, o options, dir string, clients int, progress io.Writer) error {
	s, err := openStage(ctx, o, dir, clients)
	if err != nil {
		return err
	}
	defer s.close()
	for _, connections := range o.connections {
		for _, w := range o.works {
			for _, l := range o.lanes {
				m, err := s.measure(ctx, l, w, connections)
				if err != nil {
					return err
				}
				r.closed = append(r.closed, m)
				fmt.Fprintf(progress, "%d clients, %d connections, %s, %s: %.1f µs\n", clients, connections, w.name, l.about, m.perRequest())
			}
		}
	}
	return nil
}

func (r *results) print(w io.Writer, _ bool) {
	r.closed.print(w)
}
