package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func newStop(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	s, _ := startApp(t, http.NotFoundHandler(), nil)
	for id, kept := range map[string]bool{
		"abc-123_X.y": true, strings.Repeat("a", 64): true,
		"": false, "with space": false, "quote\"": false, strings.Repeat("a", 65): false,
	} {
		_, header, _ := s.do(http.MethodGet, "/health", "", http.Header{"X-Request-Id": {id}})
		if got := header.Get("X-Request-Id"); (got == id) != kept || got == "" {
			t.Errorf("X-Request-Id %q answered with %q, kept should be %v", id, got, kept)
		}
	}
}

func TestOriginsAreExact(t *testing.T) {
	t.Parallel()
	s, _ := startApp(t, http.NotFoundHandler(), map[string]string{"CORS_ALLOWED_ORIGINS": "https://panel.example.com"})
	for origin, allowed := range map[string]bool{
		"https://panel.example.com":      true,
		"http://panel.example.com":       false,
		"https://panel.example.com.evil": false,
		"https://evil.example.com":       false,
		"null":                           false,
		"http://127.0.0.1:5173":          false,
	} {
		_, header, _ := s.do(http.MethodOptions, "/graphql", "", http.Header{
			"Origin": {origin}, "Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {"authorization,content-type"},
		})
		if got := header.Get("Access-Control-Allow-Origin"); (got == origin) != allowed {
			t.Errorf("preflight from %s allows %q, want allowed %v", origin, got, allowed)
		}
		if header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("preflight from %s allows credentials", origin)
		}
	}
}

func TestLoopbackOrigins(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]bool{
		"http://localhost:5173": true, "http://127.0.0.1:3000": true, "http://[::1]:3000": true,
		"http://localhost.evil.example": false, "https://example.com": false, "null": false, "": false,
	} {
		if got := isLoopbackOrigin(origin); got != want {
			t.Errorf("isLoopbackOrigin(%q) = %v, want %v", origin, got, want)
		}
	}
}

func TestPanicsAreAnswered(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	a := &app{logger: slog.New(slog.NewTextHandler(log, nil))}
	handler := a.recoverPanics(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret detail") }))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "secret detail") {
		t.Errorf("a panic answered %d %s", answer.Code, answer.Body)
	}
	if text := log.String(); strings.Contains(text, "secret detail") || !strings.Contains(text, "type=string") || !strings.Contains(text, "middleware_test.go") {
		t.Errorf("the log = %s, want the panic's type and place without its value", text)
	}
}

func TestLogHoldsRoutesAndNotPaths(t *testing.T) {
	t.Parallel()
	s, log := startDemo(t, nil, "-clients", "5")
	s.do(http.MethodGet, "/api/v1/clients/by-document/1032456789", "", nil)
	s.do(http.MethodGet, "/nowhere/1032456789?q=1032456789", "", nil)
	if text := log.String(); strings.Contains(text, "1032456789") || !strings.Contains(text, "msg=request") {
		t.Errorf("the log is %s, want requests without the document", text)
	}
}
