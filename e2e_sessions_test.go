package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wisphub-graphql/auth"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/config"
	"wisphub-graphql/tenant"
)

// TestLogout_RevokesOneSession expects logout to revoke the token it is sent with and its renewals, but
// no other session's, on every API, and to end their streams.
func TestLogout_RevokesOneSession(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s, _ := startLoggedApp(t, newRunningTask(t), nil, log)
	s.login("ana", "a password")
	var renewed struct{ RenewToken struct{ AccessToken string } }
	s.query("mutation { renewToken { accessToken tokenType expiresIn } }", &renewed)
	other := s.withToken("")
	other.login("ana", "a password")
	after := s.withToken(renewed.RenewToken.AccessToken)
	events, socket := s.subscribe(), after.socket(s.url)
	s.logout()
	if _, got, err := socket.Read(t.Context()); websocket.CloseStatus(err) != 4403 {
		t.Errorf("the socket after logout: %s, %v, want close code 4403", got, err)
	}
	rest := ""
	for events.Scan() {
		rest += events.Text() + "\n"
	}
	if !strings.Contains(rest, `"message":"The session has ended; log in again."`) || !strings.Contains(rest, `"code":"UNAUTHENTICATED"`) {
		t.Errorf("the events after logout end with %s, want UNAUTHENTICATED", rest)
	}
	for _, document := range []string{viewerQuery, "mutation { logout }", "mutation { renewToken { accessToken } }"} {
		status, header, body := s.do(http.MethodPost, "/graphql", `{"query":"`+document+`"}`, http.Header{"Content-Type": {"application/json"}})
		if status != http.StatusUnauthorized || header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` || !strings.Contains(body, `"Could not validate credentials."`) {
			t.Errorf("%s after logout = %d %s, want 401", document, status, body)
		}
	}
	if conn, _, err := websocket.Dial(t.Context(), s.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}); err != nil {
		t.Error(err)
	} else {
		_ = conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"connection_init","payload":{"authorization":"Bearer `+s.token+`"}}`))
		if _, got, err := conn.Read(t.Context()); websocket.CloseStatus(err) != 4403 {
			t.Errorf("a socket with a revoked token: %s, %v, want close code 4403", got, err)
		}
	}
	if after.authenticated() || !other.authenticated() {
		t.Error("the renewed token is valid after logout, or another session has ended as well")
	}
	lines := strings.Join(auditLines(log), "\n")
	for _, want := range []string{"action=renewToken user=ana address=127.0.0.1 ids=[] outcome=ok", "action=logout user=ana address=127.0.0.1 ids=[] outcome=ok"} {
		if !strings.Contains(lines, want) {
			t.Errorf("audit lines = %s, want %s in them", lines, want)
		}
	}
	if strings.Contains(log.String(), s.token) || strings.Contains(log.String(), renewed.RenewToken.AccessToken) {
		t.Error("the log contains a token")
	}
}

// TestLogout_SurvivesARestart expects CACHE_DIR to keep revoked tokens and known addresses, even
// with another WispHub key.
func TestLogout_SurvivesARestart(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "kept")
	environ := map[string]string{"CACHE_DIR": folder}
	log := &logBuffer{}
	s, _ := startLoggedApp(t, http.NotFoundHandler(), environ, log)
	s.login("ana", "a password")
	poll(t, "the address of the first login is saved", func() bool {
		_, err := os.Stat(filepath.Join(folder, sessionsName+".snapshot"))
		return err == nil
	})
	other := s.token
	s.login("ana", "a password")
	s.logout()
	// The file is written at once, and not only when the process stops.
	before, err := os.ReadFile(filepath.Join(folder, sessionsName+".snapshot"))
	if err != nil || strings.Contains(string(before), s.token) || strings.Contains(string(before), "127.0.0.1") {
		t.Errorf("saved %s, %v, want neither token nor address", before, err)
	}
	environ["WISPHUB_NET_KEY"] = "another-key"
	again, _ := startLoggedApp(t, http.NotFoundHandler(), environ, log)
	if again.withToken(s.token).authenticated() || !again.withToken(other).authenticated() {
		t.Error("after a restart the revoked token is valid, or the other one is not")
	}
	s.login("ana", "a password")
	s.logout() // at the old process, which is still running
	again.login("ana", "a password")
	again.logout()
	if again.withToken(s.token).authenticated() {
		t.Error("the token that the old process revoked meanwhile is valid")
	}
	if got := strings.Count(log.String(), "ok, new address"); got != 1 {
		t.Errorf("the address was reported as new %d times, want once", got)
	}
	if err := os.WriteFile(filepath.Join(folder, sessionsName+".snapshot"), []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	third, _ := startLoggedApp(t, http.NotFoundHandler(), environ, log)
	if !third.withToken(other).authenticated() || !strings.Contains(log.String(), "revoked tokens are valid again") {
		t.Error("a damaged file is not logged, or the server refuses valid tokens")
	}
}

// TestLogout_ReachesReplicas expects a logout to reach running replicas, later ones, and those
// that had lost the store.
func TestLogout_ReachesReplicas(t *testing.T) {
	t.Parallel()
	store, simulator := cachetest.StartServer(t), newRunningTask(t)
	wispHub := httptest.NewServer(simulator)
	t.Cleanup(wispHub.Close)
	environ := map[string]string{"CACHE_URL": store.URL(), "WISPHUB_NET_HOST": wispHub.URL}
	start := func() (*site, *app) {
		s, a := startApp(t, simulator, environ)
		poll(t, "it is connected to the store", a.store.Up)
		return s, a
	}
	first, a := start()
	second, b := start()
	poll(t, "both replicas see each other", func() bool { return a.store.Replicas() == 2 && b.store.Replicas() == 2 })
	first.login("ana", "a password")
	there := second.withToken(first.token)
	if !there.authenticated() {
		t.Fatal("the token is invalid at the other replica")
	}
	var renewed struct{ RenewToken struct{ AccessToken string } }
	there.query("mutation { renewToken { accessToken } }", &renewed)
	renewal := second.withToken(renewed.RenewToken.AccessToken)
	socket, loggedOut := renewal.socket(second.url), time.Now()
	first.logout()
	poll(t, "the other replica refuses the token", func() bool { return !there.authenticated() })
	if took := time.Since(loggedOut); took > time.Second {
		t.Errorf("the other replica refused the token after %v, want at most a second", took)
	}
	if _, got, err := socket.Read(t.Context()); websocket.CloseStatus(err) != 4403 {
		t.Errorf("the socket at the other replica: %s, %v, want close code 4403", got, err)
	}
	if renewal.authenticated() {
		t.Error("the other replica accepts the renewal that it issued")
	}
	third, _ := start()
	poll(t, "a later replica refuses the token", func() bool { return !third.withToken(first.token).authenticated() })

	first.login("ana", "a password")
	store.Kill()
	first.logoutUnsaved()
	if first.authenticated() {
		t.Error("the revoked token is valid without the store")
	}
	store.Restart()
	there = second.withToken(first.token)
	poll(t, "the other replica refuses the token after the store is back", func() bool { return !there.authenticated() })
}

// startSessions returns a service whose sessions are persisted as the settings say. It is connected to
// the store.
func startSessions(t *testing.T, settings *config.Settings, logger *slog.Logger) (*auth.Service, *sessions) {
	t.Helper()
	store, err := openStore(settings, tenant.New(settings.WispHubNetHost, settings.WispHubNetKey.Reveal()), logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	service, err := newAuth(settings, nil, logger)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSessions(settings, service, store, logger)
	if err != nil {
		t.Fatal(err)
	}
	poll(t, "it is connected to the store", store.Up)
	return service, s
}

// TestSessions_PublishedOnStop revokes a token that cannot be published before the process stops.
func TestSessions_PublishedOnStop(t *testing.T) {
	t.Parallel()
	settings := &config.Settings{
		APIUsername: "ana", APIPasswordHash: config.NewSecret(testHash), JWTSecretKey: config.NewSecret(testSigningKey), JWTAccessTokenExpireMinutes: 1,
		CacheURL: config.NewSecret(cachetest.StartServer(t).URL()),
	}
	logger := slog.New(slog.DiscardHandler)
	service, s := startSessions(t, settings, logger)
	service.OnChange(func() func() error { return func() error { return nil } }) // as if the store were unreachable
	token, err := service.Login(t.Context(), "ana", "a password")
	if err != nil {
		t.Fatal(err)
	}
	caller, err := service.Verify(token.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	service.Logout(auth.NewContext(t.Context(), caller))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	s.run(ctx)
	later, laterSessions := startSessions(t, settings, logger)
	if _, err := laterSessions.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := later.Verify(token.AccessToken); !errors.Is(err, auth.ErrInvalidToken) {
		t.Errorf("Verify at a later replica = %v, want ErrInvalidToken", err)
	}
}

// TestKeyRotation expects tokens of the previous key to be valid and renewable.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	const old, next = "0123456789abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba9876543210"
	s, _ := startApp(t, http.NotFoundHandler(), map[string]string{"JWT_SECRET_KEY": old})
	s.login("ana", "a password")
	rotated, _ := startApp(t, http.NotFoundHandler(), map[string]string{"JWT_SECRET_KEY": next, "JWT_SECRET_KEY_PREVIOUS": old})
	after := rotated.withToken(s.token)
	var renewed struct{ RenewToken struct{ AccessToken string } }
	if after.query("mutation { renewToken { accessToken } }", &renewed); !after.authenticated() {
		t.Error("a token of the previous key is invalid")
	}
	done, _ := startApp(t, http.NotFoundHandler(), map[string]string{"JWT_SECRET_KEY": next})
	if done.withToken(s.token).authenticated() || !done.withToken(renewed.RenewToken.AccessToken).authenticated() {
		t.Error("without the previous key its token is valid, or the renewed one is not")
	}
}
