package httpserver

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"wisphub-graphql/auth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestIdentify(t *testing.T) {
	t.Parallel()
	var source auth.Source
	handler := Identify(testProxies)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		source = auth.SourceFrom(r.Context())
	}))
	for id, kept := range map[string]bool{
		"abc-123_X.y": true, strings.Repeat("a", 64): true,
		"": false, "with space": false, "quote\"": false, strings.Repeat("a", 65): false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = "10.0.0.1:1234"
		r.Header.Set("X-Request-Id", id)
		r.Header.Set("X-Forwarded-For", "198.51.100.7")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		got := answer.Header().Get("X-Request-Id")
		if (got == id) != kept || got == "" {
			t.Errorf("Identify: X-Request-Id %q is answered with %q, want it kept: %v", id, got, kept)
		}
		if want := (auth.Source{Address: "198.51.100.7", RequestID: got}); source != want {
			t.Errorf("Identify: the source is %+v, want %+v", source, want)
		}
	}
}

func internalError(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "Internal server error.", http.StatusInternalServerError)
}

func TestRecoverPanics(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	handler := RecoverPanics(slog.New(slog.NewTextHandler(&log, nil)), internalError)(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret detail") }))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "secret detail") {
		t.Errorf("a panic is answered %d %s, want 500 without its value", answer.Code, answer.Body)
	}
	if text := log.String(); strings.Contains(text, "secret detail") || !strings.Contains(text, "type=string") || !strings.Contains(text, "middleware_test.go") {
		t.Errorf("log = %s, want the panic's type and stack without its value", text)
	}
}

// TestRecoverPanics_HalfAnAnswer expects a broken connection, so that the caller does not take the
// answer for a whole one.
func TestRecoverPanics_HalfAnAnswer(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]http.HandlerFunc{
		"after a write":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("half")); panic("secret detail") },
		"after a status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK); panic("secret detail") },
		"aborted":        func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		var log strings.Builder
		handler := RecoverPanics(slog.New(slog.NewTextHandler(&log, nil)), internalError)(handle)
		answer := httptest.NewRecorder()
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("%s: RecoverPanics panics with %v, want http.ErrAbortHandler", name, err)
				}
			}()
			handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
		}()
		if strings.Contains(answer.Body.String(), "Internal server error.") {
			t.Errorf("%s: the answer is %q, want nothing appended", name, answer.Body)
		}
		logged := strings.Contains(log.String(), "type=string")
		if logged != (name != "aborted") || strings.Contains(log.String(), "secret detail") {
			t.Errorf("%s: log = %s, want the panic's type unless the handler aborted", name, log.String())
		}
	}
}

func TestSecurityHeaders_OfAPanic(t *testing.T) {
	t.Parallel()
	handler := Chain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("on purpose") }),
		RecoverPanics(slog.New(slog.DiscardHandler), internalError), SecurityHeaders)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	for name, want := range map[string]string{
		"Cache-Control":           "no-store",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer",
		"X-Content-Type-Options":  "nosniff",
	} {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("a panic: %s = %q, want %q", name, got, want)
		}
	}
}

func TestLogRequests(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	mux := http.NewServeMux()
	mux.HandleFunc("POST /clients/{document}", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte("12345"))
	})
	handler := Chain(mux, LogRequests(slog.New(slog.NewTextHandler(&log, nil))), Identify(nil))
	r := httptest.NewRequest(http.MethodPost, "/clients/1032456789?q=1032456789", nil)
	r.Header.Set("X-Request-Id", "abc")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	for _, want := range []string{"msg=request", "method=POST", `route="POST /clients/{document}"`, "status=202", "bytes=5", "request_id=abc"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log = %s, want %s in it", log.String(), want)
		}
	}
	if strings.Contains(log.String(), "1032456789") {
		t.Errorf("log = %s, want no path", log.String())
	}
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("BODY", "/", nil))
	if text := log.String(); strings.Contains(text, "BODY") || !strings.Contains(text, "method=other") {
		t.Errorf("log = %s, want an unknown method replaced by other", text)
	}
}
