package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/rs/cors"

	"wisphub-graphql/auth"
)

// middleware wraps a handler.
type middleware func(http.Handler) http.Handler

// chain wraps h; the last one named is the outermost.
func chain(h http.Handler, wraps ...middleware) http.Handler {
	for _, wrap := range wraps {
		h = wrap(h)
	}
	return h
}

const requestIDHeader = "X-Request-Id"

var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identifyRequests gives each request an id, the caller's own if it is a sane one. The rooms read it from the request's
// header, the caller from the answer's.
func identifyRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if !goodRequestID.MatchString(id) {
			id = rand.Text()
			r.Header.Set(requestIDHeader, id)
		}
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, r)
	})
}

// locateRequests tells the rooms where each request comes from, by its context. It needs the request's id. It stands around
// logRequests, which would not see the route of a request with another context.
func locateRequests(trusted []netip.Prefix) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			source := auth.Source{Address: clientAddress(r, trusted), RequestID: r.Header.Get(requestIDHeader)}
			next.ServeHTTP(w, r.WithContext(auth.WithSource(r.Context(), source)))
		})
	}
}

// logRequests writes a line a request: the route and not the path, which may hold a person's document.
func (a *app) logRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorder, r)
		a.logger.InfoContext(r.Context(), "request",
			"method", knownMethod(r.Method),
			"route", r.Pattern,
			"status", recorder.status,
			"bytes", recorder.bytes,
			"duration", time.Since(began).Round(time.Microsecond),
			"request_id", r.Header.Get(requestIDHeader),
		)
	})
}

// knownMethod is the method where it is one: a caller who miscounts a body sends the rest of it in this place.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// statusRecorder remembers what was answered.
type statusRecorder struct {
	http.ResponseWriter
	status int
	bytes  int
	wrote  bool
}

func (s *statusRecorder) WriteHeader(status int) {
	if !s.wrote {
		s.status, s.wrote = status, true
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusRecorder) Write(p []byte) (int, error) {
	s.wrote = true
	n, err := s.ResponseWriter.Write(p)
	s.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach what is beneath.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// recoverPanics answers 500 where a handler panicked, and tells the log where. The value may hold what nobody should read.
func (a *app) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			value := recover()
			if value == http.ErrAbortHandler {
				panic(value) // net/http cuts the connection, so that half an answer does not look like a whole one
			}
			if value == nil {
				return
			}
			a.logger.ErrorContext(r.Context(), "panic", "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()),
				"request_id", r.Header.Get(requestIDHeader))
			http.Error(w, "Internal server error.", http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}

// securityHeaders are for all answers, which name customers: nobody keeps them, no page shows them in a frame, and a browser
// that opens one as a page finds nothing to run. GraphiQL says otherwise where it must. Strict-Transport-Security is for
// whoever speaks TLS, which is the proxy in front.
func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		next.ServeHTTP(w, r)
	})
}

// allowedOrigins returns which pages may use the facade: those of these origins, and of this machine when loopback is true.
// It returns nil for none.
func allowedOrigins(origins []string, loopback bool) func(origin string) bool {
	if len(origins) == 0 && !loopback {
		return nil
	}
	allowed := make(map[string]bool, len(origins))
	for _, origin := range origins {
		allowed[origin] = true
	}
	return func(origin string) bool { return allowed[origin] || loopback && isLoopbackOrigin(origin) }
}

// allowOrigins lets pages of the allowed origins, nil for none, read answers. Credentials are bearer tokens that a page sets
// itself, never cookies.
func allowOrigins(allowed func(origin string) bool) middleware {
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

func isLoopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && isLoopback(u.Hostname())
}
