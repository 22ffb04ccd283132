package graph

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/isp"
)

// present turns an error of an operation into what the caller is told. Package graph/transport
// answers requests that never become an operation. An error that present does not know is INTERNAL: the caller gets a fixed message, the log gets the error.
func present(ctx context.Context, err error) *gqlerror.Error {
	located := graphql.DefaultErrorPresenter(ctx, err)
	text := textFor(err)
	if code, _ := located.Extensions["code"].(string); code == errcode.ParseFailed || code == errcode.ValidationFailed {
		// GraphQL's own message, which wraps no error of ours.
		text.code, text.message = code, errcode.Shorten(located.Message)
	}
	result := &gqlerror.Error{Err: err, Message: text.message, Path: located.Path, Locations: located.Locations}
	result.Extensions = map[string]any{"code": text.code}
	if id := auth.SourceFrom(ctx).RequestID; id != "" {
		result.Extensions["requestId"] = id
	}
	if len(text.field) > 0 {
		result.Extensions["field"] = text.field
	}
	if text.retryAfter > 0 {
		result.Extensions["retryAfter"] = int(math.Ceil(text.retryAfter.Seconds()))
	}
	return result
}

// errorText is what a caller is told about an error.
type errorText struct {
	code, message string
	field         []string
	retryAfter    time.Duration
}

// textFor tries the tables and types in order, because an error can match several.
func textFor(err error) errorText {
	if text, ok := fixedText(writeTexts, err); ok {
		return text
	}
	if text, ok := typedText(err); ok {
		return text
	}
	if text, ok := fixedText(fixedTexts, err); ok {
		return text
	}
	return errorText{code: errcode.Internal, message: "Internal server error."}
}

// typedText returns the text of an error that has data.
func typedText(err error) (_ errorText, ok bool) {
	input, fetch, soon := (*isp.InputError)(nil), (*isp.FetchError)(nil), (*isp.TooSoonError)(nil)
	cost, limit := (*costError)(nil), (*document.LimitError)(nil)
	switch {
	case errors.As(err, &input):
		return errorText{code: errcode.BadUserInput, message: input.Error(), field: input.Field}, true
	case errors.As(err, &fetch):
		return errorText{code: upstreamCode(fetch), message: fetchMessage(fetch), retryAfter: fetch.RetryAfter}, true
	case errors.As(err, &cost):
		return errorText{code: errcode.QueryTooComplex, message: cost.Error()}, true
	case errors.As(err, &soon):
		return errorText{code: errcode.RateLimited, message: tooManyRequests, retryAfter: soon.RetryAfter}, true
	case errors.As(err, &limit):
		return errorText{code: errcode.QueryTooComplex, message: limit.Message}, true
	case errors.Is(err, auth.ErrTooManyAttempts):
		return errorText{code: errcode.RateLimited, message: tooManyRequests, retryAfter: auth.RetryAfter(err)}, true
	}
	return errorText{}, false
}

// fetchMessage says when a write was not sent because of other writes.
func fetchMessage(fetch *isp.FetchError) string {
	switch {
	case errors.Is(fetch, isp.ErrNoExclusion):
		return "The replicas cannot coordinate now, so nothing was changed; try again later."
	case errors.Is(fetch, isp.ErrBusy):
		return "Other writes of the same zone, ticket or key are still running, so nothing was changed; try again later."
	case errors.Is(fetch, isp.ErrUserShare):
		return "You have used your share of the requests to WispHub; try again later."
	case errors.Is(fetch, isp.ErrManyNotFound):
		return "Too many of your look-ups found nothing; try again later."
	}
	return "Unable to fetch " + fetch.Noun + " data"
}

const tooManyRequests = "Too many requests."

// textOf is the text of every error that is target.
type textOf struct {
	target        error
	code, message string
}

// writeTexts come before the texts of upstream errors, which such an error also wraps.
var writeTexts = []textOf{
	{isp.ErrUnfinished, errcode.UpstreamTimeout, "The task did not finish while it was watched; query it again later."},
	{isp.ErrUnknownTask, errcode.NotFound, "There is no such task."},
	{isp.ErrOutcomeUnknown, errcode.OutcomeUnknown, "WispHub did not confirm the change; check whether it was made before you try again."},
}

var fixedTexts = []textOf{
	{isp.ErrAmbiguous, errcode.Ambiguous, "Several customers match; ask by document or service id."},
	{auth.ErrBadCredentials, errcode.Unauthenticated, "Incorrect username or password."},
	{auth.ErrUnknownUser, errcode.NotFound, "There is no such user."},
	{auth.ErrSessionTooOld, errcode.Unauthenticated, "The session is too old to be renewed; log in again."},
	{errcode.ErrUnauthenticated, errcode.Unauthenticated, "Could not validate credentials."},
	{auth.ErrInvalidToken, errcode.Unauthenticated, "Could not validate credentials."},
	{errcode.ErrTokenExpired, errcode.Unauthenticated, "The token has expired; subscribe again with a new one."},
	{errcode.ErrTokenRevoked, errcode.Unauthenticated, "The session has ended; log in again."},
	{auth.ErrForbidden, errcode.Forbidden, "Not enough permissions."},
	{errcode.ErrLoginNotAlone, errcode.BadUserInput, "login must be the only field of its operation."},
	{errcode.ErrLoginMisfit, errcode.ValidationFailed, "The login does not fit the schema."},
	{errcode.ErrNotSubscription, errcode.BadUserInput, "Only subscriptions are served over WebSocket; send queries and mutations by POST."},
	{errcode.ErrOneField, errcode.BadUserInput, "A subscription must select exactly one field."},
	{errcode.ErrNotTrusted, errcode.Forbidden, "Only trusted documents may run; send the documentId of one."},
	{errcode.ErrUnknownDocument, errcode.NotFound, "There is no trusted document with this id."},
	{errcode.ErrTooManyStreams, errcode.RateLimited, "One WebSocket can have at most 10 open subscriptions."},
	{errcode.ErrStreamBytes, errcode.RateLimited, "The open subscriptions have too large documents and variables."},
	{context.DeadlineExceeded, errcode.UpstreamTimeout, "The operation took too long."},
}

func fixedText(texts []textOf, err error) (_ errorText, ok bool) {
	for _, text := range texts {
		if errors.Is(err, text.target) {
			return errorText{code: text.code, message: text.message}, true
		}
	}
	return errorText{}, false
}

func upstreamCode(err error) string {
	switch {
	case errors.Is(err, isp.ErrRateLimited):
		return errcode.RateLimited
	case errors.Is(err, isp.ErrUpstreamRateLimited):
		return errcode.UpstreamRateLimited
	case errors.Is(err, isp.ErrUpstreamTimeout):
		return errcode.UpstreamTimeout
	}
	return errcode.UpstreamUnavailable
}
