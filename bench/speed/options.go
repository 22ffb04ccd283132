package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// options are the values of the flags.
type options struct {
	works       []work
	lanes       []lane
	loops       []string
	connections []int
	clients     []int
	duration    time.Duration
	rate, users int
	memory      bool
	refreshes   int
	markdown    bool
	binary      string
	set         []string  // more settings of the facade
	warnings    io.Writer // receives the facade's warnings and errors; nil drops them
}

const (
	closedLoop = "closed"
	openLoop   = "open"
)

func parseOptions(args []string, stderr io.Writer) (options, error) {
	o := options{
		works: works, lanes: lanes, loops: []string{closedLoop, openLoop}, connections: []int{1, 32}, clients: []int{2000, 20_000},
	}
	flags := flag.NewFlagSet("speed", flag.ContinueOnError)
	flags.SetOutput(stderr)
	o.subsetFlags(flags)
	flags.DurationVar(&o.duration, "for", 2*time.Second, "duration of each measurement; the open loop takes at least as long as a refresh")
	flags.IntVar(&o.rate, "rate", 1000, "requests a second of the open loop")
	flags.IntVar(&o.users, "users", 100, "users of the open loop, each with a connection of its own")
	flags.BoolVar(&o.memory, "memory", false, "measure memory instead of speed, by default with 20,000 and 60,000 clients")
	flags.IntVar(&o.refreshes, "refreshes", 50, "refreshes of the directory in the measurement of memory")
	flags.BoolVar(&o.markdown, "markdown", false, "print the tables of docs/performance.md")
	flags.StringVar(&o.binary, "binary", "", "path of the facade; without it, the facade is built")
	flags.BoolFunc("warnings", "print the warnings and errors that the facade logs", func(string) error {
		o.warnings = stderr
		return nil
	})
	flags.Func("set", "another setting of the facade, `NAME=VALUE`; may be repeated", func(text string) error {
		if name, _, ok := strings.Cut(text, "="); !ok || name == "" {
			return errors.New("want NAME=VALUE")
		}
		o.set = append(o.set, text)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	clientsGiven := false
	flags.Visit(func(f *flag.Flag) { clientsGiven = clientsGiven || f.Name == "clients" })
	if o.memory && !clientsGiven {
		o.clients = []int{20_000, 60_000}
	}
	return o, o.check(flags.Args())
}

// subsetFlags are the flags that narrow what is measured. Each is a list with commas.
func (o *options) subsetFlags(flags *flag.FlagSet) {
	flags.Func("works", "the `numbers` of the works, such as 1,4", func(text string) (err error) {
		o.works, err = parseList(text, func(item string) (work, error) {
			at := slices.IndexFunc(works, func(w work) bool { return strconv.Itoa(w.number) == item })
			if at < 0 {
				return work{}, fmt.Errorf("%q is not 1 to %d", item, len(works))
			}
			return works[at], nil
		})
		return err
	})
	flags.Func("lanes", "the `names` of the lanes: bare, gqlgen, repeated, fresh, unshared", func(text string) (err error) {
		o.lanes, err = parseList(text, laneNamed)
		return err
	})
	flags.Func("loop", "closed, open or both, as a `list`", func(text string) (err error) {
		o.loops, err = parseList(text, func(item string) (string, error) {
			if item != closedLoop && item != openLoop {
				return "", fmt.Errorf("%q is not closed or open", item)
			}
			return item, nil
		})
		return err
	})
	numbers := func(name, about string, into *[]int, most int) {
		flags.Func(name, about, func(text string) (err error) {
			*into, err = parseList(text, func(item string) (int, error) {
				number, err := strconv.Atoi(item)
				if err == nil && (number < 1 || number > most) {
					err = fmt.Errorf("%d is not 1 to %d", number, most)
				}
				return number, err
			})
			return err
		})
	}
	numbers("connections", "the `numbers` of connections of the closed loop", &o.connections, 256)
	numbers("clients", "the `numbers` of clients that the simulated WispHub has", &o.clients, 60_000)
}

// parseList parses each part of a list with commas.
func parseList[T any](text string, parse func(item string) (T, error)) (list []T, err error) {
	for item := range strings.SplitSeq(text, ",") {
		value, err := parse(strings.TrimSpace(item))
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

func (o *options) check(arguments []string) (err error) {
	switch {
	case len(arguments) > 0:
		return fmt.Errorf("unexpected argument %q", arguments[0])
	case o.duration <= 0 || o.rate < 1 || o.refreshes < 1:
		return errors.New("-for, -rate and -refreshes must be more than 0")
	case o.users < 1 || o.users > 200:
		return errors.New("-users must be 1 to 200")
	}
	if o.binary != "" { // the facade runs in a directory of its own
		o.binary, err = filepath.Abs(o.binary)
	}
	return err
}

// has reports whether a lane is selected.
func (o *options) has(name string) bool {
	return slices.ContainsFunc(o.lanes, func(l lane) bool { return l.name == name })
}
