// Package wisphub is a client for the WispHub Net HTTP API as it really behaves.
//
// An [API] has one service per resource: Clients, Plans, Zones and so on. Each service file has
// the same order: a record, the options of its list, then List, Get and the other calls.
//
// The quirks of the upstream stop here. labels.go translates labels and codes. The types of
// values.go accept numbers sent as text, money as string or number, and several date formats. A
// value that cannot be understood is absent, never an error: one malformed row must not hide
// three hundred good ones. The four passwords that WispHub puts in each client row are not
// decoded.
//
// A refusal by the upstream is an [*Error] that matches one of the sentinels: [ErrNotFound],
// [ErrForbidden], [ErrRateLimited], [ErrBudget], [ErrTimeout], [ErrUnavailable],
// [ErrInvalidResponse] or [ErrRefused]. A write is sent at most once. If it may have been carried
// out, its error also matches [ErrOutcomeUnknown]; without that, nothing was changed. A write
// that WispHub accepted may still not have been stored: read it back.
//
// Calls are scarce. Package ratelimit keeps them within WispHub's limits and orders them by
// priority. A circuit breaker stops calls while WispHub is down. [ReadAll] reads a whole list or
// fails.
//
// The package knows nothing of the cache above it.
package wisphub
