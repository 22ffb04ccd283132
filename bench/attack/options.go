package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"
)

// options are the values of the flags.
type options struct {
	list     bool
	attacks  []string // names; all when empty
	duration time.Duration
	tries    int
	clients  int
	binary   string
	warnings io.Writer // receives the facade's warnings and errors; nil drops them
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("attack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.list, "list", false, "list the attacks and exit")
	flags.Func("attack", "only the attack of this `name`; may be repeated", func(name string) error {
		if !slices.ContainsFunc(attacks(), func(a attack) bool { return a.name == name }) {
			return errors.New("-list lists the names")
		}
		o.attacks = append(o.attacks, name)
		return nil
	})
	flags.DurationVar(&o.duration, "for", 10*time.Second, "duration of each of the two phases of an attack")
	flags.IntVar(&o.tries, "tries", 1, "how often an attack that succeeds is repeated on a busy machine; the best try counts")
	flags.IntVar(&o.clients, "clients", 2000, "number of clients that the simulated WispHub has, 100 to 60000")
	flags.StringVar(&o.binary, "binary", "", "path of the binary; without it, the binary is built")
	flags.BoolFunc("warnings", "print the warnings and errors that the facade logs", func(string) error {
		o.warnings = stderr
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	return o, o.check(flags.Args())
}

func (o *options) check(arguments []string) (err error) {
	switch {
	case len(arguments) > 0:
		return fmt.Errorf("unexpected argument %q", arguments[0])
	case o.duration <= 0 || o.tries < 1:
		return errors.New("-for and -tries must be more than 0")
	case o.clients < 100 || o.clients > 60_000:
		return errors.New("-clients must be 100 to 60000")
	}
	if o.binary != "" { // the facade runs in a directory of its own
		o.binary, err = filepath.Abs(o.binary)
	}
	return err
}
