package graph

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
)

// The codes in extensions.code. The list is closed: design.md, part 4.
const (
	codeUnauthenticated     = "UNAUTHENTICATED"
	codeForbidden           = "FORBIDDEN"
	codeBadUserInput        = "BAD_USER_INPUT"
	codeNotFound            = "NOT_FOUND"
	codeAmbiguous           = "AMBIGUOUS"
	codeRateLimited         = "RATE_LIMITED"
	codeQueryTooComplex     = "QUERY_TOO_COMPLEX"
	codeUpstreamRateLimited = "UPSTREAM_RATE_LIMITED"
	codeUpstreamUnavailable = "UPSTREAM_UNAVAILABLE"
	codeUpstreamTimeout     = "UPSTREAM_TIMEOUT"
	codeOutcomeUnknown      = "OUTCOME_UNKNOWN"
	codeInternal            = "INTERNAL"
)

var (
	errUnauthenticated = errors.New("could not validate credentials")
	errForbidden       = errors.New("not enough permissions")
	errLoginAlone      = errors.New("login stands alone in its operation")
	errTokenExpired    = errors.New("the token expired while the stream was open")
	errSubscribe       = errors.New("only subscriptions are served here")
	errOneField        = errors.New("a subscription selects one field")
	errTooManyStreams  = errors.New("too many subscriptions on one socket")
	errPanic           = errors.New("panic")
	// errLater is the answer of fields that the contract has and this version does not serve yet.
	errLater = errors.New("field of a later version")
)

// loginRetryAfter is when a login that found all cores busy may come again.
const loginRetryAfter = time.Second

// present is the one place that turns an error into words for the caller. What is not known here is an internal error,
// whose words only the log gets.
func present(ctx context.Context, err error) *gqlerror.Error {
	shown := graphql.DefaultErrorPresenter(ctx, err)
	words := wordsFor(ctx, err)
	if code, _ := shown.Extensions["code"].(string); code == errcode.ParseFailed || code == errcode.ValidationFailed {
		// GraphQL's own words, which wrap nothing of ours. The path is that of a variable, if any.
		words.code, words.message, words.field = code, shown.Message, variablePath(shown.Path)
	}
	result := &gqlerror.Error{Err: err, Message: words.message, Path: shown.Path, Locations: shown.Locations}
	result.Extensions = map[string]any{"code": words.code}
	if id := requestID(ctx); id != "" {
		result.Extensions["requestId"] = id
	}
	if len(words.field) > 0 {
		result.Extensions["field"] = words.field
	}
	if words.retryAfter > 0 {
		result.Extensions["retryAfter"] = int(math.Ceil(words.retryAfter.Seconds()))
	}
	return result
}

// words are what a caller is told.
type words struct {
	code, message string
	field         []string
	retryAfter    time.Duration
}

func wordsFor(ctx context.Context, err error) words {
	input, fetch, cost, soon := (*isp.InputError)(nil), (*isp.FetchError)(nil), (*costError)(nil), (*isp.TooSoonError)(nil)
	switch {
	case errors.Is(err, isp.ErrUnfinished): // before what the last poll met, which is for the log
		return words{code: codeUpstreamTimeout, message: "The task has not finished while it was watched; ask for it again later."}
	case errors.Is(err, isp.ErrUnknownTask):
		return words{code: codeNotFound, message: "There is no such task."}
	case errors.Is(err, isp.ErrOutcomeUnknown):
		return words{code: codeOutcomeUnknown, message: "WispHub did not say whether it made the change; look before you try again."}
	case errors.As(err, &input):
		return words{code: codeBadUserInput, message: input.Error(), field: input.Field}
	case errors.As(err, &fetch):
		return words{code: upstreamCode(fetch), message: "Unable to fetch " + fetch.Noun + " data", retryAfter: fetch.RetryAfter}
	case errors.As(err, &cost):
		return words{code: codeQueryTooComplex, message: cost.Error()}
	case errors.As(err, &soon):
		return words{code: codeRateLimited, message: "Too many requests.", retryAfter: soon.RetryAfter}
	case errors.Is(err, errTooManyFields):
		return words{code: codeQueryTooComplex, message: "The operation selects more than 2000 fields."}
	case errors.Is(err, isp.ErrAmbiguous):
		return words{code: codeAmbiguous, message: "Several customers match; ask by document or service id."}
	case errors.Is(err, auth.ErrBadCredentials):
		return words{code: codeUnauthenticated, message: "Incorrect username or password."}
	case errors.Is(err, auth.ErrTooManyAttempts):
		return words{code: codeRateLimited, message: "Too many requests.", retryAfter: loginRetryAfter}
	case errors.Is(err, errUnauthenticated):
		return words{code: codeUnauthenticated, message: "Could not validate credentials."}
	case errors.Is(err, errTokenExpired):
		return words{code: codeUnauthenticated, message: "The token has expired; subscribe again with a new one."}
	case errors.Is(err, errForbidden):
		return words{code: codeForbidden, message: "Not enough permissions."}
	case errors.Is(err, errLoginAlone):
		return words{code: codeBadUserInput, message: "login stands alone in its operation."}
	case errors.Is(err, errSubscribe):
		return words{code: codeBadUserInput, message: "Only subscriptions are served over WebSocket; queries and mutations go by POST."}
	case errors.Is(err, errOneField):
		return words{code: codeBadUserInput, message: "A subscription selects exactly one field."}
	case errors.Is(err, errTooManyStreams):
		return words{code: codeRateLimited, message: "At most 10 subscriptions are open at a time on one socket."}
	case errors.Is(err, context.DeadlineExceeded):
		return words{code: codeUpstreamTimeout, message: "The operation took too long."}
	case errors.Is(err, errLater):
		return words{code: codeInternal, message: "This version does not serve this field yet."}
	}
	if message, field := coercion(ctx, err); len(field) > 0 {
		return words{code: codeBadUserInput, message: strings.Join(field, ".") + ": " + message, field: field}
	}
	return words{code: codeInternal, message: "Internal server error."}
}

func upstreamCode(err error) string {
	switch {
	case errors.Is(err, isp.ErrRateLimited):
		return codeRateLimited
	case errors.Is(err, isp.ErrUpstreamRateLimited):
		return codeUpstreamRateLimited
	case errors.Is(err, isp.ErrUpstreamTimeout):
		return codeUpstreamTimeout
	}
	return codeUpstreamUnavailable
}

// coercion returns the message of a scalar that refused its input, and the path of that input: gqlgen puts it behind
// the path of the field.
func coercion(ctx context.Context, err error) (message string, field []string) {
	located := (*gqlerror.Error)(nil)
	if !errors.As(err, &located) {
		return "", nil
	}
	for _, element := range located.Path[min(len(graphql.GetPath(ctx)), len(located.Path)):] {
		if name, ok := element.(ast.PathName); ok {
			field = append(field, string(name))
		}
	}
	return located.Message, field
}

// variablePath is the way to the value at fault, without the word "variable" that gqlparser puts in front.
func variablePath(path ast.Path) []string {
	var field []string
	for i, element := range path {
		if name, ok := element.(ast.PathName); ok && (i > 0 || name != "variable") {
			field = append(field, string(name))
		}
	}
	return field
}

// requestID is set on every request by the server, see package main.
func requestID(ctx context.Context) string {
	if !graphql.HasOperationContext(ctx) {
		return ""
	}
	return graphql.GetOperationContext(ctx).Headers.Get("X-Request-Id")
}

// maxErrors is how many errors an answer may hold.
const maxErrors = 20

// summarize keeps one error of each message and root field: fifty rows that miss the same thing are one piece of news.
func summarize(all gqlerror.List) gqlerror.List {
	type news struct {
		root    ast.PathElement
		message string
	}
	seen := map[news]bool{}
	var kept gqlerror.List
	for _, err := range all {
		key := news{message: err.Message}
		if len(err.Path) > 0 {
			key.root = err.Path[0]
		}
		if !seen[key] && len(kept) < maxErrors {
			seen[key] = true
			kept = append(kept, err)
		}
	}
	return kept
}

// logFailures tells the log what callers are not told: what the upstream said, and what is our own fault. A caller that
// went away is nobody's.
func logFailures(ctx context.Context, logger *slog.Logger, shown gqlerror.List) {
	for _, err := range shown {
		level := slog.LevelWarn
		switch err.Extensions["code"] {
		case codeInternal:
			level = slog.LevelError
		case codeUpstreamUnavailable, codeUpstreamTimeout, codeUpstreamRateLimited, codeRateLimited, codeOutcomeUnknown:
		default:
			continue
		}
		cause := err.Unwrap()
		if soon := (*isp.TooSoonError)(nil); errors.As(cause, &soon) {
			continue // the caller's doing alone
		}
		if cause != nil && !errors.Is(cause, errPanic) && !errors.Is(cause, errLater) && !errors.Is(cause, context.Canceled) {
			logger.Log(ctx, level, "field failed", "path", err.Path.String(), "error", cause, "request_id", requestID(ctx))
		}
	}
}
