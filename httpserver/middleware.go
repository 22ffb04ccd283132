// Package httpserver has the HTTP plumbing of the program: middleware, client addresses, timeouts
// and connection limits. It knows nothing about GraphQL, REST or the configuration.
package httpserver

import (
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/netip"
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

const maxRequestID = 64

// validRequestID reports whether an id has 1 to 64 letters, digits, dots, underscores and hyphens.
func validRequestID(id string) bool {
	for i := range len(id) {
		c := id[i]
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z'; !letter && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return id != "" && len(id) <= maxRequestID
}

// requestIDText has 32 characters, so that five random bits choose one.
const requestIDText = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// newRequestID returns an id that no other request has. It tells log lines apart and is no secret.
func newRequestID() string {
	var bits uint64
	var id [24]byte // 120 random bits
	for i := range id {
		if i%12 == 0 {
			bits = rand.Uint64()
		}
		id[i] = requestIDText[bits%32]
		bits /= 32
	}
	return string(id[:])
}

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
			if !validRequestID(id) {
				id = newRequestID()
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
			if !logger.Enabled(r.Context(), slog.LevelInfo) {
				next.ServeHTTP(w, r)
				return
			}
			start := time.Now()
			answer := recorderOf(w)
			next.ServeHTTP(answer, r)
			logger.LogAttrs(r.Context(), slog.LevelInfo, "request",
				slog.String("method", knownMethod(r.Method)),
				slog.String("route", r.Pattern),
				slog.Int("status", answer.status),
				slog.Int("bytes", answer.bytes),
				slog.Duration("duration", time.Since(start).Round(time.Microsecond)),
				slog.String("request_id", auth.SourceFrom(r.Context()).RequestID),
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

// RecoverPanics recovers from panics of a handler, logs them, and calls respond, which writes the
// error 500. When part of an answer has been sent, it panics with [http.ErrAbortHandler] instead:
// net/http then closes the connection, so that the caller does not take half an answer for a whole
// one. The log gets the panic's type and stack. Its value may be secret.
func RecoverPanics(logger *slog.Logger, respond http.HandlerFunc) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := recorderOf(w)
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
				if answer.started {
					panic(http.ErrAbortHandler)
				}
				respond(w, r)
			}()
			next.ServeHTTP(answer, r)
		})
	}
}

// securityHeaders are the headers of [SecurityHeaders], ready to be shared by all answers. A handler
// may replace a slice, and append to a copy, but not write into it.
var securityHeaders = http.Header{
	"Cache-Control":           {"no-store"},
	"Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
	"Referrer-Policy":         {"no-referrer"},
	"X-Content-Type-Options":  {"nosniff"},
}

// SecurityHeaders sets headers for answers with customer data: no cache stores them, no page
// frames them (frame-ancestors says so; the older X-Frame-Options would be the ninth header, and a
// map of nine costs twice as much), and a browser that opens one runs nothing. The handlers of pages
// replace them. The proxy in front sets Strict-Transport-Security, because it terminates TLS.
func SecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), securityHeaders)
		next.ServeHTTP(w, r)
	})
}
