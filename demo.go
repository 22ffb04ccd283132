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

	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	demoUser     = "demo"
	demoPassword = "demo"
	demoAddress  = "127.0.0.1:8000"
	demoClients  = 2000
	maxDemo      = 60_000
)

var errDemoAddress = errors.New("demo: -addr must be on loopback, such as 127.0.0.1:8000: its password is known to all")

// demoOptions are the demo's flags.
type demoOptions struct {
	clients int
	faults  bool
	address string
}

func (p program) demoOptions(args []string) (demoOptions, error) {
	var o demoOptions
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(p.stderr)
	flags.IntVar(&o.clients, "clients", demoClients, "how many clients the invented provider has, 1 to 60000")
	flags.BoolVar(&o.faults, "faults", false, "let the invented WispHub be slow, hang and fail as the real one does")
	flags.StringVar(&o.address, "addr", demoAddress, "host:port to serve, on loopback")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("demo: unexpected argument %q", flags.Arg(0))
	}
	if o.clients < 1 || o.clients > maxDemo {
		return o, fmt.Errorf("demo: -clients must be 1 to %d", maxDemo)
	}
	host, _, err := net.SplitHostPort(o.address)
	if err != nil || !isLoopback(host) {
		return o, errDemoAddress
	}
	return o, nil
}

// demo serves everything against an embedded WispHub Net, over real HTTP on loopback.
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
	takeLogs(logger)
	app, err := newApp(settings, logger, newAudit(settings, p.stderr), true)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", options.address)
	if err != nil {
		app.Close()
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Fprintf(p.stdout, "GraphiQL  http://%[1]s/\nGraphQL   http://%[1]s/graphql\nToken     http://%[1]s/api/v1/auth/token\nUser      %s, password %s; an invented provider with %d clients\n",
		listener.Addr(), demoUser, demoPassword, options.clients)
	return app.serveOn(ctx, listener)
}

// demoUpstream is the embedded WispHub Net.
type demoUpstream struct {
	address string
	net     *wisphubtest.Server
	http    *http.Server
}

func startDemoUpstream(options demoOptions) (*demoUpstream, error) {
	config := wisphubtest.Config{Clients: options.clients, Seed: 1}
	if options.faults {
		config.Faults = wisphubtest.DemoFaults()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demo: listen: %w", err)
	}
	simulator := wisphubtest.New(config)
	upstream := &demoUpstream{
		address: "http://" + listener.Addr().String(),
		net:     simulator,
		http:    &http.Server{Handler: simulator, ReadHeaderTimeout: usualPatience.header},
	}
	go func() {
		if err := upstream.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("the embedded WispHub ended", "error", err)
		}
	}()
	return upstream, nil
}

// Close ends the hanging calls, too.
func (u *demoUpstream) Close() {
	u.net.Close()
	_ = u.http.Close() // nothing is left to save
}

// demoSettings are those of the environment but for what makes it the demo. It does not read .env, whose key and users
// are the real provider's.
func (p program) demoSettings(upstream string) (*Settings, error) {
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
	settings, _, err := loadSettings(environ)
	return settings, err
}
