package rest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"wisphub-graphql/auth"
)

// testRoutes have two routes whose paths would collide without a method.
var testRoutes = []route{
	{method: "GET", path: "/api/v1/things/{id}", handle: echoPath("id")},
	{method: "PUT", path: "/api/v1/things/{id}", scope: auth.ScopeSupport, handle: echoPath("id")},
	{method: "DELETE", path: "/api/v1/things/{id}", scope: auth.ScopeAdmin, handle: echoPath("id")},
	{method: "POST", path: "/api/v1/{id}/ping", public: true, handle: echoPath("id")},
	{method: "GET", path: "/api/v1/ping/{task}", public: true, handle: echoPath("task")},
}

func echoPath(name string) func(*api, http.ResponseWriter, *http.Request) {
	return func(a *api, w http.ResponseWriter, r *http.Request) { a.success(w, "ECHO", r.PathValue(name), nil) }
}

const (
	notFound   = `{"ok":false,"type":"error","action":"ERROR","data":null,"message":"Not Found","meta":null}`
	notAllowed = `{"ok":false,"type":"error","action":"ERROR","data":null,"message":"Method Not Allowed","meta":null}`
)

func TestHandler_Routes(t *testing.T) {
	t.Parallel()
	service := newService(t)
	token, err := service.Login(t.Context(), "ana", testPassword)
	if err != nil {
		t.Fatal(err)
	}
	good := http.Header{"Authorization": {"Bearer " + token.AccessToken}}
	base := serve(t, newHandler(Config{Auth: service}, testRoutes))
	echo := func(value string) string {
		return `{"ok":true,"type":"success","action":"ECHO","data":"` + value + `","message":null,"meta":null}`
	}
	const unauthorized, forbidden = `{"detail":"Could not validate credentials."}`, `{"detail":"Not enough permissions."}`
	for _, test := range []struct {
		method, path string
		header       http.Header
		status       int
		allow        string
		body         string
	}{
		{"GET", "/api/v1/things/7", good, 200, "", echo("7")},
		{"GET", "/api/v1/things/7/", good, 200, "", echo("7")},
		{"GET", "/api/v1/things/a%2Fb/", good, 200, "", echo("a/b")},
		{"GET", "/api/v1/things/7", nil, 401, "", unauthorized},
		{"GET", "/api/v1/things/7/", nil, 401, "", unauthorized},
		{"PUT", "/api/v1/things/7", good, 200, "", echo("7")},
		{"DELETE", "/api/v1/things/7", good, 403, "", forbidden},
		{"DELETE", "/api/v1/things/7", nil, 401, "", unauthorized},
		{"POST", "/api/v1/things/7", good, 405, "GET, HEAD, PUT, DELETE", notAllowed},
		{"OPTIONS", "/api/v1/things/7/", nil, 405, "GET, HEAD, PUT, DELETE", notAllowed},
		{"POST", "/api/v1/7/ping/", nil, 200, "", echo("7")},
		{"GET", "/api/v1/ping/7", nil, 200, "", echo("7")},
		{"GET", "/api/v1/ping/ping/", nil, 200, "", echo("ping")},
		{"PATCH", "/api/v1/ping/ping", nil, 405, "GET, HEAD, POST", notAllowed},
		{"GET", "/api/v1/7/ping", nil, 405, "POST", notAllowed},
		{"GET", "/api/v1/things", good, 404, "", notFound},
		{"GET", "/api/v1/things/", good, 404, "", notFound},
		{"GET", "/api/v1/things/7/more", good, 404, "", notFound},
		{"GET", "/api/v1/nothing", nil, 404, "", notFound},
		{"GET", "/api/v1/", nil, 404, "", notFound},
		{"GET", "/", nil, 404, "", notFound},
	} {
		got := do(t, test.method, base+test.path, "", test.header)
		if got.status != test.status || got.body != test.body || got.header.Get("Allow") != test.allow {
			t.Errorf("%s %s = %d %s, Allow %q, want %d %s, Allow %q",
				test.method, test.path, got.status, got.body, got.header.Get("Allow"), test.status, test.body, test.allow)
		}
	}
}

func TestRoutes_RequireTokenByDefault(t *testing.T) {
	t.Parallel()
	public := map[string]bool{"/api/v1/auth/token": true, "/health": true}
	for _, r := range routes {
		if r.public != public[r.path] {
			t.Errorf("route %s %s: public = %v, want %v", r.method, r.path, r.public, public[r.path])
		}
		if strings.HasSuffix(r.path, "/") {
			t.Errorf("route %s %s ends with a slash, which would serve every path below it", r.method, r.path)
		}
	}
}

// A middleware around the handler recovers, sees the route, and lets the handler answer.
func TestHandler_Panic(t *testing.T) {
	t.Parallel()
	handler := newHandler(Config{Auth: newService(t)}, []route{
		{method: "GET", path: "/api/v1/boom", public: true, handle: func(*api, http.ResponseWriter, *http.Request) {
			panic("a secret")
		}},
	})
	var pattern string
	recovering := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				pattern = r.Pattern
				handler.AnswerPanic(w, r)
			}
		}()
		handler.ServeHTTP(w, r)
	})
	got := do(t, "GET", serve(t, recovering)+"/api/v1/boom", "", nil)
	const want = `{"ok":false,"type":"error","action":"ERROR","data":null,"message":null,"meta":null}`
	if got.status != 500 || got.body != want || pattern != "GET /api/v1/boom" {
		t.Errorf("GET /api/v1/boom = %d %s, pattern %q, want 500 %s, GET /api/v1/boom", got.status, got.body, pattern, want)
	}
}

func TestHandler_AbortClosesConnection(t *testing.T) {
	t.Parallel()
	base := serve(t, newHandler(Config{Auth: newService(t)}, []route{
		{method: "GET", path: "/api/v1/abort", public: true, handle: func(*api, http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}},
	}))
	resp, err := http.Get(base + "/api/v1/abort")
	if err == nil {
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		t.Errorf("GET /api/v1/abort = %d %s, want a closed connection", resp.StatusCode, body)
	}
}
