package isp

import (
	"context"
	"errors"
	"strings"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub"
)

// The reasons of a [FetchError], and ErrAmbiguous. Use [errors.Is].
var (
	// ErrAmbiguous means that a look-up matches clients of several customers.
	ErrAmbiguous = errors.New("several clients match")
	// ErrUpstreamUnavailable means that WispHub refused, failed or sent an invalid answer, and memory
	// has nothing to serve.
	ErrUpstreamUnavailable = errors.New("upstream unavailable")
	// ErrUpstreamTimeout means that WispHub did not answer in time.
	ErrUpstreamTimeout = errors.New("upstream timeout")
	// ErrUpstreamRateLimited means that WispHub answered 429.
	ErrUpstreamRateLimited = errors.New("upstream rate limited")
	// ErrOutcomeUnknown means that a write was sent, and that it is unknown whether WispHub carried
	// it out. We do not send it again.
	ErrOutcomeUnknown = errors.New("the outcome of the write is unknown")
	// ErrRateLimited means that our own budget of upstream requests is spent.
	ErrRateLimited = errors.New("the budget of upstream requests is spent")
)

// An ErrRateLimited may also be one of these, if only the user is at its limit. Use [errors.Is].
var (
	// ErrUserShare means that the user has spent its share of the budget.
	ErrUserShare = wisphub.ErrUserShare
	// ErrManyNotFound means that too many look-ups of the user have found nothing.
	ErrManyNotFound = wisphub.ErrManyNotFound
)

// errNotFound is the error of a load that found that the thing does not exist. It never leaves the
// package.
var errNotFound = errors.New("not found")

// upstreamStatus returns the HTTP status of WispHub's answer, 0 if there was none.
func upstreamStatus(err error) int {
	upstream := (*wisphub.Error)(nil)
	if !errors.As(err, &upstream) {
		return 0
	}
	return upstream.StatusCode
}

// InputError says which input the caller must correct.
type InputError struct {
	// Field is the path of the argument or input field, for example ["filter", "cutOffFrom"].
	Field []string
	// Message is a clause without a subject, such as "must be 1 or more".
	Message string
}

func (e *InputError) Error() string { return strings.Join(e.Field, ".") + ": " + e.Message }

func invalid(message string, field ...string) error {
	return &InputError{Field: field, Message: message}
}

// invalidUnknown is the error for UNKNOWN in a filter. It marks values that we do not know, which
// may have nothing in common.
func invalidUnknown(field ...string) error {
	return invalid("UNKNOWN cannot be used as a filter", field...)
}

// FetchError says what could not be read or written. [errors.Is] matches it with exactly one of
// the ErrUpstream sentinels, ErrRateLimited and ErrOutcomeUnknown.
type FetchError struct {
	// Noun is the type of data: client, plan, zone and so on.
	Noun string
	// RetryAfter is how long to wait before another try; 0 when that is unknown.
	RetryAfter time.Duration
	kind       error
	cause      error
}

// aged returns err, which is or wraps e, with what is left of e's wait: a cache may have remembered e.
func (e *FetchError) aged(err error) error {
	left := wisphub.RetryAfter(e.cause)
	if left == 0 || left >= e.RetryAfter {
		return err
	}
	aged := *e
	aged.RetryAfter = left
	if err != error(e) {
		aged.cause = err
	}
	return &aged
}

func (e *FetchError) Error() string { return "fetch " + e.Noun + " data: " + e.cause.Error() }

// Is reports whether target is the reason of this error.
func (e *FetchError) Is(target error) bool { return target == e.kind }

// Unwrap returns the error that caused this one, for the log.
func (e *FetchError) Unwrap() error { return e.cause }

var _ cache.Remembered = (*rememberedError)(nil)

// rememberedError is a failure that the cache remembers for longer than its FailureTTL.
type rememberedError struct {
	error
	until time.Time
}

// rememberFor makes the cache remember a failure for that time, from now on.
func rememberFor(wait time.Duration, err error) error {
	return &rememberedError{err, time.Now().Add(wait)}
}

// RememberFor implements [cache.Remembered]. It counts down: one cache may load from another, which
// has remembered the error for a while.
func (e *rememberedError) RememberFor() time.Duration { return time.Until(e.until) }

func (e *rememberedError) Unwrap() error { return e.error }

// rememberBudgetError makes the cache remember a spent budget until the budget has room again.
// Other errors pass unchanged.
func rememberBudgetError(err error) error {
	if errors.Is(err, wisphub.ErrBudget) {
		return rememberFor(min(wisphub.RetryAfter(err), crawlTimeout), err)
	}
	return err
}

// fetchError returns err as a [FetchError] of the noun. A nil err stays nil.
func fetchError(noun string, err error) error {
	if err == nil {
		return nil
	}
	if already := (*FetchError)(nil); errors.As(err, &already) && already.Noun == noun {
		return already.aged(err)
	}
	fetch := &FetchError{
		Noun: noun, RetryAfter: wisphub.RetryAfter(err), kind: ErrUpstreamUnavailable, cause: err,
	}
	switch {
	case errors.Is(err, wisphub.ErrBudget), errors.Is(err, ErrRateLimited):
		fetch.kind = ErrRateLimited
	case errors.Is(err, wisphub.ErrRateLimited), errors.Is(err, ErrUpstreamRateLimited):
		fetch.kind = ErrUpstreamRateLimited
	case errors.Is(err, wisphub.ErrTimeout), errors.Is(err, ErrUpstreamTimeout), errors.Is(err, context.DeadlineExceeded):
		fetch.kind = ErrUpstreamTimeout
	}
	return fetch
}
