// Package page holds what every page of this program shares: its security headers and its choice of gzip.
package page

import (
	"net/http"
	"strconv"
	"strings"
)

// Secure sets the security headers of a page and of what the page loads. The policy is its Content-Security-Policy; the
// handler may replace it, for one answer, by one that carries a nonce.
func Secure(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		next.ServeHTTP(w, r)
	})
}

// AcceptsGzip reports whether the caller names gzip in Accept-Encoding and does not refuse it by a weight of zero.
func AcceptsGzip(r *http.Request) bool {
	accepted := strings.ToLower(strings.Join(r.Header.Values("Accept-Encoding"), ","))
	for coding := range strings.SplitSeq(accepted, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.TrimSpace(name) == "gzip" {
			text, found := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			quality, err := strconv.ParseFloat(text, 64)
			return !found || err != nil || quality > 0
		}
	}
	return false
}
