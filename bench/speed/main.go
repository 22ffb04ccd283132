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

// run measures what the flags select and prints it. After an error it prints what it has.
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
	found := results{options: o, progress: stderr}
	for _, clients := range o.clients {
		if err = found.add(ctx, dir, clients); err != nil {
			break
		}
	}
	if o.markdown {
		found.printMarkdown(stdout)
	} else {
		found.print(stdout)
	}
	return errors.Join(err, found.refusals())
}

// results are what a run showed.
type results struct {
	options  options
	progress io.Writer
	closed   measurements
	open     []openMeasurement
	memory   []memoryMeasurement
}

// refusals returns an error when requests were refused: their cost is not that of an answer.
func (r *results) refusals() error {
	refused := 0
	for _, m := range r.closed {
		refused += m.refused
	}
	for _, m := range r.open {
		refused += m.refused
	}
	for _, m := range r.memory {
		refused += m.refused
	}
	if refused > 0 {
		return fmt.Errorf("%d requests were refused, want 0: the machine is too slow for the load", refused)
	}
	return nil
}

// add measures with one number of clients.
func (r *results) add(ctx context.Context, dir string, clients int) error {
	if r.options.memory {
		m, err := measureMemory(ctx, r.options, dir, clients)
		if err == nil {
			r.memory = append(r.memory, m)
		}
		return err
	}
	s, err := openStage(ctx, r.options, dir, clients)
	if err != nil {
		return err
	}
	defer s.close()
	if slices.Contains(r.options.loops, closedLoop) {
		err = r.addClosed(ctx, s)
	}
	if err == nil && slices.Contains(r.options.loops, openLoop) {
		err = r.addOpen(ctx, s)
	}
	return err
}

func (r *results) addClosed(ctx context.Context, s *stage) error {
	for _, connections := range r.options.connections {
		for _, w := range r.options.works {
			for _, l := range r.options.lanes { // one after the other, because machines change their speed
				m, err := s.measure(ctx, l, w, connections)
				if err != nil {
					return err
				}
				r.closed = append(r.closed, m)
				fmt.Fprintf(r.progress, "%d clients, %d connections, %s, %s: %.1f µs\n", s.clients, connections, w.name, l.about, m.perRequest())
			}
		}
	}
	return nil
}

func (r *results) addOpen(ctx context.Context, s *stage) error {
	for _, b := range besides {
		for _, w := range r.options.works {
			if w.number > openWorks {
				continue
			}
			m, err := s.measureOpen(ctx, w, b)
			if err != nil {
				return err
			}
			r.open = append(r.open, m)
			fmt.Fprintf(r.progress, "%d clients, open loop, %s, beside %s: p99 %v\n", s.clients, w.name, b.name, launch.Rounded(m.p99))
		}
	}
	return nil
}
