package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

// options are the values of the flags.
type options struct {
	clients       int
	hang, errors  float64
	latency       time.Duration
	outageAfter   time.Duration
	outageFor     time.Duration
	binary        string
	replicas      int
	cacheURL      string
	cacheDir      string
	set           []string
	warnings      io.Writer // receives the replicas' warnings and errors; nil drops them
	killAfter     time.Duration
	killFor       time.Duration
	users         int
	mix           bool
	every, length time.Duration
	limits        limits
}

// limits are the values that a run must not exceed.
type limits struct {
	minute, hour, directory, errors, coldErrors int
	latency                                     time.Duration
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(stderr)
	o.upstreamFlags(flags)
	o.replicaFlags(flags, stderr)
	o.userFlags(flags)
	o.limits.flags(flags)
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, o.check()
}

func (o *options) upstreamFlags(flags *flag.FlagSet) {
	flags.IntVar(&o.clients, "clients", 2000, "number of clients that the simulated WispHub has, 1 to 60000")
	flags.Float64Var(&o.hang, "hang", 0.125, "share of upstream calls that never answer, 0 to 1")
	flags.Float64Var(&o.errors, "errors", 0.03, "share of upstream calls that fail with 5xx, 0 to 1")
	flags.DurationVar(&o.latency, "latency", 300*time.Millisecond, "minimum duration of an upstream call; the maximum is twice that")
	flags.DurationVar(&o.outageAfter, "outage-after", 0, "when the upstream starts to answer 503 to every call; 0 is never")
	flags.DurationVar(&o.outageFor, "outage-for", 5*time.Minute, "how long the outage lasts")
}

func (o *options) replicaFlags(flags *flag.FlagSet, stderr io.Writer) {
	flags.StringVar(&o.binary, "binary", "", "path of the binary; without it, the binary is built")
	flags.IntVar(&o.replicas, "replicas", 1, "number of replicas")
	flags.StringVar(&o.cacheURL, "cache-url", "", "CACHE_URL of every replica")
	flags.StringVar(&o.cacheDir, "cache-dir", "", "parent directory of every replica's CACHE_DIR")
	flags.Func("set", "another setting of every replica, `NAME=VALUE`; may be repeated", func(text string) error {
		if name, _, ok := strings.Cut(text, "="); !ok || name == "" {
			return errors.New("want NAME=VALUE")
		}
		o.set = append(o.set, text)
		return nil
	})
	flags.BoolFunc("warnings", "print the warnings and errors that the replicas log", func(string) error {
		o.warnings = stderr
		return nil
	})
	flags.DurationVar(&o.killAfter, "kill-replica-after", 0, "when the first replica is killed; 0 is never")
	flags.DurationVar(&o.killFor, "kill-for", 20*time.Second, "how long it stays down")
}

func (o *options) userFlags(flags *flag.FlagSet) {
	flags.IntVar(&o.users, "users", 100, "number of users that poll")
	flags.BoolVar(&o.mix, "mix", false, "ask for single clients, tickets and plans, too, not for lists alone")
	flags.DurationVar(&o.every, "every", 3*time.Second, "interval between two queries of a user")
	flags.DurationVar(&o.length, "for", 10*time.Minute, "duration of the run")
}

func (l *limits) flags(flags *flag.FlagSet) {
	flags.IntVar(&l.minute, "max-minute", 100, "maximum number of upstream calls in any minute")
	flags.IntVar(&l.hour, "max-hour", 1000, "maximum number of upstream calls in any hour")
	flags.IntVar(&l.directory, "max-directory-calls", 0, "maximum number of calls of /api/clientes/ in any hour; 0 is unlimited")
	flags.IntVar(&l.errors, "max-errors", 0, "maximum number of warm queries that fail")
	flags.IntVar(&l.coldErrors, "max-cold-errors", -1, "maximum number of cold queries that fail; -1 is unlimited")
	flags.DurationVar(&l.latency, "max-latency", 50*time.Millisecond, "maximum p99 of the warm queries")
}

func (o *options) check() error {
	switch {
	case o.clients < 1 || o.clients > 60_000:
		return errors.New("-clients must be 1 to 60000")
	case o.hang < 0 || o.hang > 1 || o.errors < 0 || o.errors > 1:
		return errors.New("-hang and -errors must be 0 to 1")
	case o.replicas < 1 || o.users < 1:
		return errors.New("-replicas and -users must be 1 or more")
	case o.every <= 0 || o.length <= 0:
		return errors.New("-every and -for must be more than 0")
	}
	return nil
}

// String returns the first line of the report.
func (o options) String() string {
	text := fmt.Sprintf("soak for %v: users %d, every %v; replicas %d; clients %d; upstream takes %v to %v, hangs %g, fails %g",
		o.length, o.users, o.every, o.replicas, o.clients, o.latency, 2*o.latency, o.hang, o.errors)
	if o.outageAfter > 0 {
		text += fmt.Sprintf(", is down after %v for %v", o.outageAfter, o.outageFor)
	}
	if o.killAfter > 0 {
		text += fmt.Sprintf("; replica 1 is killed after %v for %v", o.killAfter, o.killFor)
	}
	return text
}
