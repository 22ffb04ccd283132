package httpserver

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/auth"
)

// emptyWriter drops the answer.
type emptyWriter struct{ header http.Header }

func (w emptyWriter) Header() http.Header         { return w.header }
func (w emptyWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w emptyWriter) WriteHeader(int)             {}

// newCaller returns the authentication of requests, and a token.
func newCaller(t testing.TB) (authenticate Middleware, token string) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("a password"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	users, err := auth.NewUsers(auth.User{Username: "ana", PasswordHash: string(hash)})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := auth.NewTokens(auth.TokenConfig{Secret: []byte("a secret of the tests, 32 bytes long"), Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	service := auth.NewService(users, tokens, nil)
	made, err := service.Login(t.Context(), "ana", "a password")
	if err != nil {
		t.Fatal(err)
	}
	return service.Authenticate, made.AccessToken
}

// newChain returns all middleware of the program around a handler, and the request of a caller with
// a token.
func newChain(t testing.TB, level slog.Level, handler http.HandlerFunc) (http.Handler, *http.Request) {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: level}))
	authenticate, token := newCaller(t)
	loaded := make(chan struct{})
	close(loaded)
	origins := AllowedOrigins([]string{"https://panel.example"}, false)
	chain := Chain(handler, authenticate, Hold(loaded), RefuseOrigins(origins, internalError), RecoverPanics(logger, internalError),
		SecurityHeaders, CORS(origins), LogRequests(logger), Identify(nil), (&Penalty{}).Wrap, (&Drain{}).Wrap)
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	ctx := NewConnLimit(ConnLimitConfig{Max: 1, MaxPerAddress: 1}).ConnContext(t.Context(), nil)
	return chain, r.WithContext(ctx)
}

// answerOK writes an answer as the APIs do.
func answerOK(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }

// Test16_1_MiddlewareAllocations: the header's map is not the middleware's.
func Test16_1_MiddlewareAllocations(t *testing.T) {
	chain, r := newChain(t, slog.LevelWarn, func(w http.ResponseWriter, r *http.Request) {
		if auth.FromContext(r.Context()) == nil {
			t.Error("the request has no caller")
		}
	})
	w := emptyWriter{http.Header{}}
	const most = 8
	if got := testing.AllocsPerRun(100, func() { chain.ServeHTTP(w, r) }); got > most {
		t.Errorf("the middleware allocates %v values a request, want at most %d", got, most)
	}
}

// Test16_1_SharedHeaders: an answer that adds to a header leaves those of later answers alone.
func Test16_1_SharedHeaders(t *testing.T) {
	t.Parallel()
	want := make(http.Header)
	chain := Chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(want) == 0 {
			want = w.Header().Clone()
		}
		for name := range w.Header() {
			w.Header().Add(name, r.Method)
		}
	}), SecurityHeaders, CORS(AllowedOrigins([]string{"https://panel.example"}, false)))
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
		answer := httptest.NewRecorder()
		chain.ServeHTTP(answer, httptest.NewRequest(method, "/", nil))
		for name, values := range answer.Header() {
			if !slices.Equal(values, append(slices.Clone(want[name]), method)) {
				t.Errorf("%s: header %s = %q, want %q and the method", method, name, values, want[name])
			}
		}
	}
	for name, values := range securityHeaders {
		if cap(values) != 1 {
			t.Errorf("header %s has room for %d values: appending would write into it", name, cap(values)-1)
		}
	}
}

// Test16_1_NoLogWork: below its level, the log costs nothing and answers go through unchanged.
func Test16_1_NoLogWork(t *testing.T) {
	t.Parallel()
	w := emptyWriter{http.Header{}}
	called := false
	handler := LogRequests(slog.New(slog.DiscardHandler))(http.HandlerFunc(func(got http.ResponseWriter, _ *http.Request) {
		_, called = got.(emptyWriter)
	}))
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if !called {
		t.Error("LogRequests wraps the writer although it logs nothing")
	}
}

// BenchmarkMiddleware compares all middleware with the bare handler.
func BenchmarkMiddleware(b *testing.B) {
	for name, level := range map[string]slog.Level{"warn": slog.LevelWarn, "info": slog.LevelInfo} {
		chain, r := newChain(b, level, answerOK)
		run := func(name string, handler http.Handler) {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				w := emptyWriter{http.Header{}}
				for b.Loop() {
					clear(w.header)
					handler.ServeHTTP(w, r)
				}
			})
		}
		run("yardstick", http.HandlerFunc(answerOK))
		run(name, chain)
	}
}
