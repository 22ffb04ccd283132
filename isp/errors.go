package isp

import (
	"context"
	"errors"
	"strings"
	"time"

	"wisphub-graphql/wisphub"
)

// What the faces tell callers about the upstream and about look-ups.
var (
	// ErrAmbiguous: the key fits clients of several customers.
	ErrAmbiguous = errors.New("several clients match")
	// ErrUpstreamUnavailable: WispHub refused, failed or answered nonsense, and memory has nothing to serve.
	ErrUpstreamUnavailable = errors.New("upstream unavailable")
	// ErrUpstreamTimeout: WispHub did not answer in time.
	ErrUpstreamTimeout = errors.New("upstream timeout")
	// ErrUpstreamRateLimited: WispHub asks to wait.
	ErrUpstreamRateLimited = errors.New("upstream rate limited")
	// ErrOutcomeUnknown: a write was sent, and nothing tells whether WispHub carried it out. We do not send it again.
	ErrOutcomeUnknown = errors.New("outcome of the write unknown")
	// ErrRateLimited: our budget of WispHub's calls is spent.
	ErrRateLimited = errors.New("budget of upstream calls spent")
)

// errNotFound is how a loader tells a cache that the thing does not exist. It does not leave the package.
var errNotFound = errors.New("not found")

// InputError says which input is wrong and why, in words for the caller.
type InputError struct {
	// Field is the path of the argument or input field, for example ["filter", "cutOffFrom"].
	Field   []string
	Message string
}

func (e *InputError) Error() string { return strings.Join(e.Field, ".") + ": " + e.Message }

func invalid(message string, field ...string) error {
	return &InputError{Field: field, Message: message}
}

// FetchError says what could not be fetched. It matches one of the ErrUpstream sentinels, ErrRateLimited
// or ErrOutcomeUnknown.
type FetchError struct {
	// Noun is what was wanted: client, plan, zone …
	Noun string
	// RetryAfter is how long to wait before another try; 0 when nobody said.
	RetryAfter time.Duration
	kind       error
	cause      error
}

func (e *FetchError) Error() string { return "fetch " + e.Noun + " data: " + e.cause.Error() }

// Is reports whether target is the sentinel of this error.
func (e *FetchError) Is(target error) bool { return target == e.kind }

// Unwrap returns what the upstream said, for the log.
func (e *FetchError) Unwrap() error { return e.cause }

// restingError is a failure that is the same until some time: it stands so long.
type restingError struct {
	error
	wait time.Duration
}

// Stands tells the cache how long the failure is remembered.
func (e *restingError) Stands() time.Duration { return e.wait }

func (e *restingError) Unwrap() error { return e.error }

// resting lets a failure stand until the budget has room again, which it says itself.
func resting(err error) error {
	if errors.Is(err, wisphub.ErrBudget) {
		return &restingError{err, min(wisphub.RetryAfter(err), crawlTimeout)}
	}
	return err
}

// fetchError names what err kept a caller from. A nil err stays nil.
func fetchError(noun string, err error) error {
	if err == nil {
		return nil
	}
	if already := (*FetchError)(nil); errors.As(err, &already) && already.Noun == noun {
		return err
	}
	fetch := &FetchError{Noun: noun, kind: ErrUpstreamUnavailable, cause: err}
	fetch.RetryAfter = wisphub.RetryAfter(err)
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
