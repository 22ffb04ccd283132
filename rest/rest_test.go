package rest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/auth"
)

const testPassword = "contraseña & más"

// newService returns a real service with the user ana, who has READ and SUPPORT.
func newService(t testing.TB) *auth.Service {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(testPassword), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	users, err := auth.NewUsers(auth.User{
		Username: "ana", PasswordHash: string(hash), Scopes: []auth.Scope{auth.ScopeSupport},
	})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := auth.NewTokens(auth.TokenConfig{
		Secret: bytes.Repeat([]byte("test"), 8), Lifetime: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	return auth.NewService(users, tokens, nil)
}

// fakeAuth implements [Authenticator]. It authenticates every request.
type fakeAuth struct {
	login func(ctx context.Context, username, password string) (auth.Token, error)
}

var _ Authenticator = (*fakeAuth)(nil)

func (f *fakeAuth) Login(ctx context.Context, username, password string) (auth.Token, error) {
	return f.login(ctx, username, password)
}

func (f *fakeAuth) Authenticate(next http.Handler) http.Handler { return next }

func (f *fakeAuth) RequireScope(scope auth.Scope, next http.Handler) http.Handler {
	return (&auth.Service{}).RequireScope(scope, next)
}

// serve starts the handler on loopback and returns its base URL.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// answer is a response whose body has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request without following redirects, and checks that the answer is JSON.
func do(t *testing.T, method, url, body string, header http.Header) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	leaks.Check(string(content))
	if got := resp.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("%s %s: Content-Type = %q, want JSON", method, url, got)
	}
	return answer{resp.StatusCode, resp.Header, strings.TrimSpace(string(content))}
}

// newTestLogger returns a logger and its output, which may be read after the request.
func newTestLogger() (*slog.Logger, *bytes.Buffer) {
	var lines bytes.Buffer
	return slog.New(slog.NewTextHandler(io.MultiWriter(leaks, &lines), nil)), &lines
}

func TestHealth(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, `{"ok":true,"type":"success","action":"HEALTH_OK","data":{"service":"wisphub-graphql","status":"ok"},"message":null,"meta":null}`},
		{Config{LowerCaseActions: true, Service: "demo v1"}, `{"ok":true,"type":"success","action":"health_ok","data":{"service":"demo v1","status":"ok"},"message":null,"meta":null}`},
	} {
		test.cfg.Auth = newService(t)
		base := serve(t, New(test.cfg))
		for _, path := range []string{"/health", "/health/", "/health?x=1"} {
			if got := do(t, "GET", base+path, "", nil); got.status != 200 || got.body != test.want {
				t.Errorf("GET %s = %d %s, want 200 %s", path, got.status, got.body, test.want)
			}
		}
	}
}
