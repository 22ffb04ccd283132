package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/cache"
	"wisphub-graphql/graph"
	"wisphub-graphql/graph/playground"
	"wisphub-graphql/isp"
	"wisphub-graphql/rest"
	"wisphub-graphql/rest/explorer"
	"wisphub-graphql/wisphub"
)

// warmUpDelay is how long the first crawl waits for somebody to need it sooner. A process that is restarted again and
// again spends nothing in that time, and a first look-up of one client costs one call.
const warmUpDelay = 2 * time.Second

// app is the rooms, joined.
type app struct {
	handler  http.Handler
	graphql  *graph.Handler
	provider *isp.Provider
	api      *wisphub.API
	shared   *cache.Shared // nil without replicas
	keeper   *keeper
	logger   *slog.Logger
	audit    *auth.Audit // nil for none
	key      *upstreamKey
	// refusalRest is for the tests, which are refused a lot: 0 for none.
	refusalRest time.Duration
	ready       atomic.Bool
	stopping    context.Context
	cancel      context.CancelFunc
	tasks       sync.WaitGroup
	grace       time.Duration // see stopGrace

	patience    patience
	connections *connections
}

// newApp joins the rooms. Close must be called. The audit may be nil. With openToLoopback, pages of every origin on this
// machine are let in.
func newApp(settings *Settings, logger *slog.Logger, audit *auth.Audit, openToLoopback bool) (*app, error) {
	file := newUsersFile(settings, logger)
	users, err := newAuth(settings, audit, logger)
	if err != nil {
		return nil, err
	}
	file.service = users
	trusted, err := readTrusted(settings)
	if err != nil {
		return nil, err
	}
	a := &app{
		logger: logger, audit: audit, grace: stopGrace,
		patience: usualPatience, connections: newConnections(settings, logger), refusalRest: refusalRest,
	}
	if err := a.open(settings); err != nil {
		return nil, err
	}
	kept, err := newSessions(settings, users, a.shared, logger)
	if err != nil {
		a.closeRooms()
		return nil, err
	}
	a.keeper.restore()
	a.ready.Store(a.provider.Clients.InMemory(isp.ClientQuery{}) != nil)
	a.stopping, a.cancel = context.WithCancel(context.Background())
	origins := allowedOrigins(settings.CORSAllowedOrigins, openToLoopback)
	a.handler = chain(a.routes(settings, users, trusted, origins),
		a.recoverPanics,
		securityHeaders,
		allowOrigins(origins),
		a.logRequests,
		locateRequests(settings.TrustedProxies),
		identifyRequests,
		a.restAfterRefusals(settings.TrustedProxies),
	)
	a.tasks.Go(func() { a.keeper.run(a.stopping) })
	a.tasks.Go(func() { file.run(a.stopping) })
	a.tasks.Go(func() { a.key.run(a.stopping) })
	a.tasks.Go(func() { kept.run(a.stopping) })
	return a, nil
}

// open joins the rooms behind the faces. Without an error, Close must be called.
func (a *app) open(settings *Settings) (err error) {
	if a.shared, err = openShared(settings, a.logger); err != nil {
		return err
	}
	a.key = newUpstreamKey(settings, a.audit, a.logger)
	if a.api, err = newAPI(settings, a.shared, a.key.refuse); err != nil {
		a.closeShared()
		return err
	}
	a.key.set = a.api.SetKey
	a.provider = newProvider(settings, a.api, a.shared, a.logger, a.audit)
	if a.keeper, err = newKeeper(settings, a.provider, a.api, a.logger); err != nil {
		a.closeRooms()
		return err
	}
	return nil
}

// closeRooms undoes open.
func (a *app) closeRooms() {
	a.provider.Close()
	a.api.Close()
	a.closeShared()
}

// routes puts each face at its path.
func (a *app) routes(
	settings *Settings, users *auth.Service, trusted *graph.TrustedDocuments, origins func(string) bool,
) http.Handler {
	admit := newAdmission(settings.MaxOperations)
	a.graphql = graph.New(graph.Config{
		Provider:      a.provider,
		Auth:          users,
		Version:       version,
		MaxCalls:      settings.MaxUpstreamCallsPerOperation,
		Introspection: settings.Introspection,
		Limits:        settings.limits(),
		Trusted:       trusted,
		TrustedOnly:   settings.TrustedDocuments == "only",
		AllowOrigin:   origins,
		Admit:         admit,
		Logger:        a.logger,
	})
	mux := http.NewServeMux()
	mux.Handle("/graphql", chain(users.Authenticate(a.graphql), refuseOrigins(origins, graph.RefuseOrigin)))
	bots := rest.New(rest.Config{
		Auth:              users,
		Provider:          a.provider,
		MaxCalls:          settings.MaxUpstreamCallsPerOperation,
		AcquireSlot:       admit,
		PublicDescription: settings.Playground && settings.Introspection,
		LowerCaseActions:  settings.RESTActionCase == "lower",
		Service:           "wisphub-graphql " + version,
		Logger:            a.logger,
	})
	mux.Handle("/api/", chain(bots, refuseOrigins(origins, rest.RefuseOrigin)))
	mux.Handle("/health", bots)
	mux.Handle("/health/", bots)
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

// newAuth reads the users and makes the tokens.
func newAuth(settings *Settings, audit *auth.Audit, logger *slog.Logger) (*auth.Service, error) {
	users, err := loadUsers(settings)
	if err != nil {
		return nil, err
	}
	warnOfCosts(users, logger)
	tokens, err := auth.NewTokens(auth.TokenConfig{
		Secret:         []byte(settings.JWTSecretKey.Reveal()),
		PreviousSecret: []byte(settings.JWTSecretKeyPrevious.Reveal()),
		Algorithm:      settings.JWTAlgorithm,
		Lifetime:       time.Duration(settings.JWTAccessTokenExpireMinutes) * time.Minute,
	})
	if err != nil {
		return nil, err
	}
	return auth.NewService(users, tokens, audit), nil
}

// warmUp reads the directory behind the scenes, so that the first dashboard need not wait for it.
func (a *app) warmUp(delay time.Duration) {
	a.tasks.Go(func() {
		select {
		case <-a.stopping.Done():
			return
		case <-time.After(delay):
		}
		if a.ready.Load() { // an earlier process has left a directory: it is read again when somebody asks
			return
		}
		if err := a.provider.Clients.WarmUp(a.stopping); err != nil && a.stopping.Err() == nil {
			a.logger.Warn("the first reading of the clients failed; it is tried again when somebody asks", "error", err)
		}
		a.ready.Store(true)
	})
}

// readyz is good once the first reading has ended, well or badly. It asks nobody.
func (a *app) readyz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if !a.ready.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"status":"starting"}`))
		return
	}
	_, _ = w.Write([]byte(`{"status":"ready"}`))
}

// Close ends what runs behind the scenes and waits for it. What is in memory by then is kept, see keeper.
func (a *app) Close() {
	a.graphql.Close()
	a.provider.Close()
	a.cancel()
	a.tasks.Wait()
	a.api.Close()
	a.closeShared()
}

func (a *app) closeShared() {
	if a.shared != nil {
		a.shared.Close()
	}
}
