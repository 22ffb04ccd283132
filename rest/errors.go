package rest

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// internal answers 500 without detail, and logs what happened: with the route and not the path, which may hold a document.
func (a *api) internal(w http.ResponseWriter, r *http.Request, message string, attrs ...slog.Attr) {
	a.logFailure(r, message, attrs...)
	a.fail(w, http.StatusInternalServerError, actionError, "")
}

func (a *api) logFailure(r *http.Request, message string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("method", r.Method), slog.String("route", r.Pattern),
		slog.String("request_id", r.Header.Get("X-Request-Id")))
	a.log.LogAttrs(r.Context(), slog.LevelError, message, attrs...)
}

// RefuseOrigin answers a request that a page of another site has made a browser send.
func RefuseOrigin(w http.ResponseWriter, _ *http.Request) {
	detail(w, http.StatusForbidden, "Pages of this origin may not send requests.")
}

// recoverPanics keeps the panic of one request from closing the connection on others, unless half an answer is out, which must
// not look like a whole one. The log gets its type and not its value, which may hold what nobody should read.
func (a *api) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &startedWriter{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { // a handler's way to hang up, for net/http to see
				panic(cause)
			}
			attrs := []slog.Attr{slog.String("type", fmt.Sprintf("%T", cause)), slog.String("stack", string(debug.Stack()))}
			if out.started {
				a.logFailure(r, "panic in a REST route", attrs...)
				panic(http.ErrAbortHandler)
			}
			a.internal(w, r, "panic in a REST route", attrs...)
		}()
		next.ServeHTTP(out, r)
	})
}

// startedWriter knows whether anything was written.
type startedWriter struct {
	http.ResponseWriter
	started bool
}

func (w *startedWriter) WriteHeader(status int) {
	w.started = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *startedWriter) Write(p []byte) (int, error) {
	w.started = true
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what is beneath.
func (w *startedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
