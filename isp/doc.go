// Package isp holds what an internet service provider knows and decides: its clients and how to
// search them, its plans, zones, tickets and tasks, and the rules that all our APIs share.
//
// A [Provider] has one service for each noun: [Provider.Clients], [Provider.Tickets] and so on.
// The services read WispHub through [wisphub.API] and keep what they read in a [cache.Cache].
//
// WispHub's rows are converted once, when they arrive, into types that the APIs read directly. In
// them "" is no text, the zero [Decimal] no amount, and the zero [Date] and [time.Time] no date.
// Values that the package returns are shared between callers. Do not change them.
//
// There are three kinds of error. An [*InputError] says which input the caller must correct.
// [ErrAmbiguous] says that a look-up matches several customers. A [*FetchError] says what could
// not be read or written; [errors.Is] with one of the sentinels says why. A look-up that finds
// nothing returns nil without an error.
//
// The package knows neither HTTP nor GraphQL, nor which user is calling.
package isp
