package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
)

// upstreamFailed answers for a failed call of the provider, with the route's action for failures.
// The noun names what could not be fetched. The error goes to the log only.
func (a *api) upstreamFailed(w http.ResponseWriter, r *http.Request, action, noun string, err error) {
	if input := (*isp.InputError)(nil); errors.As(err, &input) {
		a.invalid(w, []fieldError{{jsonField(input.Field), reasonInvalid}})
		return
	}
	message := "Unable to fetch " + noun + " data"
	if errors.Is(err, isp.ErrOutcomeUnknown) {
		message = messageOutcomeUnknown
	}
	callerLeft := r.Context().Err() != nil && errors.Is(err, context.Canceled)
	if !callerLeft {
		a.logFailure(r, slog.LevelWarn, "route failed", slog.Any("error", err))
	}
	a.fail(w, http.StatusOK, action, message)
}

// internalError answers 500 without detail and logs what happened.
func (a *api) internalError(w http.ResponseWriter, r *http.Request, message string, attrs ...slog.Attr) {
	a.logFailure(r, slog.LevelError, message, attrs...)
	a.fail(w, http.StatusInternalServerError, actionError, "")
}

// logFailure logs the route instead of the path, because a path may contain a document number.
func (a *api) logFailure(r *http.Request, level slog.Level, message string, attrs ...slog.Attr) {
	attrs = append(attrs, slog.String("method", r.Method), slog.String("route", r.Pattern),
		slog.String("request_id", auth.SourceFrom(r.Context()).RequestID))
	a.log.LogAttrs(r.Context(), level, message, attrs...)
}

// RefuseOrigin answers a request that a browser sent for a page of an origin that is not allowed.
func RefuseOrigin(w http.ResponseWriter, _ *http.Request) {
	writeDetail(w, http.StatusForbidden, "Pages of this origin may not send requests.")
}

// AnswerPanic answers a request whose handler panicked: 500, action ERROR, no detail. It does not
// log. Call it only when nothing has been written yet.
func (h *Handler) AnswerPanic(w http.ResponseWriter, _ *http.Request) {
	h.api.fail(w, http.StatusInternalServerError, actionError, "")
}

// recoverPanics answers 500 when a handler panics. When part of the answer is already written, it
// closes the connection instead, so that the caller does not take it for a whole answer. The log
// gets the panic's type but not its value, which may contain a secret.
func (a *api) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &startedWriter{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { // a handler closes the connection on purpose
				panic(cause)
			}
			attrs := []slog.Attr{slog.String("type", fmt.Sprintf("%T", cause)), slog.String("stack", string(debug.Stack()))}
			if out.started {
				a.logFailure(r, slog.LevelError, "panic in a REST route", attrs...)
				panic(http.ErrAbortHandler)
			}
			a.internalError(w, r, "panic in a REST route", attrs...)
		}()
		next.ServeHTTP(out, r)
	})
}

// startedWriter records whether anything was written.
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

// Unwrap supports [http.ResponseController].
func (w *startedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
