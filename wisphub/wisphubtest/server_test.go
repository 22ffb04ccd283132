package wisphubtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var today = time.Date(2026, time.May, 2, 10, 0, 0, 0, time.UTC)

// newServer returns a server with the default quirks, after change.
func newServer(clients int, change func(*Quirks)) *Server {
	q := DefaultQuirks()
	if change != nil {
		change(&q)
	}
	return New(Config{Clients: clients, Seed: 1, Now: today, Quirks: &q})
}

// do sends a request with the API key.
func do(s *Server, method, target string) *httptest.ResponseRecorder {
	return serve(s, httptest.NewRequest(method, target, nil))
}

func serve(s *Server, r *http.Request) *httptest.ResponseRecorder {
	r.Header.Set("Authorization", "Api-Key "+Key)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

type page struct {
	Count    int              `json:"count"`
	Next     *string          `json:"next"`
	Previous *string          `json:"previous"`
	Results  []map[string]any `json:"results"`
}

// list reads one page.
func list(t *testing.T, s *Server, target string) page {
	t.Helper()
	var p page
	decode(t, do(s, "GET", target), &p)
	return p
}

// get reads one record.
func get(t *testing.T, s *Server, target string) map[string]any {
	t.Helper()
	var record map[string]any
	decode(t, do(s, "GET", target), &record)
	return record
}

func decode(t *testing.T, w *httptest.ResponseRecorder, into any) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status = %d, want 200; body = %.200q", w.Code, w.Body)
	}
	decoder := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("Decode() = %v, want no error; body = %.200q", err, w.Body)
	}
}

func wantResponse(t *testing.T, w *httptest.ResponseRecorder, status int, contentType, body string) {
	t.Helper()
	got := w.Header().Get("Content-Type")
	if w.Code != status || !strings.HasPrefix(got, contentType) || !strings.Contains(w.Body.String(), body) {
		t.Errorf("response = %d %q %.200q, want %d %q with %q", w.Code, got, w.Body, status, contentType, body)
	}
}

const (
	noPermission = `{"detail":"Usted no tiene permiso para realizar esta acción."}`
	jsonPrefix   = "application/json"
	htmlPrefix   = "text/html"
)

func TestNew_RejectsClientCount(t *testing.T) {
	t.Parallel()
	for _, n := range []int{-1, 60_001} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("New(Clients: %d) did not panic, want a panic", n)
				}
			}()
			New(Config{Clients: n})
		}()
	}
	if got := New(Config{}).RowCount(); got != 2_000 {
		t.Errorf("New(Config{}).RowCount() = %d, want 2000", got)
	}
}

func TestServer_AcceptsOnlyKey(t *testing.T) {
	t.Parallel()
	if prefix, secret, _ := strings.Cut(Key, "."); len(prefix) != 8 || len(secret) != 32 {
		t.Errorf("Key has %d.%d characters, want 8.32", len(prefix), len(secret))
	}
	s := newServer(1, nil)
	for _, header := range []string{
		"", Key, "Bearer " + Key, "Token " + Key, "Api-Key", "Api-Key " + Key[1:], "Api-Key " + Key + " ",
	} {
		r := httptest.NewRequest("GET", "/api/clientes/", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		wantResponse(t, w, 403, jsonPrefix, noPermission)
	}
	wantResponse(t, do(s, "GET", "/api/clientes/"), 200, jsonPrefix, `{"count":1,`)
}

func TestForbid(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	s.Forbid("/api/zonas/", "/api/clientes/{id}/saldo/")
	wantResponse(t, do(s, "GET", "/api/zonas/"), 403, jsonPrefix, noPermission)
	wantResponse(t, do(s, "GET", "/api/clientes/26/saldo/"), 403, jsonPrefix, noPermission)
	wantResponse(t, do(s, "GET", "/api/clientes/26/"), 200, jsonPrefix, "")
	s.Allow("/api/zonas/")
	wantResponse(t, do(s, "GET", "/api/zonas/"), 200, jsonPrefix, "")
}

func TestServer_ErrorResponses(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	for _, test := range []struct {
		method, target string
		status         int
		contentType    string
		body           string
	}{
		{"GET", "/api/", 403, htmlPrefix, "nginx"},
		{"GET", "/api/pagos/", 404, htmlPrefix, "Página no encontrada"},
		{"GET", "/api/clientes/26/nada/", 404, htmlPrefix, "Página no encontrada"},
		{"GET", "/", 404, htmlPrefix, ""},
		{"GET", "http://www.wisphub.example/api/clientes/", 403, htmlPrefix, "nginx"},
		{"GET", "http://app.wisphub.example/api/clientes/", 403, htmlPrefix, "nginx"},
		{"GET", "/api/clientes/9/", 404, jsonPrefix, `{"detail":"No encontrado."}`},
		{"GET", "/api/clientes/9/perfil/", 404, jsonPrefix, `{"detail":"No encontrado."}`},
		{"GET", "/api/clientes/9/saldo/", 404, jsonPrefix, `{"detail":"No encontrado."}`},
		{"GET", "/api/clientes/99999999999999999999/", 404, jsonPrefix, `{"detail":"No encontrado."}`},
		{"GET", "/api/clientes/9223372036854775807/", 404, jsonPrefix, `{"detail":"No encontrado."}`},
		{"POST", "/api/clientes/", 405, jsonPrefix, `Método \"POST\" no permitido.`},
	} {
		wantResponse(t, do(s, test.method, test.target), test.status, test.contentType, test.body)
	}
	if got := do(s, "POST", "/api/zonas/").Header().Get("Allow"); got != "GET" {
		t.Errorf("Allow = %q, want GET", got)
	}
}

func TestServer_RedirectsMissingSlash(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	for _, method := range []string{"GET", "POST"} {
		w := do(s, method, "/api/clientes/26/saldo?format=json")
		wantResponse(t, w, 301, htmlPrefix, "")
		if got, want := w.Header().Get("Location"), "/api/clientes/26/saldo/?format=json"; got != want {
			t.Errorf("%s without a slash: Location = %q, want %q", method, got, want)
		}
	}
}
