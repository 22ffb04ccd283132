package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const panel = "https://panel.example.com"

// fetched returns the headers that a browser adds to a request of a page.
func fetched(site, origin string) http.Header {
	header := http.Header{}
	for name, value := range map[string]string{"Sec-Fetch-Site": site, "Origin": origin} {
		if value != "" {
			header.Set(name, value)
		}
	}
	return header
}

// TestRefuseOrigins posts with a valid token, as JSON and in the types that forms send without a
// preflight.
func TestRefuseOrigins(t *testing.T) {
	t.Parallel()
	s, _ := startApp(t, http.NotFoundHandler(), map[string]string{"CORS_ALLOWED_ORIGINS": panel})
	s.login("ana", "a password")
	tests := map[string]struct {
		header  http.Header
		refused bool
	}{
		"a program":                  {fetched("", ""), false},
		"our own page":               {fetched("same-origin", s.url), false},
		"our own page, old browser":  {fetched("", s.url), false},
		"typed by a user":            {fetched("none", ""), false},
		"the panel":                  {fetched("cross-site", panel), false},
		"the panel, old browser":     {fetched("", panel), false},
		"another site":               {fetched("cross-site", "https://evil.example"), true},
		"another site, old browser":  {fetched("", "https://evil.example"), true},
		"a sandbox":                  {fetched("cross-site", "null"), true},
		"a sandbox, old browser":     {fetched("", "null"), true},
		"a sibling domain":           {fetched("same-site", "https://other.example.com"), true},
		"the panel, without its TLS": {fetched("cross-site", strings.Replace(panel, "s:", ":", 1)), true},
		"the panel, as a prefix":     {fetched("cross-site", panel+".evil.example"), true},
		"no origin at all":           {fetched("cross-site", ""), true},
		"this machine":               {fetched("cross-site", "http://localhost:5173"), true},
	}
	for name, tt := range tests {
		for _, contentType := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded"} {
			tt.header.Set("Content-Type", contentType)
			status, _, body := s.do(http.MethodPost, "/graphql", `{"query":"{viewer{username}}"}`, tt.header)
			if (status == http.StatusForbidden) != tt.refused || tt.refused && !strings.Contains(body, `"code":"FORBIDDEN"`) {
				t.Errorf("%s posts %s to GraphQL = %d %s, want refused %v", name, contentType, status, body, tt.refused)
			}
			status, _, body = s.do(http.MethodPost, "/api/v1/auth/token", "username=ana&password=a+password", tt.header)
			if (status == http.StatusForbidden) != tt.refused || tt.refused && body != `{"detail":"Pages of this origin may not send requests."}`+"\n" {
				t.Errorf("%s posts %s for a token = %d %s, want refused %v", name, contentType, status, body, tt.refused)
			}
		}
	}
}

func TestCORS_ExactOrigins(t *testing.T) {
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

// TestCORS_Answers expects Vary, for caches, and only the listed origin to be allowed.
func TestCORS_Answers(t *testing.T) {
	t.Parallel()
	s, _ := startApp(t, http.NotFoundHandler(), map[string]string{"CORS_ALLOWED_ORIGINS": panel})
	for origin, want := range map[string]string{panel: panel, "https://evil.example": "", "null": "", "": ""} {
		_, header, _ := s.do(http.MethodGet, "/health", "", fetched("", origin))
		if got := header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("origin %q: Access-Control-Allow-Origin = %q, want %q", origin, got, want)
		}
		if !slices.Contains(header.Values("Vary"), "Origin") || header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("origin %q: Vary = %q, credentials %q, want Origin and none", origin, header.Values("Vary"), header.Get("Access-Control-Allow-Credentials"))
		}
	}
}

func TestCORS_Preflights(t *testing.T) {
	t.Parallel()
	s, _ := startApp(t, http.NotFoundHandler(), map[string]string{"CORS_ALLOWED_ORIGINS": panel})
	none, _ := startApp(t, http.NotFoundHandler(), nil)
	for _, tt := range []struct {
		s                       *site
		origin, method, headers string
		allowed                 bool
	}{
		{s, panel, "POST", "authorization,content-type", true},
		{s, panel, "DELETE", "authorization", false},
		{s, panel, "POST", "x-evil", false},
		{s, "https://evil.example", "POST", "content-type", false},
		{none, panel, "POST", "content-type", false},
	} {
		_, header, _ := tt.s.do(http.MethodOptions, "/graphql", "", http.Header{
			"Origin": {tt.origin}, "Access-Control-Request-Method": {tt.method}, "Access-Control-Request-Headers": {tt.headers},
		})
		for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Methods"} {
			if got := header.Get(name); (got != "") != tt.allowed {
				t.Errorf("a preflight of %s with %s %s: %s = %q, want allowed %v", tt.origin, tt.method, tt.headers, name, got, tt.allowed)
			}
		}
	}
}

// TestSecurityHeaders_OfRoutes checks answers of success and failure.
func TestSecurityHeaders_OfRoutes(t *testing.T) {
	t.Parallel()
	s, _ := startApp(t, http.NotFoundHandler(), nil)
	want := map[string]string{
		"Cache-Control":           "no-store",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer",
		"X-Content-Type-Options":  "nosniff",
	}
	check := func(name string, header http.Header) {
		t.Helper()
		for key, value := range want {
			if got := header.Get(key); got != value {
				t.Errorf("%s: %s = %q, want %q", name, key, got, value)
			}
		}
	}
	for _, path := range []string{"/health", "/readyz", "/graphql", "/api/v1/auth/token", "/api/v1/nothing", "/nothing"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			_, header, _ := s.do(method, path, "{}", http.Header{"Content-Type": {"application/json"}})
			check(method+" "+path, header)
			if got := header.Get("Content-Type"); !strings.HasSuffix(got, "; charset=utf-8") {
				t.Errorf("%s %s: Content-Type = %q, want a charset", method, path, got)
			}
		}
	}
}

// TestSecurityHeaders_OfGraphiQL expects the page to set its own policy, and browsers to
// revalidate its files.
func TestSecurityHeaders_OfGraphiQL(t *testing.T) {
	t.Parallel()
	s, _ := startApp(t, http.NotFoundHandler(), nil)
	_, header, _ := s.do(http.MethodGet, "/", "", nil)
	if got := header.Values("Content-Security-Policy"); len(got) != 1 || !strings.Contains(got[0], "script-src 'self'") {
		t.Errorf("Content-Security-Policy of the page = %q, want its own", got)
	}
	_, header, _ = s.do(http.MethodGet, "/playground/app.js", "", nil)
	if got := header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("a script's Cache-Control = %q, want no-cache", got)
	}
}

// Test16_1_LengthOfSmallAnswers checks that answers have a length which the program leaves to net/http.
func Test16_1_LengthOfSmallAnswers(t *testing.T) {
	t.Parallel()
	s, _ := startLoggedIn(t, newSimulator(t, 5), nil)
	for _, query := range []string{"{viewer{username}}", "{zones{name}}", "{zones{name}}", "{zones{name}}", "{nothing}"} {
		body := fmt.Sprintf(`{"query":%q}`, query)
		_, header, answer := s.do(http.MethodPost, "/graphql", body, http.Header{"Content-Type": {"application/json"}})
		if got := header.Get("Content-Length"); got != strconv.Itoa(len(answer)) {
			t.Errorf("%s has Content-Length %q, want %d", query, got, len(answer))
		}
	}
}
