package httpserver

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/auth"
)

// Test15_5_Flood holds over 2,000 connections from five addresses, on each of which /health was
// read with a header that is no token. A user's idle connection survives, and so does a newcomer
// that takes a second for its first byte.
func Test15_5_Flood(t *testing.T) {
	t.Parallel()
	_, address, token := serveFlooded(t, ConnLimitConfig{Max: 2000, MaxPerAddress: 500})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	read := func() (reused bool) {
		t.Helper()
		trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
		request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodGet, "http://"+address+"/private", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := (&http.Client{Transport: transport}).Do(request)
		if err != nil {
			t.Fatalf("the user's request: %v", err)
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("the user's request = %d, %v, want 200", response.StatusCode, err)
		}
		return reused
	}
	read()
	flood := func(connections int) {
		t.Helper()
		for i := range connections {
			conn := dialFrom(t, fmt.Sprintf("127.0.0.%d", 2+i%5), address)
			fmt.Fprint(conn, "GET /health HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\n\r\n")
			if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
				t.Fatalf("connection %d of the flood got %q, %v, want an answer", i, line, err)
			}
		}
	}
	flood(2100)
	newcomer := dialFrom(t, "127.0.0.9", address)
	flood(100)
	fmt.Fprintf(newcomer, "GET /private HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", token)
	if line, err := bufio.NewReader(newcomer).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 200") {
		t.Errorf("the newcomer got %q, %v, want 200", line, err)
	}
	if !read() {
		t.Error("the user's idle connection was closed, want it to survive the flood")
	}
}

// serveFlooded serves /private for callers with a token, and all else for all.
func serveFlooded(t *testing.T, cfg ConnLimitConfig) (limit *ConnLimit, address, token string) {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	limit = NewConnLimit(cfg)
	user := auth.User{Username: "ana", PasswordHash: "$2a$04$" + strings.Repeat("a", 53), Scopes: auth.AllScopes()}
	users, err := auth.NewUsers(user)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := auth.NewTokens(auth.TokenConfig{Secret: []byte(strings.Repeat("s", 32)), Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := tokens.Issue(user)
	if err != nil {
		t.Fatal(err)
	}
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	mux := http.NewServeMux()
	mux.Handle("/", ok)
	mux.Handle("/private", auth.NewService(users, tokens, nil).Authenticate(auth.RequireCaller(ok)))
	penalty := &Penalty{Delay: DefaultPenalty}
	server := New(Config{
		Handler: penalty.Wrap(mux), Timeouts: DefaultTimeouts(), Connections: limit, Logger: cfg.Logger,
	})
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return limit, listener.Addr().String(), issued.AccessToken
}

// dialFrom connects from one of the addresses of the loopback network.
func dialFrom(t *testing.T, from, address string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Test15_5_KnownByVerifiedTokenOnly sends requests on one connection, and expects it to be known
// after a valid token only, until a token on it is refused.
func Test15_5_KnownByVerifiedTokenOnly(t *testing.T) {
	t.Parallel()
	limit, address, token := serveFlooded(t, ConnLimitConfig{Max: 10, MaxPerAddress: 10})
	conn := dialFrom(t, "127.0.0.1", address)
	answers := bufio.NewReader(conn)
	for _, step := range []struct {
		path, authorization string
		known               bool
	}{
		{"/health", "x", false},
		{"/health", "Bearer " + token, false}, // no handler verifies it
		{"/private", "Bearer " + token + "x", false},
		{"/private", "Bearer " + token, true},
		{"/health", "x", true},
		{"/private", "Bearer expired", false},
		{"/private", "Bearer " + token, true},
	} {
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n", step.path, step.authorization)
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		waitIdle(t, limit)
		limit.mu.Lock()
		strangers := limit.strangers
		limit.mu.Unlock()
		if known := strangers == 0; known != step.known {
			t.Errorf("after %s with %.8s the connection is known = %v, want %v", step.path, step.authorization, known, step.known)
		}
	}
}

// waitIdle waits until the server has finished the request.
func waitIdle(t *testing.T, limit *ConnLimit) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); limit.Idle() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the request has not ended after 10 s")
		}
	}
}
