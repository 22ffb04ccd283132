package httpserver

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/rs/cors"
)

// AllowedOrigins returns a function that reports whether pages of an origin may use the API. It
// allows the given origins and, if loopback is true, all origins on this machine. It returns nil
// when there is nothing to allow.
func AllowedOrigins(origins []string, loopback bool) func(origin string) bool {
	if len(origins) == 0 && !loopback {
		return nil
	}
	allowed := make(map[string]bool, len(origins))
	for _, origin := range origins {
		allowed[origin] = true
	}
	return func(origin string) bool { return allowed[origin] || loopback && isLoopbackOrigin(origin) }
}

// CORS lets pages of the allowed origins read answers. A nil function allows none. Credentials are
// not allowed: a page sends its bearer token itself, never a cookie.
func CORS(allowed func(origin string) bool) Middleware {
	if allowed == nil {
		return func(next http.Handler) http.Handler { return next }
	}
	return cors.New(cors.Options{
		AllowOriginFunc: allowed,
		AllowedMethods:  []string{http.MethodGet, http.MethodPost, http.MethodPut},
		AllowedHeaders:  []string{"Authorization", "Content-Type", "If-None-Match", requestIDHeader},
		ExposedHeaders:  []string{"ETag", "Retry-After", "WWW-Authenticate", requestIDHeader},
		MaxAge:          int((10 * time.Minute).Seconds()),
	}).Handler
}

// RefuseOrigins refuses writing requests that a page of another site makes a browser send,
// whatever their content type. It calls refuse, which answers 403. Browsers mark such requests
// with Sec-Fetch-Site or Origin; unmarked requests come from programs. A nil function allows no
// other site.
//
// The API does not use cookies, so that this is a second line of defence, for when a proxy in
// front adds a token by itself.
func RefuseOrigins(allowed func(origin string) bool, refuse http.HandlerFunc) Middleware {
	protection := http.NewCrossOriginProtection()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			trusted := allowed != nil && allowed(r.Header.Get("Origin"))
			if !trusted && protection.Check(r) != nil {
				refuse(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func isLoopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && IsLoopback(u.Hostname())
}

// IsLoopback reports whether host is localhost or a loopback IP address. It resolves no names.
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || (err == nil && addr.IsLoopback())
}
