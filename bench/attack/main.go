// Command attack measures how far attacks slow down legitimate callers. For each attack it starts
// the built facade and a simulated WispHub Net on loopback. It measures legitimate callers alone,
// then beside the attack, and prints both:
//
//	go run ./bench/attack                         # all attacks, about ten minutes
//	go run ./bench/attack -list
//	go run ./bench/attack -attack 'silent sockets' -for 20s -warnings
//
// It exits with status 1 when an attack makes a kind of caller more than four times as slow, when a
// legitimate caller's request fails, or when the facade takes more than 300 MB. Everything runs on
// one machine. The attackers are a process of low priority, because real ones have processors of
// their own.
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
	if slices.Equal(os.Args[1:], []string{assaultFlag}) {
		if err := runAttackers(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run carries out the attacks and prints a line of Markdown for each. When ctx ends, it stops early
// and reports what it has.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	if o.list {
		for _, a := range attacks() {
			fmt.Fprintf(stdout, "%-40s %s\n", a.name, a.about)
		}
		return nil
	}
	dir, err := os.MkdirTemp("", "attack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.binary == "" {
		if o.binary, err = launch.Build(ctx, dir); err != nil {
			return err
		}
	}
	if !manySources() {
		fmt.Fprintln(stdout, "this system cannot send from 127.0.0.2, so that attackers and callers share one address")
	}
	results, err := o.attackAll(ctx, dir, stdout)
	printTable(stdout, results)
	return errors.Join(append(failures(results), err)...)
}

// attackAll carries out the chosen attacks, each against a facade of its own, so that none suffers
// from the ones before it.
func (o options) attackAll(ctx context.Context, dir string, stdout io.Writer) ([]result, error) {
	var results []result
	for _, a := range attacks() {
		if ctx.Err() != nil || len(o.attacks) > 0 && !slices.Contains(o.attacks, a.name) {
			continue
		}
		r, err := o.attack(ctx, dir, a)
		if err != nil {
			return results, fmt.Errorf("%s: %w", a.name, err)
		}
		r.print(stdout)
		results = append(results, r)
	}
	return results, nil
}
