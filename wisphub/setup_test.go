package wisphub

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"go.uber.org/goleak"
)

const (
	// basePath comes before /api, as behind a proxy. It detects calls that drop the path of the
	// host.
	basePath = "/isp"
	testKey  = "12345678.canary-api-key-0123456789-abcdefg"

	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
	html     = "<!DOCTYPE html><html><body><h1>403 Forbidden</h1></body></html>"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// setup starts an HTTP server and returns an API that calls it. The test adds the handlers of the
// calls that it expects to the mux.
func setup(t *testing.T) (*API, *http.ServeMux) {
	t.Helper()
	mux := http.NewServeMux()
	return open(t, Config{Host: serve(t, mux)}), mux
}

// serve serves handler and returns the host for [Config].
func serve(t *testing.T, handler http.Handler) (host string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(basePath+"/", http.StripPrefix(basePath, handler))
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("path = %s, want it under %s", r.URL.Path, basePath)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + basePath
}

func open(t *testing.T, cfg Config) *API {
	t.Helper()
	cfg.Key = testKey
	api, err := New(cfg)
	if err != nil {
		t.Fatalf("New = %v, want no error", err)
	}
	t.Cleanup(api.Close)
	return api
}

// answer checks the request of a read and answers with body as JSON.
func answer(t *testing.T, query, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		checkRequest(t, r, query)
		reply(http.StatusOK, jsonType, body)(w, r)
	}
}

// reply answers without checks.
func reply(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func checkRequest(t *testing.T, r *http.Request, query string) {
	t.Helper()
	if r.Method != http.MethodGet {
		t.Errorf("method = %s, want GET", r.Method)
	}
	if r.URL.RawQuery != query {
		t.Errorf("query of %s = %q, want %q", r.URL.Path, r.URL.RawQuery, query)
	}
	for header, want := range map[string]string{"Authorization": "Api-Key " + testKey, "Accept": jsonType} {
		if got := r.Header.Values(header); len(got) != 1 || got[0] != want {
			t.Errorf("header %s = %q, want %q once", header, got, want)
		}
	}
	if strings.Contains(r.RequestURI, "canary") {
		t.Errorf("URL of %s holds the key, want it in the header only", r.URL.Path)
	}
	if body, err := io.ReadAll(r.Body); len(body) > 0 || err != nil {
		t.Errorf("body = %d bytes, %v, want none", len(body), err)
	}
}

// checkFailures checks one method against answers that every method must turn into errors.
func checkFailures(t *testing.T, call func(context.Context, *API) error) {
	t.Helper()
	for name, test := range map[string]struct {
		status            int
		contentType, body string
		want              error
	}{
		"refusal":     {403, jsonType, `{"detail": "Usted no tiene permiso para realizar esta acción."}`, ErrForbidden},
		"unknown":     {404, jsonType, `{"detail": "No encontrado."}`, ErrNotFound},
		"wrong route": {404, htmlType, html, ErrInvalidResponse},
		"HTML":        {200, htmlType, html, ErrInvalidResponse},
		"not JSON":    {200, jsonType, html, ErrInvalidResponse},
		"truncated":   {200, jsonType, `{"count": 1, "results": [{"id": 1, "nomb`, ErrInvalidResponse},
		"wrong shape": {200, jsonType, `"Activo"`, ErrInvalidResponse},
		"null":        {200, jsonType, `null`, ErrInvalidResponse},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			mux.HandleFunc("/", reply(test.status, test.contentType, test.body))
			checkError(t, call(t.Context(), api), test.want, test.status)
		})
	}
}

// checkError checks that err matches only the sentinel want, and that its text is safe to log.
func checkError(t *testing.T, err, want error, status int) {
	t.Helper()
	for _, sentinel := range []error{
		ErrNotFound, ErrForbidden, ErrRateLimited, ErrTimeout, ErrUnavailable, ErrInvalidResponse, ErrRefused,
	} {
		if errors.Is(err, sentinel) != (sentinel == want) {
			t.Errorf("errors.Is(%v, %v) = %t, want %v only", err, sentinel, errors.Is(err, sentinel), want)
		}
	}
	refusal, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error = %T %v, want an *Error", err, err)
	}
	if refusal.StatusCode != status {
		t.Errorf("StatusCode of %v = %d, want %d", err, refusal.StatusCode, status)
	}
	text := err.Error()
	for _, private := range []string{"canary", secretDocument, secretPhone, "?", "<html>"} {
		if strings.Contains(text, private) {
			t.Errorf("error = %q, want it without %q", text, private)
		}
	}
	if len(text) > 2*maxDetail {
		t.Errorf("error has %d bytes, want at most %d", len(text), 2*maxDetail)
	}
}

// checkRecord compares field by field, so that a failure names the field.
func checkRecord[T any](t *testing.T, got, want T) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range w.NumField() {
		if !reflect.DeepEqual(g.Field(i).Interface(), w.Field(i).Interface()) {
			t.Errorf("%s.%s = %+v, want %+v", w.Type(), w.Type().Field(i).Name, g.Field(i), w.Field(i))
		}
	}
}

func money(text string) Money { return Money{Amount: decimal.RequireFromString(text), Valid: true} }

// wall returns the Time of a text without an offset. Layout is the time in RFC 3339 without one.
func wall(text, layout string) Time {
	at, err := time.Parse("2006-01-02T15:04:05", layout)
	if err != nil {
		panic(err)
	}
	return Time{wall: at, Text: text}
}

func ref(id Int, name Text) Object[Ref] { return Object[Ref]{&Ref{ID: id, Name: name}} }
