// Package errcode has the error codes of the GraphQL API, the errors that its packages return, and
// how many errors a response may hold.
package errcode

import "github.com/99designs/gqlgen/graphql/errcode"

// The values of extensions.code. The list is closed: design.md, part 5.
const (
	Unauthenticated     = "UNAUTHENTICATED"
	Forbidden           = "FORBIDDEN"
	BadUserInput        = "BAD_USER_INPUT"
	NotFound            = "NOT_FOUND"
	Ambiguous           = "AMBIGUOUS"
	RateLimited         = "RATE_LIMITED"
	QueryTooComplex     = "QUERY_TOO_COMPLEX"
	UpstreamRateLimited = "UPSTREAM_RATE_LIMITED"
	UpstreamUnavailable = "UPSTREAM_UNAVAILABLE"
	UpstreamTimeout     = "UPSTREAM_TIMEOUT"
	OutcomeUnknown      = "OUTCOME_UNKNOWN"
	Internal            = "INTERNAL"

	// ParseFailed and ValidationFailed are set by gqlgen, too.
	ParseFailed      = errcode.ParseFailed
	ValidationFailed = errcode.ValidationFailed
)
