package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

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
