// Package httpserver has the HTTP plumbing of the program: middleware, client addresses, timeouts
// and connection limits. It knows nothing about GraphQL, REST or the configuration.
package httpserver

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"time"

	"wisphub-graphql/auth"
)

// Middleware wraps a handler.
type Middleware func(http.Handler) http.Handler

// Chain wraps h in order: the last middleware is the outermost.
func Chain(h http.Handler, wraps ...Middleware) http.Handler {
	for _, wrap := range wraps {
		h = wrap(h)
	}
	return h
}

const requestIDHeader = "X-Request-Id"

var validRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Identify stores the request id and the client IP in the request's context, where
// [auth.SourceFrom] finds them, and sets the X-Request-Id header of the answer. A valid id sent by
// the caller is kept. Proxies in the trusted networks may name the client in X-Forwarded-For.
//
// Put it outside of [LogRequests], which cannot see the route of a request whose context an inner
// handler has replaced.
func Identify(trusted []netip.Prefix) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := r.Header.Get(requestIDHeader)
			if !validRequestID.MatchString(id) {
				id = rand.Text()
				r.Header.Set(requestIDHeader, id)
			}
			w.Header().Set(requestIDHeader, id)
			source := auth.Source{Address: ClientIP(r, trusted), RequestID: id}
			next.ServeHTTP(w, r.WithContext(auth.WithSource(r.Context(), source)))
		})
	}
}

// LogRequests logs one line per request. It logs the route and not the path, because the path may
// contain the number of an identity document.
func LogRequests(logger *slog.Logger) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			recorder := newRecorder(w)
			next.ServeHTTP(recorder, r)
			logger.InfoContext(r.Context(), "request",
				"method", knownMethod(r.Method),
				"route", r.Pattern,
				"status", recorder.status,
				"bytes", recorder.bytes,
				"duration", time.Since(start).Round(time.Microsecond),
				"request_id", auth.SourceFrom(r.Context()).RequestID,
			)
		})
	}
}

// knownMethod returns "other" for an unknown method. When a caller states too short a
// Content-Length, the rest of the body is parsed as a method, and must not reach the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// recorder records the status and size of an answer.
type recorder struct {
	http.ResponseWriter
	status  int
	bytes   int
	started bool // part of the answer may have been sent
}

func newRecorder(w http.ResponseWriter) *recorder {
	return &recorder{ResponseWriter: w, status: http.StatusOK}
}

func (r *recorder) WriteHeader(status int) {
	if !r.started {
		r.status, r.started = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.started = true
	n, err := r.ResponseWriter.Write(p)
	r.bytes += n
	return n, err
}

// Unwrap gives http.ResponseController access to the wrapped writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// RecoverPanics recovers from panics of a handler, logs them, and calls answer, which writes the
// error 500. When part of an answer has been sent, it panics with [http.ErrAbortHandler] instead:
// net/http then closes the connection, so that the caller does not take half an answer for a whole
// one. The log gets the panic's type and stack. Its value may be secret.
func RecoverPanics(logger *slog.Logger, answer http.HandlerFunc) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorder := newRecorder(w)
			defer func() {
				value := recover()
				if value == nil {
					return
				}
				if value == http.ErrAbortHandler {
					panic(value)
				}
				logger.ErrorContext(r.Context(), "panic in an HTTP handler", "type", fmt.Sprintf("%T", value),
					"stack", string(debug.Stack()), "method", knownMethod(r.Method), "route", r.Pattern,
					"request_id", auth.SourceFrom(r.Context()).RequestID)
				if recorder.started {
					panic(http.ErrAbortHandler)
				}
				answer(w, r)
			}()
			next.ServeHTTP(recorder, r)
		})
	}
}

// SecurityHeaders sets headers for answers with customer data: no cache stores them, no page
// frames them, and a browser that opens one runs nothing. The handlers of pages replace them. The
// proxy in front sets Strict-Transport-Security, because it terminates TLS.
func SecurityHeaders(next http.Handler) http.Handler {
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
