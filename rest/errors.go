package rest

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// internal answers 500 without detail, and logs what happened: with the route and not the path, which may hold a document.
func (a *api) internal(w http.ResponseWriter, r *http.Request, message string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("method", r.Method), slog.String("route", r.Pattern),
		slog.String("request_id", r.Header.Get("X-Request-Id")))
	a.log.LogAttrs(r.Context(), slog.LevelError, message, attrs...)
	a.fail(w, http.StatusInternalServerError, actionError, "")
}

// RefuseOrigin answers a request that a page of another site has made a browser send.
func RefuseOrigin(w http.ResponseWriter, _ *http.Request) {
	detail(w, http.StatusForbidden, "Pages of this origin may not send requests.")
}

// recoverPanics keeps the panic of one request from closing the connection on others. The log gets its type and not its
// value, which may hold what nobody should read.
func (a *api) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch cause := recover(); cause {
			case nil:
			case http.ErrAbortHandler: // a handler's way to hang up, for net/http to see
				panic(cause)
			default:
				a.internal(w, r, "panic in a REST route",
					slog.String("type", fmt.Sprintf("%T", cause)), slog.String("stack", string(debug.Stack())))
			}
		}()
		next.ServeHTTP(w, r)
	})
}
