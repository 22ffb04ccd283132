package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/background"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/config"
	"wisphub-graphql/graph"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/playground"
	"wisphub-graphql/graph/transport"
	"wisphub-graphql/httpserver"
	"wisphub-graphql/isp"
	"wisphub-graphql/rest"
	"wisphub-graphql/rest/explorer"
	"wisphub-graphql/tenant"
	"wisphub-graphql/wisphub"
)

// warmUpDelay is how long the initial client load is delayed unless a request needs it sooner. A
// process that restarts in a loop spends no calls in that time, and the first lookup of one client
// costs one call only.
const warmUpDelay = 2 * time.Second

const (
	// connectTimeout is how long a new replica waits for the store, and loadTimeout is how long all
	// that it does before the first answer may take. Requests wait for it.
	connectTimeout = 2 * time.Second
	loadTimeout    = 3 * time.Second
)

// app joins all packages into one server.
type app struct {
	handler   http.Handler
	graphql   *graph.Handler
	users     *auth.Service
	provider  *isp.Provider
	api       *wisphub.API
	store     *shared.Store // nil without replicas
	snapshots *snapshots
	logger    *slog.Logger
	audit     *auth.Audit // nil for none
	key       *keyFile
	ready     atomic.Bool
	loaded    chan struct{} // closed once the data of other replicas is in memory
	stopping  context.Context
	cancel    context.CancelFunc
	tasks     sync.WaitGroup
	drain     httpserver.Drain
	delay     time.Duration // SHUTDOWN_DELAY
	grace     time.Duration // see stopGrace
	region    []any         // the country, for the start line

	timeouts    httpserver.Timeouts
	connections *httpserver.ConnLimit
	penalty     *httpserver.Penalty
}

// newApp joins the packages. The caller must call Close. The audit may be nil. With
// loopbackOrigins, pages of every origin on this machine may use the API.
func newApp(settings *config.Settings, logger *slog.Logger, audit *auth.Audit, loopbackOrigins bool) (*app, error) {
	usersFile := newUsersFile(settings, logger)
	users, err := newAuth(settings, audit, logger)
	if err != nil {
		return nil, err
	}
	usersFile.service = users
	trusted, err := readTrustedDocuments(settings)
	if err != nil {
		return nil, err
	}
	a := &app{
		logger: logger, audit: audit, users: users, delay: settings.ShutdownDelay, grace: stopGrace,
		region:   []any{"holidays", settings.Holidays, "currency", settings.Currency, "timezone", settings.Timezone.String()},
		loaded:   make(chan struct{}),
		timeouts: httpserver.DefaultTimeouts(), connections: newConnLimit(settings, logger),
	}
	if err := a.openProvider(settings); err != nil {
		return nil, err
	}
	sessions, err := newSessions(settings, users, a.store, logger)
	if err != nil {
		a.closeProvider()
		return nil, err
	}
	a.snapshots.restore()
	a.stopping, a.cancel = context.WithCancel(context.Background())
	a.penalty = newPenalty(settings, a.stopping)
	origins := httpserver.AllowedOrigins(settings.CORSAllowedOrigins, loopbackOrigins)
	a.handler = a.wrap(settings, a.routes(settings, users, trusted, origins), origins)
	a.loadPublished(sessions)
	a.tasks.Go(func() { a.snapshots.run(a.stopping) })
	a.tasks.Go(func() { usersFile.run(a.stopping) })
	a.tasks.Go(func() { a.key.run(a.stopping) })
	a.tasks.Go(func() { sessions.run(a.stopping) })
	return a, nil
}

// openProvider creates the provider and what it needs. After success, closeProvider or Close must
// be called.
func (a *app) openProvider(settings *config.Settings) (err error) {
	identity := tenant.New(settings.WispHubNetHost, settings.WispHubNetKey.Reveal())
	if a.store, err = openStore(settings, identity, a.logger); err != nil {
		return err
	}
	a.key = newKeyFile(settings, identity, a.audit, a.logger)
	if a.api, err = newAPI(settings, a.store, a.key, a.logger); err != nil {
		a.closeStore()
		return err
	}
	a.key.setKey = a.api.SetKey
	identity.LearnWith(a.api.ReadCompany)
	a.provider = newProvider(settings, a.api, a.store, a.logger, a.audit)
	if a.snapshots, err = newSnapshots(settings, identity, a.provider, a.api, a.logger); err != nil {
		a.closeProvider()
		return err
	}
	return nil
}

// closeProvider undoes openProvider.
func (a *app) closeProvider() {
	a.provider.Close()
	a.api.Close()
	a.closeStore()
}

// routes returns a handler with every API and page at its path.
func (a *app) routes(
	settings *config.Settings, users *auth.Service, trusted *document.Trusted, origins func(string) bool,
) http.Handler {
	underWay := newInflight(settings)
	graphOptions := graphConfig(settings, a.provider, users, a.logger)
	graphOptions.Trusted, graphOptions.AllowOrigin, graphOptions.Inflight = trusted, origins, underWay
	a.graphql = graph.New(graphOptions)
	restOptions := restConfig(settings, a.provider, users, a.logger)
	restOptions.Inflight = underWay
	bots := rest.New(restOptions)

	mux := http.NewServeMux()
	hold := httpserver.Hold(a.loaded)
	mux.Handle("/graphql", httpserver.Chain(users.Authenticate(a.graphql), hold, httpserver.RefuseOrigins(origins, transport.RefuseOrigin)))
	safeBots := httpserver.RecoverPanics(a.logger, bots.AnswerPanic)(bots)
	mux.Handle("/api/", httpserver.Chain(safeBots, hold, httpserver.RefuseOrigins(origins, rest.RefuseOrigin)))
	mux.Handle("/health", safeBots)
	mux.Handle("/health/", safeBots)
	mux.HandleFunc("GET /readyz", a.readyz)
	if settings.Playground {
		page := playground.Handler()
		mux.Handle("/{$}", page)
		mux.Handle("/playground/", page)
		docs := explorer.Handler()
		mux.Handle("/docs", docs)
		mux.Handle("/docs/", docs)
	}
	return mux
}

// wrap adds the middleware that all routes share. The last one is the outermost.
func (a *app) wrap(settings *config.Settings, routes http.Handler, origins func(string) bool) http.Handler {
	return httpserver.Chain(routes,
		httpserver.RecoverPanics(a.logger, answerPanic),
		httpserver.SecurityHeaders,
		httpserver.CORS(origins),
		httpserver.LogRequests(a.logger),
		httpserver.Identify(settings.TrustedProxies),
		a.penalty.Wrap,
		a.drain.Wrap,
	)
}

// answerPanic is the answer to a request whose handler panicked, outside of the APIs, which have
// answers of their own.
func answerPanic(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "Internal server error.", http.StatusInternalServerError)
}

// loadPublished takes what other replicas have published into memory, in the background. A new
// replica would otherwise spend calls on what the others have long had, and accept tokens that were
// logged out there.
func (a *app) loadPublished(sessions *sessions) {
	finish := func() {
		a.ready.Store(a.provider.Clients.InMemory(isp.ClientQuery{}) != nil)
		close(a.loaded)
	}
	if a.store == nil {
		finish()
		return
	}
	a.tasks.Go(func() {
		defer finish()
		ctx, cancel := context.WithTimeout(a.stopping, loadTimeout)
		defer cancel()
		connecting, stop := context.WithTimeout(ctx, connectTimeout)
		defer stop()
		if a.store.WaitUp(connecting) == nil {
			sessions.succeeded(sessions.publish(ctx))
			a.logger.Info("loaded values of other replicas", "values", a.provider.LoadPublished(ctx))
		}
	})
}

// warmUp loads the client directory in the background, so that the first dashboard does not wait
// for it.
func (a *app) warmUp(delay time.Duration) {
	a.tasks.Go(func() {
		if err := background.Sleep(a.stopping, delay); err != nil {
			return
		}
		<-a.loaded
		if a.ready.Load() { // a snapshot is loaded: the first request refreshes it
			return
		}
		if err := a.provider.Clients.WarmInBackground(a.stopping); err != nil && a.stopping.Err() == nil {
			a.logger.Warn("initial client load failed; will retry on demand", "error", err)
		}
		a.ready.Store(true)
	})
}

// readyz answers 200 once the initial client load has ended, even if it failed, and until the
// signal to stop. It never calls WispHub.
func (a *app) readyz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	status := "ready"
	switch {
	case a.drain.Begun():
		status = "draining"
	case !a.ready.Load():
		status = "starting"
	}
	if status != "ready" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = fmt.Fprintf(w, `{"status":%q}`, status)
}

// Close stops everything that runs in the background and waits for it. The last snapshots are
// written before it returns.
func (a *app) Close() {
	a.graphql.Close()
	a.provider.Close()
	a.cancel()
	a.tasks.Wait()
	a.api.Close()
	a.closeStore()
	a.audit.Close()
}

func (a *app) closeStore() {
	if a.store != nil {
		a.store.Close()
	}
}
