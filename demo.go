package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/config"
	"wisphub-graphql/httpserver"
	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	demoUser       = "demo"
	demoPassword   = "demo"
	demoAddress    = "127.0.0.1:8000"
	demoClients    = 2000
	maxDemoClients = 60_000
)

var errDemoAddress = errors.New("demo: -addr must be a loopback address such as 127.0.0.1:8000, because the password is public")

// demoOptions are the flags of the demo command.
type demoOptions struct {
	clients int
	faults  bool
	address string
}

func (p program) demoOptions(args []string) (demoOptions, error) {
	var o demoOptions
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(p.stderr)
	flags.IntVar(&o.clients, "clients", demoClients, "number of clients of the simulated provider, 1 to 60000")
	flags.BoolVar(&o.faults, "faults", false, "let the simulated WispHub be slow, hang and fail like the real one")
	flags.StringVar(&o.address, "addr", demoAddress, "host:port to serve, on loopback")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("demo: unexpected argument %q", flags.Arg(0))
	}
	if o.clients < 1 || o.clients > maxDemoClients {
		return o, fmt.Errorf("demo: -clients must be from 1 to %d", maxDemoClients)
	}
	host, _, err := net.SplitHostPort(o.address)
	if err != nil || !httpserver.IsLoopback(host) {
		return o, errDemoAddress
	}
	return o, nil
}

// demo serves all APIs over a simulated WispHub, which it starts on loopback.
func (p program) demo(ctx context.Context, args []string) error {
	options, err := p.demoOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	upstream, err := startDemoUpstream(options)
	if err != nil {
		return err
	}
	defer upstream.Close()
	settings, err := p.demoSettings(upstream.address)
	if err != nil {
		return err
	}
	logger := newLogger(settings, p.stderr)
	httpserver.RedirectStdLog(logger)
	app, err := newApp(settings, logger, newAudit(settings, p.stderr), true)
	if err != nil {
		return err
	}
	listener, err := httpserver.Listen(options.address)
	if err != nil {
		app.Close()
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Fprintf(p.stdout, "GraphiQL  http://%[1]s/\nGraphQL   http://%[1]s/graphql\nToken     http://%[1]s/api/v1/auth/token\nUser      %s, password %s; a simulated provider with %d clients\n",
		listener.Addr(), demoUser, demoPassword, options.clients)
	return app.serveOn(ctx, listener)
}

// demoUpstream is the simulated WispHub and its HTTP server.
type demoUpstream struct {
	address   string
	simulator *wisphubtest.Server
	server    *http.Server
}

func startDemoUpstream(options demoOptions) (*demoUpstream, error) {
	cfg := wisphubtest.Config{Clients: options.clients, Seed: 1}
	if options.faults {
		cfg.Faults = wisphubtest.DemoFaults()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demo: listen: %w", err)
	}
	simulator := wisphubtest.New(cfg)
	upstream := &demoUpstream{
		address:   "http://" + listener.Addr().String(),
		simulator: simulator,
		server:    &http.Server{Handler: simulator, ReadHeaderTimeout: httpserver.DefaultTimeouts().Header},
	}
	go func() {
		if err := upstream.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("the simulated WispHub stopped", "error", err)
		}
	}()
	return upstream, nil
}

// Close stops the server and ends the calls that the simulator lets hang.
func (u *demoUpstream) Close() {
	u.simulator.Close()
	_ = u.server.Close() // no data can be lost
}

// demoSettings returns the settings of the environment with the provider, its users and its stores
// replaced. It does not read .env, which has the key and the users of the real provider.
func (p program) demoSettings(upstream string) (*config.Settings, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(demoPassword), bcrypt.DefaultCost)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	environ := make(map[string]string, len(p.environ))
	maps.Copy(environ, p.environ)
	for _, name := range []string{
		"WISPHUB_NET_KEY_FILE", "API_PASSWORD_HASH_FILE", "API_USERS_FILE", "CACHE_URL", "CACHE_URL_FILE", "CACHE_DIR",
	} {
		delete(environ, name)
	}
	environ["WISPHUB_NET_HOST"] = upstream
	environ["WISPHUB_NET_KEY"] = wisphubtest.Key
	environ["API_USERNAME"] = demoUser
	environ["API_PASSWORD_HASH"] = string(hash)
	if environ["JWT_SECRET_KEY"] == "" && environ["JWT_SECRET_KEY_FILE"] == "" {
		environ["JWT_SECRET_KEY"] = rand.Text() + rand.Text()
	}
	settings, _, err := config.Load(environ)
	return settings, err
}
