// Command wisphub-graphql serves a typed GraphQL API, and a REST API for bots, over WispHub Net.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // the image has no time zones

	"wisphub-graphql/auth"
	"wisphub-graphql/cache"
	"wisphub-graphql/config"
	"wisphub-graphql/httpserver"
	"wisphub-graphql/processor"
)

const (
	// stopGrace is how long running requests may continue after the signal to stop and
	// SHUTDOWN_DELAY. After it their calls to WispHub are cancelled, which answers them.
	stopGrace = 4 * time.Second
	// stopTimeout ends the shutdown, counted as stopGrace is. Docker kills a container after ten
	// seconds.
	stopTimeout = 8 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal, unless it is a hang-up, kills the process at once
	absorbHangUps()
	processor.Spare()
	processor.FloorHeap()
	bootTime = cache.ReadBootTime
	p := program{environ: environment(os.Environ()), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	if err := p.run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// absorbHangUps keeps a second hang-up from killing the process: when a terminal closes, the shell
// and the kernel each send one.
func absorbHangUps() {
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // never read
	}
}

// stopSignals leaves a hang-up alone that is ignored, as nohup does.
func stopSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// program is what a command uses of its process. Tests create their own.
type program struct {
	environ        map[string]string
	stdin          io.Reader
	stdout, stderr io.Writer
}

const usage = `Usage: wisphub-graphql [command]

Without a command: serve, configured by the environment and by .env (see README.md).

  demo           serve a simulated provider; user demo, password demo (-clients N, -faults, -addr HOST:PORT)
  hash-password  read a password from standard input and print its bcrypt hash
  healthcheck    check that the server is running, for containers
  schema         print the GraphQL schema
  version        print the version`

func (p program) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return p.serve(ctx)
	}
	switch command := args[0]; command {
	case "demo":
		return p.demo(ctx, args[1:])
	case "hash-password":
		return hashPassword(p.stdin, p.stdout)
	case "healthcheck":
		return p.healthcheck(ctx)
	case "schema":
		return printSchema(p.stdout)
	case "version":
		return printVersion(p.stdout)
	case "help", "-h", "--help":
		_, err := fmt.Fprintln(p.stdout, usage)
		return err
	default:
		return fmt.Errorf("unknown command %q\n\n%s", command, usage)
	}
}

// serve is the default command: it serves the provider of the configuration.
func (p program) serve(ctx context.Context) error {
	settings, warnings, err := p.settings()
	if err != nil {
		return err
	}
	logger := newLogger(settings, p.stderr)
	httpserver.RedirectStdLog(logger)
	for _, warning := range warnings {
		logger.Warn(warning)
	}
	app, err := newApp(settings, logger, newAudit(settings, p.stderr), false)
	if err != nil {
		return err
	}
	return app.serve(ctx, settings.ListenAddr)
}

// settings reads the environment and .env.
func (p program) settings() (*config.Settings, []string, error) {
	environ, fileWarnings, err := config.LoadDotenv(".env", p.environ)
	if err != nil {
		return nil, nil, err
	}
	settings, warnings, err := config.Load(environ)
	return settings, append(fileWarnings, warnings...), err
}

// healthcheck reads only the address, so that it works without access to the secrets.
func (p program) healthcheck(ctx context.Context) error {
	environ, _, err := config.LoadDotenv(".env", p.environ)
	if err != nil {
		return err
	}
	address := environ["LISTEN_ADDR"]
	if address == "" {
		address = ":8000"
	}
	return healthcheck(ctx, address)
}

// serve listens on address until ctx ends, and then lets running requests finish.
func (a *app) serve(ctx context.Context, address string) error {
	listener, err := httpserver.Listen(address)
	if err != nil {
		a.Close()
		return fmt.Errorf("listen: %w", err)
	}
	return a.serveOn(ctx, listener)
}

func (a *app) serveOn(ctx context.Context, listener net.Listener) error {
	server := a.newServer()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	a.logger.Info("serving", append([]any{"address", listener.Addr().String(), "version", version}, a.region...)...)
	a.warmUp(warmUpDelay)
	select {
	case err := <-failed:
		a.Close()
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	a.logger.Info("stopping")
	return a.stop(server, listener, failed)
}

// newServer returns the HTTP server of the app. Its shutdown ends subscriptions, which would
// otherwise block it.
func (a *app) newServer() *http.Server {
	server := httpserver.New(httpserver.Config{
		Handler: a.handler, Timeouts: a.timeouts, Connections: a.connections, Logger: a.logger,
	})
	server.RegisterOnShutdown(a.graphql.Close)
	return server
}

// stop lets callers leave, shuts the server down and closes the app. It uses a context of its own,
// because that of serveOn has ended.
func (a *app) stop(server *http.Server, listener net.Listener, failed <-chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), a.delay+stopTimeout)
	defer cancel()
	release := time.AfterFunc(a.delay+a.grace, a.provider.Close)
	defer release.Stop()
	a.drain.Begin()
	a.drain.Wait(ctx, a.delay, a.connections)
	a.drain.Settle(listener, a.connections)
	err := server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("stop: %w", err), server.Close())
	}
	<-failed
	a.Close()
	return err
}

func newLogger(settings *config.Settings, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(settings.LogLevel)); err != nil {
		level = slog.LevelInfo // only with a zero Settings, because Load checks the level
	}
	return slog.New(newLogHandler(settings, w, level))
}

// newAudit returns an audit that writes to w at any log level. The log writes to w at the same
// time, so that w must allow concurrent writes, as files do.
func newAudit(settings *config.Settings, w io.Writer) *auth.Audit {
	return auth.NewAudit(slog.New(newLogHandler(settings, w, slog.LevelInfo)))
}

func newLogHandler(settings *config.Settings, w io.Writer, level slog.Level) slog.Handler {
	options := &slog.HandlerOptions{Level: level}
	if settings.LogFormat == "json" {
		return slog.NewJSONHandler(w, options)
	}
	return slog.NewTextHandler(w, options)
}

func environment(pairs []string) map[string]string {
	environ := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		environ[name] = value
	}
	return environ
}
