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

// The users of every face: ana may do everything, ben may only read.
var (
	secret   = []byte(rand.Text() + rand.Text())
	password = rand.Text()
	ana      = auth.User{Username: "ana", PasswordHash: hashed(password), Scopes: auth.AllScopes()}
	ben      = auth.User{Username: "ben", PasswordHash: hashed(password), Scopes: []auth.Scope{auth.ScopeRead}}
)

// bogota is the provider's zone, and horizon how far back its tickets are looked at.
var bogota = time.FixedZone("Bogota", -5*60*60)

const horizon = 183 * 24 * time.Hour

// friend is the origin whose pages may open a WebSocket.
const friend = "https://panel.example.com"

// face is the GraphQL handler behind a socket, with all rooms beneath it as package main joins them, and a WispHub Net.
type face struct {
	upstream *wisphubtest.Server
	graphql  *graph.Handler
	handler  http.Handler
	server   *httptest.Server
	users    *auth.Service
	tokens   *auth.Tokens
	log      *logBuffer
	maxCalls int // upstream calls an operation may cost
}

// faceConfig says in what a face differs from the usual one.
type faceConfig struct {
	clients         int           // 40 when 0
	tickets         int           // of 14 months; 28 when 0, none when negative
	upstreamTimeout time.Duration // of one call; 5 s when 0
	ttl             time.Duration // of everything; an hour when 0
	maxCalls        int           // upstream calls an operation may cost; 20 when 0
	broken          string        // a path of the upstream's that answers 500
	noIntrospection bool
	limits          document.Limits // the defaults when zero
	trusted         *document.Trusted
	trustedOnly     bool
	// meddleUpstream answers in place of the upstream where it returns true.
	meddleUpstream func(w http.ResponseWriter, r *http.Request) bool
	// settings may change how the provider is configured.
	settings func(*isp.Config)
	// meddle may change the copy of the provider that the handler gets.
	meddle func(*isp.Provider)
}

func newFace(t testing.TB, cfg faceConfig) *face {
	t.Helper()
	f := &face{
		upstream: wisphubtest.New(wisphubtest.Config{Clients: cmp.Or(cfg.clients, 40), Tickets: cfg.tickets, Seed: 1}),
		log:      &logBuffer{},
		maxCalls: cmp.Or(cfg.maxCalls, 20),
	}
	provider := *f.newProvider(t, cfg)
	if cfg.meddle != nil {
		cfg.meddle(&provider)
	}
	f.newAuth(t)
	f.graphql = graph.New(graph.Config{
		Provider:      &provider,
		Auth:          f.users,
		Version:       "1.2.3",
		MaxCalls:      f.maxCalls,
		Introspection: !cfg.noIntrospection,
		Limits:        cfg.limits,
		Trusted:       cfg.trusted,
		TrustedOnly:   cfg.trustedOnly,
		AllowOrigin:   func(origin string) bool { return origin == friend },
		Logger:        f.logger(),
	})
	t.Cleanup(f.graphql.Close)
	f.handler = withRequestID(f.users.Authenticate(f.graphql))
	f.server = httptest.NewServer(f.handler)
	t.Cleanup(f.server.Close)
	return f
}

// withRequestID gives requests the id that package httpserver would give them.
func withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		source := auth.SourceFrom(r.Context())
		source.RequestID = askedID
		next.ServeHTTP(w, r.WithContext(auth.WithSource(r.Context(), source)))
	})
}

// newProvider joins the rooms between the handler and the WispHub Net.
func (f *face) newProvider(t testing.TB, cfg faceConfig) *isp.Provider {
	t.Helper()
	server := httptest.NewServer(meddled(breaking(f.upstream, cfg.broken), cfg.meddleUpstream))
	t.Cleanup(server.Close)
	t.Cleanup(f.upstream.Close)
	api, err := wisphub.New(wisphub.Config{
		Host:    server.URL,
		Key:     wisphubtest.Key,
		Timeout: cmp.Or(cfg.upstreamTimeout, 5*time.Second),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
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
	if cfg.settings != nil {
		cfg.settings(&settings)
	}
	provider := isp.New(api, settings)
	t.Cleanup(provider.Close)
	return provider
}

func meddled(upstream http.Handler, meddle func(http.ResponseWriter, *http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if meddle == nil || !meddle(w, r) {
			upstream.ServeHTTP(w, r)
		}
	})
}

// breaking answers 500 on one path.
func breaking(upstream http.Handler, path string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			http.Error(w, "<h1>Server Error (500)</h1>", http.StatusInternalServerError)
			return
		}
		upstream.ServeHTTP(w, r)
	})
}

func (f *face) newAuth(t testing.TB) {
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

// setUsers has these users, and no others, from now on.
func (f *face) setUsers(t testing.TB, list ...auth.User) {
	t.Helper()
	users, err := auth.NewUsers(list...)
	if err != nil {
		t.Fatal(err)
	}
	f.users.SetUsers(users)
}

// tokenOf returns a fresh access token of the user.
func (f *face) tokenOf(t testing.TB, user auth.User) string {
	t.Helper()
	token, err := f.tokens.Issue(user)
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

func (f *face) logger() *slog.Logger { return slog.New(slog.NewTextHandler(f.log, nil)) }

// hashed returns a hash of the lowest cost: tests log in often.
func hashed(password string) string {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		panic(err) // a random text always hashes
	}
	return string(hash)
}

// logBuffer keeps what was logged. The zero value is ready.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *logBuffer) Write(p []byte) (int, error) {
	spills.Check(string(p))
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
