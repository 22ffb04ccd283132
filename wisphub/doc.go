// Package wisphub is a client for the WispHub Net HTTP API as it really behaves.
//
// An [API] has one service per resource (Clients, Plans, Zones …), and every service reads like the
// others: a record, the options of its list, then List, Get and what else the resource knows. The
// oddities of the upstream end here: labels and codes are translated in labels.go, and the types of
// values.go absorb numbers sent as text, money as string or number, and half a dozen date forms. A value
// that cannot be understood is absent, never an error, so that one odd row does not hide three hundred
// good ones.
//
// Secrets that WispHub puts in its rows (four passwords a client) are not decoded at all.
//
// What the upstream refuses is an [*Error] that matches one of the sentinels ([ErrNotFound],
// [ErrForbidden], [ErrRateLimited], [ErrBudget], [ErrTimeout], [ErrUnavailable], [ErrInvalidResponse], [ErrRefused]) by errors.Is.
// A write is sent at most once, and that it was accepted does not say that it was kept. Its error matches [ErrOutcomeUnknown]
// when it may have been carried out; without that, nothing was changed.
//
// Calls are scarce. A budget lets them go so that no window of an hour or a minute holds more than WispHub allows, by the
// priority of the caller; a breaker keeps them back while WispHub is down; replicas share the budget by a [Book].
//
// The package does not know that it is cached and imports nothing of this project.
package wisphub
