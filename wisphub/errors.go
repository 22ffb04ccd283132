package wisphub

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

// What callers act on. An [*Error] matches one of them, and ErrOutcomeUnknown beside it where that applies.
var (
	// ErrNotFound: WispHub says in JSON that the object does not exist. An HTML 404 is ErrInvalidResponse: the route is wrong.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the key is bad or lacks the permission; WispHub answers both alike (wisphub-net-api §2.2).
	ErrForbidden = errors.New("key refused or permission missing")
	// ErrRateLimited: WispHub answered 429. [Error.RetryAfter] may say for how long.
	ErrRateLimited = errors.New("too many requests")
	// ErrBudget: not sent, because the calls of this hour or minute are spent. [Error.RetryAfter] says for how long.
	ErrBudget = errors.New("budget of calls spent")
	// ErrTimeout: no whole answer within the time given.
	ErrTimeout = errors.New("no answer in time")
	// ErrUnavailable: a server error, or no connection.
	ErrUnavailable = errors.New("unavailable")
	// ErrInvalidResponse: an answer that makes no sense: HTML, a redirect, truncated, oversized.
	ErrInvalidResponse = errors.New("invalid response")
	// ErrRefused: WispHub refused the request's values (400, 405, 415, 422). [Error.Fields] has its words.
	ErrRefused = errors.New("request refused")
	// ErrOutcomeUnknown: a write that may have been carried out, because something of it may have been sent and no answer
	// says that it was not. Only a fresh read tells. An error of a write without it means that nothing was changed.
	ErrOutcomeUnknown = errors.New("outcome unknown")
)

const (
	maxDetail     = 300
	maxRetryAfter = time.Hour
)

// Error is what came instead of a good answer.
type Error struct {
	// Call is the method and the route, without host and query.
	Call string
	// StatusCode is 0 when no answer came.
	StatusCode int
	// Detail is what the network said, shortened, or as much of the upstream's words as is about nobody; for logs only,
	// never for callers.
	Detail string
	// Fields are the upstream's words about the values that it refused, by its names of the fields, bounded in number and
	// length; what it says of none of them is under "". For callers; only with [ErrRefused].
	Fields map[string][]string
	// RetryAfter is how long WispHub asks to wait, at most an hour; 0 when it does not say.
	RetryAfter time.Duration
	kind       error
	unknown    bool // the outcome of a write
	cause      error
}

func (e *Error) Error() string {
	text := "wisphub: " + e.Call + ": " + e.kind.Error()
	if e.unknown {
		text += ", " + ErrOutcomeUnknown.Error()
	}
	if e.StatusCode != 0 {
		text += " (status " + strconv.Itoa(e.StatusCode) + ")"
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Is reports whether target is a sentinel of this error.
func (e *Error) Is(target error) bool {
	return target == e.kind || e.unknown && target == ErrOutcomeUnknown
}

// Unwrap returns the transport's error, so that errors.Is finds context.Canceled when the caller went away.
func (e *Error) Unwrap() error { return e.cause }

// RetryAfter returns how long err asks to wait; 0 when it does not say.
func RetryAfter(err error) time.Duration {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

// invalidList is the error of a list that is not whole. The cause says what is wrong.
func (c *call) invalidList(cause error) error {
	return &Error{Call: c.String(), StatusCode: http.StatusOK, Detail: cause.Error(), kind: ErrInvalidResponse, cause: cause}
}

func (c *call) invalid(status int, detail string) error {
	return &Error{Call: c.String(), StatusCode: status, Detail: shorten(detail), kind: ErrInvalidResponse}
}

// held is the error of a call that the limiter did not let go.
func (c *call) held(refusal *ratelimit.Error) error {
	e := &Error{Call: c.String(), kind: ErrBudget, RetryAfter: refusal.RetryAfter}
	if refusal.Paused {
		e.kind = ErrRateLimited
	}
	return e
}

// refused names the case of an answer whose status is not 2xx.
func (c *call) refused(response *http.Response, isJSON bool, body []byte) error {
	e := &Error{Call: c.String(), StatusCode: response.StatusCode, Detail: "HTML or no body"}
	if isJSON {
		e.Detail = detail(body)
	}
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.kind = ErrForbidden
	case status == http.StatusNotFound && isJSON:
		e.kind = ErrNotFound
	case status == http.StatusTooManyRequests:
		e.kind = ErrRateLimited
		e.RetryAfter = retryAfter(response.Header.Get("Retry-After"))
	case status >= 500:
		e.kind = ErrUnavailable
		e.RetryAfter = retryAfter(response.Header.Get("Retry-After"))
	case status < 400 || status == http.StatusNotFound:
		e.kind = ErrInvalidResponse
	default:
		e.kind = ErrRefused
		if isJSON {
			e.Fields = fields(body)
		}
	}
	return e
}

// transportError names the case of a call without a whole answer. Where ctx ended it says so, and not why: a context's
// cause may be any error.
func (c *call) transportError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	e := &Error{Call: c.String(), kind: ErrUnavailable, Detail: networkErrorText(err), cause: err}
	if timeout := net.Error(nil); errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		e.kind = ErrTimeout
	}
	return e
}

// shorten bounds a text that the other side chose.
func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= maxDetail {
		return text
	}
	return string(runes[:maxDetail]) + "…"
}

// retryAfter reads seconds or an HTTP date; nonsense is 0, and an hour is the most that is believed.
func retryAfter(header string) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.Atoi(header); err == nil || errors.Is(err, strconv.ErrRange) {
		wait = time.Duration(min(max(seconds, 0), int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), maxRetryAfter)
}
