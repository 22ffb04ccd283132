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
)

// logout ends the site's token and demands that it be so.
func (s *site) logout() {
	s.t.Helper()
	if _, body := s.query("mutation { logout }", nil); body != `{"data":{"logout":true}}` {
		s.t.Errorf("logout = %s", body)
	}
}

// with returns the site for another token.
func (s *site) with(token string) *site { return &site{t: s.t, url: s.url, token: token} }

// good reports whether the token is.
func (s *site) good() bool {
	s.t.Helper()
	status, body := s.query(viewerQuery, nil)
	if status != http.StatusOK && status != http.StatusUnauthorized {
		s.t.Errorf("viewer = %d %s", status, body)
	}
	return status == http.StatusOK
}

// TestLogout ends the token that is sent with it, on every face and on what is open, and no other.
func TestLogout(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s, _ := startLoggedApp(t, newTask(t), nil, log)
	s.login("ana", "a password")
	var renewed struct{ RenewToken struct{ AccessToken string } }
	s.query("mutation { renewToken { accessToken tokenType expiresIn } }", &renewed)
	events, socket := s.watch(), s.socket(s.url)
	s.logout()
	if _, got, err := socket.Read(t.Context()); websocket.CloseStatus(err) != 4403 {
		t.Errorf("the socket after logout: %s, %v, want it closed with 4403", got, err)
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
		if status != http.StatusUnauthorized || header.Get("WWW-Authenticate") != "Bearer" || !strings.Contains(body, `"Could not validate credentials."`) {
			t.Errorf("%s after logout = %d %s, want 401", document, status, body)
		}
	}
	if conn, _, err := websocket.Dial(t.Context(), s.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}); err != nil {
		t.Error(err)
	} else {
		_ = conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"connection_init","payload":{"authorization":"Bearer `+s.token+`"}}`))
		if _, got, err := conn.Read(t.Context()); websocket.CloseStatus(err) != 4403 {
			t.Errorf("a socket with an ended token: %s, %v, want it closed with 4403", got, err)
		}
	}
	if !s.with(renewed.RenewToken.AccessToken).good() {
		t.Error("the renewed token has ended as well")
	}
	lines := strings.Join(auditLines(log), "\n")
	for _, want := range []string{"action=renewToken user=ana address=127.0.0.1 ids=[] outcome=ok", "action=logout user=ana address=127.0.0.1 ids=[] outcome=ok"} {
		if !strings.Contains(lines, want) {
			t.Errorf("the audit lines are %s, want %s", lines, want)
		}
	}
	if strings.Contains(log.String(), s.token) || strings.Contains(log.String(), renewed.RenewToken.AccessToken) {
		t.Error("the log holds a token")
	}
}

// TestLogoutOutlivesTheProcess with CACHE_DIR, another key of WispHub or not, and so do the addresses of users.
func TestLogoutOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "kept")
	environ := map[string]string{"CACHE_DIR": folder}
	log := &logBuffer{}
	s, _ := startLoggedApp(t, http.NotFoundHandler(), environ, log)
	s.login("ana", "a password")
	if _, err := os.Stat(filepath.Join(folder, sessionsName+".snapshot")); err != nil {
		t.Errorf("the address of the first login is not kept at once: %v", err)
	}
	other := s.token
	s.login("ana", "a password")
	s.logout()
	// The process goes on: what is kept is kept at once, and not only on stop.
	before, err := os.ReadFile(filepath.Join(folder, sessionsName+".snapshot"))
	if err != nil || strings.Contains(string(before), s.token) || strings.Contains(string(before), "127.0.0.1") {
		t.Errorf("kept %s, %v, want neither token nor address", before, err)
	}
	environ["WISPHUB_NET_KEY"] = "another-key"
	again, _ := startLoggedApp(t, http.NotFoundHandler(), environ, log)
	if again.with(s.token).good() || !again.with(other).good() {
		t.Error("after a restart the ended token is good, or the other is not")
	}
	s.login("ana", "a password")
	s.logout() // at the process of before, which has not gone yet
	again.login("ana", "a password")
	again.logout()
	if again.with(s.token).good() {
		t.Error("what the process of before has ended meanwhile is lost")
	}
	if got := strings.Count(log.String(), "ok, new address"); got != 1 {
		t.Errorf("the address was new %d times, want once", got)
	}
	if err := os.WriteFile(filepath.Join(folder, sessionsName+".snapshot"), []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	third, _ := startLoggedApp(t, http.NotFoundHandler(), environ, log)
	if !third.with(other).good() || !strings.Contains(log.String(), "does not tell which sessions were ended") {
		t.Error("a damaged file should be said, and no more")
	}
}

// TestLogoutReachesReplicas at once; those that start later, and those that were without the store meanwhile, learn of it.
func TestLogoutReachesReplicas(t *testing.T) {
	t.Parallel()
	store, simulator := cachetest.StartServer(t), newTask(t)
	wispHub := httptest.NewServer(simulator)
	t.Cleanup(wispHub.Close)
	environ := map[string]string{"CACHE_URL": store.URL(), "WISPHUB_NET_HOST": wispHub.URL}
	start := func() (*site, *app) {
		s, a := startApp(t, simulator, environ)
		poll(t, "it has found the store", a.shared.Up)
		return s, a
	}
	first, a := start()
	second, b := start()
	poll(t, "both know of each other", func() bool { return a.shared.Replicas() == 2 && b.shared.Replicas() == 2 })
	first.login("ana", "a password")
	there := second.with(first.token)
	if !there.good() {
		t.Fatal("the token is not good at the other replica")
	}
	socket, ended := there.socket(second.url), time.Now()
	first.logout()
	poll(t, "the other replica has heard", func() bool { return !there.good() })
	if took := time.Since(ended); took > time.Second {
		t.Errorf("the other replica had heard after %v, want a second at most", took)
	}
	if _, got, err := socket.Read(t.Context()); websocket.CloseStatus(err) != 4403 {
		t.Errorf("the socket at the other replica: %s, %v, want it closed with 4403", got, err)
	}
	third, _ := start()
	poll(t, "a later replica knows", func() bool { return !third.with(first.token).good() })

	first.login("ana", "a password")
	store.Kill()
	first.logout()
	if first.good() {
		t.Error("without the store the token goes on")
	}
	store.Restart()
	there = second.with(first.token)
	poll(t, "the other replica has heard when the store is back", func() bool { return !there.good() })
}

// TestLogoutIsPublishedOnStop, if it could not be before.
func TestLogoutIsPublishedOnStop(t *testing.T) {
	t.Parallel()
	settings := &Settings{
		APIUsername: "ana", APIPasswordHash: newSecret(testHash), JWTSecretKey: newSecret(testSigningKey), JWTAccessTokenExpireMinutes: 1,
		CacheURL: newSecret(cachetest.StartServer(t).URL()),
	}
	logger := slog.New(slog.DiscardHandler)
	start := func() (*auth.Service, *sessions) {
		store, err := openShared(settings, logger)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(store.Close)
		service, err := newAuth(settings, nil, logger)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := newSessions(settings, service, store, logger)
		if err != nil {
			t.Fatal(err)
		}
		poll(t, "it has found the store", store.Up)
		return service, kept
	}
	service, kept := start()
	service.OnChange(func(context.Context) {}) // as if the store were away
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
	kept.run(ctx)
	later, itsKept := start()
	if err := itsKept.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := later.Verify(token.AccessToken); !errors.Is(err, auth.ErrInvalidToken) {
		t.Errorf("Verify at a later replica = %v, want the token ended", err)
	}
}

// TestRotationLogsNobodyOut: tokens of the key of before are good until they expire, and are renewed with the new one.
func TestRotationLogsNobodyOut(t *testing.T) {
	t.Parallel()
	const old, next = "0123456789abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba9876543210"
	s, _ := startApp(t, http.NotFoundHandler(), map[string]string{"JWT_SECRET_KEY": old})
	s.login("ana", "a password")
	rotated, _ := startApp(t, http.NotFoundHandler(), map[string]string{"JWT_SECRET_KEY": next, "JWT_SECRET_KEY_PREVIOUS": old})
	after := rotated.with(s.token)
	var renewed struct{ RenewToken struct{ AccessToken string } }
	if after.query("mutation { renewToken { accessToken } }", &renewed); !after.good() {
		t.Error("who was logged in is logged out")
	}
	done, _ := startApp(t, http.NotFoundHandler(), map[string]string{"JWT_SECRET_KEY": next})
	if done.with(s.token).good() || !done.with(renewed.RenewToken.AccessToken).good() {
		t.Error("without the key of before its token is good, or the renewed one is not")
	}
}
