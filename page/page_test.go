package page_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"wisphub-graphql/page"
)

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"": false, "br": false, "gzip": true, "br, GZIP": true, "gzip;q=0": false, "gzip; q=0.0": false, "gzip; q=0.1": true,
		"gzip;q=high": true, "x-gzip": false, "*": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", header)
		if got := page.AcceptsGzip(r); got != want {
			t.Errorf("AcceptsGzip(%q) = %t, want %t", header, got, want)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["Accept-Encoding"] = []string{"br", "gzip"}
	if !page.AcceptsGzip(r) {
		t.Error("AcceptsGzip = false for two header lines that name gzip in the second, want true")
	}
}

func TestSecure_HandlerMayReplaceThePolicy(t *testing.T) {
	t.Parallel()
	handler := page.Secure("default-src 'none'", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
	}))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'self'", "Referrer-Policy": "no-referrer",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
	} {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("header %s = %q, want %q", name, got, want)
		}
	}
}
