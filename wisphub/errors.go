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

// An [*Error] matches one of these sentinels. ErrOutcomeUnknown may come on top.
var (
	// ErrNotFound: WispHub says in JSON that the object does not exist. A 404 in HTML is
	// ErrInvalidResponse instead, because then the route is wrong.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the key is bad or lacks the permission. WispHub answers both alike
	// (wisphub-net-api §2.2). After a few such answers, such calls fail with it unsent.
	// 401 or 403 with a page is ErrInvalidResponse instead, because then the host is wrong.
	ErrForbidden = errors.New("key refused or permission missing")
	// ErrRateLimited: WispHub answered 429, or asked for a pause that is not over yet.
	// [Error.RetryAfter] may say for how long.
	ErrRateLimited = errors.New("too many requests")
	// ErrBudget: not sent, because the calls of this minute or hour are used up.
	// [Error.RetryAfter] says for how long.
	ErrBudget = errors.New("call budget used up")
	// ErrUserShare: an ErrBudget too. The user has spent its share, and other users may call.
	ErrUserShare = errors.New("the user's share of the call budget is used up")
	// ErrManyNotFound: an ErrBudget too. Too many calls for the user have found nothing.
	ErrManyNotFound = errors.New("too many calls for the user found nothing")
	// ErrTimeout: no complete answer within the timeout.
	ErrTimeout = errors.New("no answer in time")
	// ErrUnavailable: a server error, or no connection.
	ErrUnavailable = errors.New("unavailable")
	// ErrInvalidResponse: HTML, a redirect, or an answer that is truncated, too large or not
	// whole.
	ErrInvalidResponse = errors.New("invalid response")
	// ErrRefused: WispHub refused the values of the request (400, 405, 415, 422). [Error.Fields]
	// has its texts.
	ErrRefused = errors.New("request refused")
	// ErrOutcomeUnknown: a write may have been carried out. Part of it may have been sent, and no
	// answer says that it was refused. Read it back to find out.
	ErrOutcomeUnknown = errors.New("outcome unknown")
)

const (
	maxDetail     = 300
	maxRetryAfter = time.Hour
)

// Error is a call that failed.
type Error struct {
	// Call is the method and the route, without host and query.
	Call string
	// StatusCode is 0 when no answer came.
	StatusCode int
	// Detail is the network's error text, or the upstream's if it holds no personal data; at most
	// 300 characters. It is for logs, never for callers of the API above.
	Detail string
	// Fields are the upstream's texts about refused values, by its field names. General texts are
	// under "". They are bounded and for callers; only with [ErrRefused].
	Fields map[string][]string
	// RetryAfter is how long to wait from the failure on, at most an hour; 0 when unknown. See
	// [RetryAfter] for what is left of it.
	RetryAfter     time.Duration
	failed         time.Time // when RetryAfter began; unset where there is none
	kind           error
	outcomeUnknown bool
	cause          error
}

func (e *Error) Error() string {
	text := "wisphub: " + e.Call + ": " + e.kind.Error()
	if e.outcomeUnknown {
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
	return target == e.kind || e.outcomeUnknown && target == ErrOutcomeUnknown
}

// Unwrap returns the cause, for example context.Canceled when the caller left.
func (e *Error) Unwrap() error { return e.cause }

// RetryAfter returns what is left of the wait of the [*Error] in err, to the second and at least
// one. Caches remember errors, so the error may be old. The result is 0 when no wait is known.
func RetryAfter(err error) time.Duration {
	e := (*Error)(nil)
	if !errors.As(err, &e) || e.RetryAfter == 0 {
		return 0
	}
	return max(e.RetryAfter-time.Since(e.failed).Truncate(time.Second), min(e.RetryAfter, time.Second))
}

func (c *call) invalid(status int, detail string) error {
	return &Error{Call: c.String(), StatusCode: status, Detail: shorten(detail), kind: ErrInvalidResponse}
}

// invalidList is the error of a list that is not whole. The cause says what is wrong.
func (c *call) invalidList(cause error) error {
	return &Error{
		Call: c.String(), StatusCode: http.StatusOK, Detail: cause.Error(), kind: ErrInvalidResponse, cause: cause,
	}
}

// budgetError is the error of a call that the limiter refused.
func (c *call) budgetError(refusal *ratelimit.Error) error {
	e := &Error{Call: c.String(), kind: ErrBudget, RetryAfter: refusal.RetryAfter, failed: time.Now()}
	switch {
	case refusal.Paused:
		e.kind = ErrRateLimited
	case refusal.NotFound:
		e.cause = ErrManyNotFound
	case refusal.ShareSpent:
		e.cause = ErrUserShare
	}
	if e.cause != nil {
		e.Detail = e.cause.Error()
	}
	return e
}

// refusal is the error of an answer whose status is not 2xx.
func (c *call) refusal(response *http.Response, kind content, body []byte, redact func(string) string) error {
	e := &Error{
		Call: c.String(), StatusCode: response.StatusCode,
		Detail: refusalDetail(response.StatusCode, kind, body), failed: time.Now(),
	}
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.kind = ErrInvalidResponse // a page of another server says nothing about the key
		if kind == jsonContent || kind == noContent {
			e.kind = ErrForbidden
		}
	case status == http.StatusNotFound && kind == jsonContent:
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
		if kind == jsonContent {
			e.Fields = fields(body, redact)
		}
	}
	return e
}

// refusalDetail returns the detail of an answer whose status is not 2xx.
func refusalDetail(status int, kind content, body []byte) string {
	switch {
	case kind == jsonContent:
		return detail(body)
	case kind == htmlContent && status == http.StatusInternalServerError:
		return "an HTML page"
	case kind == htmlContent:
		return htmlText
	case kind == noContent:
		return "no body"
	}
	return "neither JSON nor HTML"
}

// transportError is the error of a call without a complete answer. If ctx ended, the cause is
// ctx.Err() and not context.Cause, which may be any error.
func (c *call) transportError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	e := &Error{Call: c.String(), kind: ErrUnavailable, Detail: networkErrorText(err), cause: err}
	timeout := net.Error(nil)
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		e.kind = ErrTimeout
	}
	return e
}

// shorten bounds a text from the other side.
func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= maxDetail {
		return text
	}
	return string(runes[:maxDetail]) + "…"
}

// retryAfter reads seconds or an HTTP date. A malformed value is 0, and the result is at most an
// hour.
func retryAfter(header string) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.Atoi(header); err == nil || errors.Is(err, strconv.ErrRange) {
		wait = time.Duration(min(max(seconds, 0), int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), maxRetryAfter)
}
