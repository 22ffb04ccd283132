package graph_test

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// The users of every fixture: ana has all scopes, ben can only read.
var (
	secret   = []byte(rand.Text() + rand.Text())
	password = rand.Text()
	ana      = auth.User{Username: "ana", PasswordHash: hashPassword(password), Scopes: auth.AllScopes()}
	ben      = auth.User{Username: "ben", PasswordHash: hashPassword(password), Scopes: []auth.Scope{auth.ScopeRead}}
)

// bogota is the provider's time zone. horizon is the maximum age of its tickets.
var bogota = time.FixedZone("Bogota", -5*60*60)

const horizon = 183 * 24 * time.Hour

// allowedOrigin is the only other origin whose pages may open a WebSocket.
const allowedOrigin = "https://panel.example.com"

// fixture is a GraphQL server, with all packages below it as package main joins them, and a simulated
// WispHub.
type fixture struct {
	upstream *wisphubtest.Server
	config   graph.Config // of graphql
	graphql  *graph.Handler
	handler  http.Handler
	server   *httptest.Server
	users    *auth.Service
	tokens   *auth.Tokens
	log      *logBuffer
	maxCalls int // upstream calls of one operation
}

// fixtureConfig has the options of a fixture.
type fixtureConfig struct {
	clients         int           // 40 when 0
	tickets         int           // of 14 months; 28 when 0, none when negative
	upstreamTimeout time.Duration // of one call; 5 s when 0
	ttl             time.Duration // of all data; an hour when 0
	maxCalls        int           // upstream calls of one operation; 20 when 0
	brokenPath      string        // a path of the upstream that answers 500
	noIntrospection bool
	limits          document.Limits // the defaults when zero
	trusted         *document.Trusted
	trustedOnly     bool
	// inMemory connects the upstream in memory and starts no server, for tests in a bubble.
	inMemory bool
	// intercept may answer instead of the upstream. It returns whether it did.
	intercept func(w http.ResponseWriter, r *http.Request) bool
	// changeConfig may change the options of the provider.
	changeConfig func(*isp.Config)
	// changeProvider may change the copy of the provider that the handler gets.
	changeProvider func(*isp.Provider)
}

func newFixture(t testing.TB, cfg fixtureConfig) *fixture {
	t.Helper()
	f := &fixture{
		upstream: wisphubtest.New(wisphubtest.Config{Clients: cmp.Or(cfg.clients, 40), Tickets: cfg.tickets, Seed: 1}),
		log:      &logBuffer{},
		maxCalls: cmp.Or(cfg.maxCalls, 20),
	}
	provider := *f.newProvider(t, cfg)
	if cfg.changeProvider != nil {
		cfg.changeProvider(&provider)
	}
	f.newAuth(t)
	f.config = graph.Config{
		Provider:      &provider,
		Auth:          f.users,
		Version:       "1.2.3",
		MaxCalls:      f.maxCalls,
		Introspection: !cfg.noIntrospection,
		Limits:        cfg.limits,
		Trusted:       cfg.trusted,
		TrustedOnly:   cfg.trustedOnly,
		AllowOrigin:   func(origin string) bool { return origin == allowedOrigin },
		Logger:        f.logger(),
	}
	f.graphql = f.newHandler(nil)
	t.Cleanup(f.graphql.Close)
	f.handler = withRequestID(f.users.Authenticate(f.graphql))
	if !cfg.inMemory {
		f.server = httptest.NewServer(f.handler)
		t.Cleanup(f.server.Close)
	}
	return f
}

// newHandler returns a handler with the options of the fixture's own, which change may change.
func (f *fixture) newHandler(change func(*graph.Config)) *graph.Handler {
	cfg := f.config
	if change != nil {
		change(&cfg)
	}
	return graph.New(cfg)
}

// withRequestID gives requests the id that package httpserver would give them.
func withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		source := auth.SourceFrom(r.Context())
		source.RequestID = requestID
		next.ServeHTTP(w, r.WithContext(auth.WithSource(r.Context(), source)))
	})
}

// newProvider joins the packages between the handler and the simulated WispHub.
func (f *fixture) newProvider(t testing.TB, cfg fixtureConfig) *isp.Provider {
	t.Helper()
	t.Cleanup(f.upstream.Close)
	settings := f.openUpstream(t, cfg)
	api, err := wisphub.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return f.joinProvider(t, api, cfg)
}

// openUpstream returns how the simulated WispHub is reached.
func (f *fixture) openUpstream(t testing.TB, cfg fixtureConfig) wisphub.Config {
	t.Helper()
	settings := wisphub.Config{Host: "http://wisphub.test", Key: wisphubtest.Key, Timeout: cmp.Or(cfg.upstreamTimeout, 5*time.Second)}
	handler := intercepted(withBrokenPath(f.upstream, cfg.brokenPath), cfg.intercept)
	if cfg.inMemory {
		pipe := wisphubtest.Pipe(handler)
		t.Cleanup(pipe.Close)
		settings.Dial = pipe.Dial
		settings.MinuteLimit, settings.HourLimit = 1_000_000, 1_000_000
		return settings
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	settings.Host = server.URL
	return settings
}

func (f *fixture) joinProvider(t testing.TB, api *wisphub.API, cfg fixtureConfig) *isp.Provider {
	t.Helper()
	ttl := cmp.Or(cfg.ttl, time.Hour)
	settings := isp.Config{
		ClientsTTL: ttl, ClientTTL: ttl, PlansTTL: ttl, PlanTTL: ttl, TicketsTTL: ttl, StaleLimit: 24 * time.Hour,
		TicketsHorizon:          horizon,
		ActiveTicketStates:      []int{1},
		MaxActiveTicketsPerZone: 3,
		TimeZone:                bogota,
		PhoneCountryCode:        "57",
		MaxTicketResolutionDays: 3,
		Holidays:                "co",
		Logger:                  f.logger(),
	}
	if cfg.changeConfig != nil {
		cfg.changeConfig(&settings)
	}
	provider := isp.New(api, settings)
	t.Cleanup(provider.Close)
	return provider
}

func intercepted(upstream http.Handler, intercept func(http.ResponseWriter, *http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if intercept == nil || !intercept(w, r) {
			upstream.ServeHTTP(w, r)
		}
	})
}

// withBrokenPath returns a handler that answers 500 on one path.
func withBrokenPath(upstream http.Handler, path string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			http.Error(w, "<h1>Server Error (500)</h1>", http.StatusInternalServerError)
			return
		}
		upstream.ServeHTTP(w, r)
	})
}

func (f *fixture) newAuth(t testing.TB) {
	t.Helper()
	users, err := auth.NewUsers(ana, ben)
	if err != nil {
		t.Fatal(err)
	}
	f.tokens, err = auth.NewTokens(auth.TokenConfig{Secret: secret, Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	f.users = auth.NewService(users, f.tokens, nil)
}

// setUsers replaces all users.
func (f *fixture) setUsers(t testing.TB, list ...auth.User) {
	t.Helper()
	users, err := auth.NewUsers(list...)
	if err != nil {
		t.Fatal(err)
	}
	f.users.SetUsers(users)
}

// tokenFor returns a new access token of the user.
func (f *fixture) tokenFor(t testing.TB, user auth.User) string {
	t.Helper()
	token, err := f.tokens.Issue(user)
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

func (f *fixture) logger() *slog.Logger { return slog.New(slog.NewTextHandler(f.log, nil)) }

// hashPassword returns a hash with the lowest cost, because tests log in often.
func hashPassword(password string) string {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		panic(err) // a random text always hashes
	}
	return string(hash)
}

// logBuffer collects the log and checks it for leaks. The zero value is ready to use.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *logBuffer) Write(p []byte) (int, error) {
	leaks.Check(string(p))
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
